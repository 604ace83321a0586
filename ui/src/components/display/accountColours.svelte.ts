// The colours of the accounts that are kept here, for every screen.

import { colourOf } from "./colourOf";

class AccountColours {
  /** By the id of the account, where there are several. */
  known = $state.raw<ReadonlyMap<string, number>>(new Map());

  of(id: string): number {
    return this.known.get(id) ?? colourOf(id);
  }
}

export const accountColours = new AccountColours();
