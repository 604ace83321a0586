// Texts of the dialogs that ask before something is disconnected or changed, loaded with them.

import * as m from "#messages";

import type { StoreKind } from "../../ipc/bindings";

export const disconnectDialog = {
  title: (who: string) => m.disconnect_dialog_title({ who }),
  revoke: m.disconnect_dialog_revoke(),
  erase: {
    keyring: m.disconnect_dialog_erase_keyring(),
    file: m.disconnect_dialog_erase_file(),
    unknown: m.disconnect_dialog_erase_unknown(),
  } satisfies Record<StoreKind | "unknown", string>,
  refused: m.disconnect_dialog_refused(),
  refusedUntilChosen: m.disconnect_dialog_refused_until_chosen(),
  instead: (who: string) => m.disconnect_dialog_instead({ who }),
  insteadTitle: m.disconnect_dialog_instead_title(),
  noneInstead: m.disconnect_dialog_none_instead(),
  account: m.disconnect_dialog_account(),
  confirm: m.disconnect_dialog_confirm(),
  busy: m.disconnect_dialog_busy(),
  failedTitle: m.disconnect_dialog_failed_title(),
};

/** Labels of a dialog that asks before a change. */
export const changeDialog = {
  offQuestion: (name: string) => m.change_dialog_off_question({ name }),
  off: m.change_dialog_off(),
  offDone: (name: string) => m.change_dialog_off_done({ name }),
  busy: m.change_dialog_busy(),
  failed: m.change_dialog_failed(),
};
