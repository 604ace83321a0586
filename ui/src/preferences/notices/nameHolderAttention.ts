// The announcement of another process that holds the window's name.

import type { NameHolder } from "../../ipc/bindings";
import { ended, sentences } from "../../text";
import { preferences as texts } from "../../text/preferences/preferences";

export function nameHolderAttention(holder: NameHolder): { key: string; title: string } {
  const { title, text } = texts.nameHolder(holder);
  return { key: "name_holder", title: sentences(ended(title), text) };
}
