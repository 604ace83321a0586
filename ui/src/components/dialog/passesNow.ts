// What passes use now, for notices and hints.

import type { PassUse } from "../../ipc/bindings";
import type { Core } from "../../ipc/client";
import { passes } from "../../text/accounts/disconnect";

/** Returns what each pass uses now, one sentence per pass; null without passes, or where it cannot be found out. */
export async function passesNow(core: Core): Promise<string | null> {
  const now = await core.passOutcomes(null).catch(() => []);
  return now.length === 0 ? null : passes.now(now);
}

/** Returns the names of the passes that use what `isIt` says. */
export async function passesUsing(
  core: Core,
  isIt: (use: PassUse & { kind: "uses" }) => boolean,
): Promise<readonly string[]> {
  const now = await core.passOutcomes(null).catch(() => []);
  return now.filter(({ next }) => next.kind === "uses" && isIt(next)).map(({ pass }) => pass);
}
