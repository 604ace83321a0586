// What is wrong with the store of the secrets. Pure functions.

import type { StoreFinding, StoreRepair } from "../ipc/bindings";

/** Returns the finding that keeps the store from being read, if there is one. */
export const unreadable = (findings: readonly StoreFinding[]): StoreFinding | null =>
  findings.find(({ kind }) => kind === "damaged" || kind === "other_key") ?? null;

/** Returns what repairs a finding. */
export function repairOf({ kind }: StoreFinding): StoreRepair {
  switch (kind) {
    case "open_to_others":
      return "make_private";
    case "lost_key_file":
      return "write_key_back";
    case "older_copy":
      return "accept_older_copy";
    default:
      return "set_aside";
  }
}
