// Texts of the fields for a new passphrase.

import * as m from "#messages";

import { minPassphraseChars } from "../../ipc/bindings";

export const newPassphrase = {
  field: m.new_passphrase_field(),
  again: m.new_passphrase_again(),
  show: m.passphrase_show(),
  length: m.new_passphrase_length({ count: minPassphraseChars }),
  tooShort: m.new_passphrase_too_short({ count: minPassphraseChars }),
  spaceAround: m.new_passphrase_space_around(),
  differ: m.new_passphrase_differ(),
};
