// The name by which a second start finds the open window.
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import path from "node:path";

/** Returns the name on the session bus that the window of a home takes. */
export function instanceNameOf(home) {
  const folder = path.join(realpathSync(path.dirname(home)), path.basename(home));
  return `app.usher.Usher.home_${createHash("sha256").update(folder).digest("hex").slice(0, 16)}.SingleInstance`;
}
