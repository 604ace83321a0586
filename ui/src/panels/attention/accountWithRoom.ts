// Finds another account that has something left of its plan, for the notice about a limit.

import type { AccountCard, AccountId } from "../../ipc/bindings";
import type { Core } from "../../ipc/client";
import { percentLeft } from "../../usage/windows";

export interface AccountWithRoom {
  id: AccountId;
  name: string;
  /** Percent of its fullest window, as last seen. */
  left: number;
}

/** Returns the account with the most left; null where none is known to have any, or the list cannot be read. */
export async function accountWithRoom(core: Core, now: number): Promise<AccountWithRoom | null> {
  const cards = await core.accounts().catch(() => []);
  return mostLeft(cards, now);
}

export function mostLeft(cards: readonly AccountCard[], now: number): AccountWithRoom | null {
  const rooms = cards
    .filter(({ active, attention }) => !active && attention === null)
    .map(({ account, usage }) => ({ id: account.id, name: account.name, left: percentLeft(usage, now) ?? 0 }))
    .filter(({ left }) => left > 0);
  return rooms.reduce<AccountWithRoom | null>(
    (most, one) => (most && most.left >= one.left ? most : one),
    null,
  );
}
