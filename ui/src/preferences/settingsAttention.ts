// The announcement of a broken settings file.

import { preferences as texts } from "../text/panels/preferences";
import type { BrokenSettings } from "./settingsFile";

/** Returns what is announced; an error at another place is announced again. */
export function settingsAttention(file: BrokenSettings): { key: string; title: string } {
  const { title, text } = texts.broken(file.error, file.last_valid);
  return { key: `settings ${file.error}`, title: `${title}. ${text}` };
}
