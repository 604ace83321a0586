// The announcement of a broken settings file.

import { ended, sentences } from "../../text";
import { preferences as texts } from "../../text/preferences/preferences";
import type { SettingsFileView } from "../../ipc/bindings";

/** Returns what is announced; an error at another place is announced again. */
export function settingsAttention(file: SettingsFileView): { key: string; title: string } {
  const { title, text } = texts.broken(file.error ?? "", file.last_valid);
  return { key: `settings ${file.error}`, title: sentences(ended(title), text) };
}
