// What can be done with an account of the list. Pure.

import type { AccountCard } from "../ipc/bindings";

/** Whether signing in again mends what is wrong with it. */
export function canSignIn({ attention }: AccountCard): boolean {
  switch (attention?.code) {
    case "sign_in_expired":
    case "sign_in_revoked":
    case "sign_in_reused":
    case "sign_in_required":
      return true;
    default:
      return false;
  }
}

/** Which one gets the focus when one has gone: the next, else the one before, else none. */
export function nextAfter(cards: readonly AccountCard[], gone: string): string | null {
  const at = cards.findIndex((card) => card.account.id === gone);
  return (cards[at + 1] ?? cards[at - 1])?.account.id ?? null;
}
