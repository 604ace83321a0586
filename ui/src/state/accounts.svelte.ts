// The plan's accounts in the user's order.

import type { AccountCard, AccountId, FailureView, MoveDirection } from "../ipc/bindings";
import { failureOf } from "../ipc/client";
import { coalesced } from "./coalesce";
import type { Session } from "./session.svelte";

export type Cards =
  | { at: "loading" }
  | { at: "ready"; cards: readonly AccountCard[] }
  | { at: "failed"; failure: FailureView };

export class Accounts {
  cards = $state.raw<Cards>({ at: "loading" });

  constructor(readonly session: Session) {}

  readonly read = coalesced(async () => {
    try {
      this.cards = { at: "ready", cards: await this.session.core.accounts() };
    } catch (thrown) {
      this.cards = { at: "failed", failure: failureOf(thrown) };
    }
  });

  /** Sends a change. Failures are shown above the list; returns whether it succeeded. */
  #change(command: () => Promise<unknown>): Promise<boolean> {
    return this.session.changes.enqueue(command, this.read);
  }

  async use(id: AccountId): Promise<boolean> {
    if (this.cards.at === "ready") {
      const cards = this.cards.cards.map((one) => ({ ...one, active: one.account.id === id }));
      this.cards = { at: "ready", cards };
    }
    const done = await this.#change(() => this.session.core.useAccount(id));
    await this.session.read();
    return done;
  }

  async rename(id: AccountId, label: string): Promise<boolean> {
    const done = await this.#change(() => this.session.core.renameAccount(id, label));
    await this.session.read();
    return done;
  }

  move(id: AccountId, direction: MoveDirection): Promise<boolean> {
    return this.#change(() => this.session.core.moveAccount(id, direction));
  }

  /** Throws the failure; the dialog shows it. */
  async disconnect(id: AccountId, next: AccountId | null, who: string): Promise<void> {
    await this.session.disconnect(id, next, who);
    await this.read();
  }
}
