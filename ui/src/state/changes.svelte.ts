// What the person changes, on its way to the core: one after the other, and what was refused is kept to be
// shown.

import type { FailureView } from "../ipc/bindings";
import { failureOf } from "../ipc/client";

export class Changes {
  /** Something that was asked of the core and refused; shown until the next try. */
  failure = $state.raw<FailureView | null>(null);
  /** What has gone with the panel that it was removed in; shown where one is then, until one goes on. */
  removed = $state.raw<{ title: string; text: string } | null>(null);
  #last: Promise<unknown> = Promise.resolve();
  #lastOf = new Map<() => Promise<void>, Promise<unknown>>();

  /** Answers whether it was done. */
  async attempt(ask: () => Promise<unknown>): Promise<boolean> {
    try {
      await ask();
      this.failure = null;
      return true;
    } catch (thrown) {
      this.failure = failureOf(thrown);
      return false;
    }
  }

  /** Changes reach the core in the order in which they were made, so that the last one counts. */
  async enqueue(ask: () => Promise<unknown>, read: () => Promise<void>): Promise<boolean> {
    const asked = this.#last.then(() => this.attempt(ask));
    this.#last = asked;
    this.#lastOf.set(read, asked);
    const done = await asked;
    // The newest is shown already; the core knows it only after the last one.
    if (this.#lastOf.get(read) === asked) await read();
    return done;
  }
}
