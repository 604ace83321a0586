// Which passphrase can be taken for the secrets, as the core says it.

import { minPassphraseChars, secrets as texts } from "../../text/panels/secrets";

/** Returns what is wrong with a new passphrase that was typed twice; null for one that can be taken. */
export function passphraseProblem(first: string, second: string): string | null {
  if ([...first].length < minPassphraseChars) return texts.tooShort;
  if (first.trim() !== first) return texts.spaceAround;
  return first === second ? null : texts.differ;
}
