// Rules for the accounts list. Pure functions.

import type { AccountCard } from "../ipc/bindings";

/** Returns whether signing in again can fix the account's problem. */
export function canSignIn({ attention }: AccountCard): boolean {
  switch (attention?.code) {
    case "sign_in_expired":
    case "sign_in_revoked":
    case "sign_in_reused":
    case "sign_in_moved":
    case "sign_in_required":
      return true;
    default:
      return false;
  }
}

/** Returns the account to focus after `gone` was removed: the next one, else the previous one, else none. */
export function nextAfter(cards: readonly AccountCard[], gone: string): string | null {
  const at = cards.findIndex((card) => card.account.id === gone);
  return (cards[at + 1] ?? cards[at - 1])?.account.id ?? null;
}
