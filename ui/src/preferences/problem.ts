// What a change of a preference says when it fails.

import { failureOf } from "../ipc/client";
import { failures } from "../text";
import { preferences as texts } from "../text/preferences/preferences";

/** Returns the sentences for a change that failed; null where the person closed the system's dialog. */
export function problemOf(thrown: unknown): string | null {
  const { code, cause } = failureOf(thrown);
  return code === "cancelled" ? null : texts.notChanged(failures[code].title, cause);
}
