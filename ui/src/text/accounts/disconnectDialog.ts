// Texts of the dialogs that ask before something is disconnected or changed, loaded with them.

import type { StoreKind } from "../../ipc/bindings";

export const disconnectDialog = {
  title: (who: string) => `Disconnect ${who}?`,
  revoke: "Usher asks OpenAI to end this sign-in.",
  erase: {
    keyring: "The sign-in is deleted from your keyring.",
    file: "The sign-in is deleted from the encrypted file.",
    unknown: "The sign-in is deleted from this computer.",
  } satisfies Record<StoreKind | "unknown", string>,
  refused: "Requests through Usher are refused until you sign in again.",
  refusedUntilChosen: "Requests through Usher are refused until you choose another account.",
  instead: (who: string) => `Use ${who} instead`,
  insteadTitle: "Account in use after this",
  noneInstead: "None",
  account: "Your OpenAI account and plan do not change.",
  confirm: "Disconnect",
  busy: "Disconnecting",
  failedTitle: "Could not disconnect.",
};

/** Labels of a dialog that asks before a change. */
export const changeDialog = {
  offQuestion: (name: string) => `Switch ${name} off?`,
  off: "Switch off",
  offDone: (name: string) => `${name} is switched off`,
  busy: "Changing",
  failed: "Could not change it.",
};
