// Texts of a move to another computer, loaded with Preferences.

import * as m from "#messages";

import type { NotMovedReason, ProviderId, StayingAccountView, TransferAccountView } from "../../ipc/bindings";
import * as f from "../format";
import { sentence } from "../sentence";

const staying: Record<NotMovedReason, (name: string) => string> = {
  of_this_computer: (name) => m.transfer_stays_of_this_computer({ name }),
  ended: (name) => m.transfer_stays_ended({ name }),
  refresh_interrupted: (name) => m.transfer_stays_interrupted({ name }),
  other_address: (name) => m.transfer_stays_address({ name }),
};

export const transfer = {
  row: m.transfer_row(),
  about: m.transfer_about(),
  send: m.transfer_send(),
  open: m.transfer_open(),
  sendAbout: m.transfer_send_about(),
  withSignIns: m.transfer_with_sign_ins(),
  leaves: m.transfer_leaves(),
  leavesAbout: m.transfer_leaves_about(),
  stays: m.transfer_stays(),
  staying: ({ name, reason }: StayingAccountView) => staying[reason](name),
  /** Accounts and keys, a line for each. `nameOf` names a provider. */
  records: (
    accounts: readonly TransferAccountView[],
    keys: readonly ProviderId[],
    nameOf: (provider: ProviderId) => string,
  ) => [
    ...accounts.map(({ name, email }) => (email ? `${name} · ${email}` : name)),
    ...keys.map((provider) => m.transfer_key_of({ provider: nameOf(provider) })),
  ],
  nothing: m.transfer_nothing(),
  passphrase: m.transfer_passphrase(),
  passphraseShow: m.passphrase_show(),
  passphraseAbout: m.transfer_passphrase_about(),
  saveLabels: { act: m.transfer_save(), busy: m.transfer_saving() },
  saved: m.transfer_saved(),
  savedAnnounced: m.transfer_saved_announced(),
  openAbout: m.transfer_open_about(),
  openLabels: { act: m.transfer_open_act(), busy: m.transfer_opening() },
  contentsTitle: m.transfer_contents_title(),
  contentsAbout: m.transfer_contents_about(),
  arrives: m.transfer_arrives(),
  replaces: (names: readonly string[]) => m.transfer_replaces({ names: f.list(names) }),
  withSettings: m.transfer_with_settings(),
  settingsStay: (cause: string) => m.transfer_settings_stay({ cause: sentence(cause) }),
  takeLabels: { act: m.transfer_take(), busy: m.transfer_taking(), failed: m.transfer_take_failed() },
  taken: m.transfer_taken(),
  leftFile: m.transfer_left_file(),
  interrupted: m.transfer_interrupted(),
  finish: m.transfer_finish(),
  cancel: m.transfer_cancel(),
  takenBack: m.transfer_taken_back(),
  lostTitle: m.transfer_lost_title(),
  lostText: m.transfer_lost_text(),
  lostLabels: {
    act: m.transfer_lost_act(),
    busy: m.transfer_taking_back(),
    failed: m.transfer_lost_failed(),
  },
};
