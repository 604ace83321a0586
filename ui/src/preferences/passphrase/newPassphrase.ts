// Which new passphrase can be taken, as the core has the rule.

import { minPassphraseChars } from "../../ipc/bindings";
import { newPassphrase as texts } from "../../text/preferences/newPassphrase";

/** What is wrong, and with which of the two fields. */
export interface PassphraseProblem {
  field: "first" | "again";
  text: string;
}

/** Returns what is wrong with a new passphrase that was typed twice; null for one that can be taken. */
export function passphraseProblem(first: string, again: string): PassphraseProblem | null {
  if ([...first].length < minPassphraseChars) return { field: "first", text: texts.tooShort };
  if (first.trim() !== first) return { field: "first", text: texts.spaceAround };
  return first === again ? null : { field: "again", text: texts.differ };
}
