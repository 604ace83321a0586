// Texts of where secrets are kept, and of the question for their passphrase.

import * as m from "#messages";

import type { LeftOverKeyView, SecretsPlace } from "../../ipc/bindings";
import { sentence } from "../sentence";

export const secrets = {
  heading: m.secrets_heading(),
  now: {
    keyring: m.secrets_now_keyring(),
    passphrase: m.secrets_now_passphrase(),
    file: m.secrets_now_file(),
  } satisfies Record<SecretsPlace, string>,
  nothing: m.secrets_now_nothing(),
  change: m.secrets_change(),
  title: m.secrets_title(),
  about: m.secrets_about(),
  recommended: m.secrets_recommended(),
  who: {
    keyring: m.secrets_who_keyring(),
    passphrase: m.secrets_who_passphrase(),
    file: m.secrets_who_file(),
  } satisfies Record<SecretsPlace, string>,
  labels: { act: m.secrets_move(), busy: m.secrets_moving(), failed: m.secrets_failed() },
  moved: m.secrets_moved(),
  clean: m.secrets_clean(),
  left: ({ place, reason }: LeftOverKeyView) =>
    place === "keyring"
      ? m.secrets_left_keyring({ reason: sentence(reason) })
      : m.secrets_left_file({ reason: sentence(reason) }),
  leftNext: m.secrets_left_next(),
  gateway: (process: number) => m.secrets_gateway({ process: String(process) }),
  background: (reason: string) => m.secrets_background({ reason: sentence(reason) }),
};

export const passphrase = {
  title: m.passphrase_title(),
  about: m.passphrase_about(),
  field: m.passphrase_field(),
  show: m.passphrase_show(),
  labels: { act: m.passphrase_open(), busy: m.passphrase_opening(), failed: m.passphrase_failed() },
  wrong: m.passphrase_wrong(),
};
