// Sends the user's changes to the core one after the other, and stores the last failure for display.

import type { FailureView } from "../ipc/bindings";
import { failureOf } from "../ipc/client";

export class Changes {
  /** The last failure, shown until the next attempt. */
  failure = $state.raw<FailureView | null>(null);
  /** Notice about a change that was made, shown on the next panel until the user navigates on. */
  removed = $state.raw<{ title: string; text: string } | null>(null);
  readonly notify = (notice: { title: string; text: string }) => {
    this.removed = notice;
  };
  #last: Promise<unknown> = Promise.resolve();
  #lastOf = new Map<() => Promise<void>, Promise<unknown>>();

  /** Runs a command and stores its failure; returns whether it succeeded. */
  async attempt(command: () => Promise<unknown>): Promise<boolean> {
    try {
      await command();
      this.failure = null;
      return true;
    } catch (thrown) {
      this.failure = failureOf(thrown);
      return false;
    }
  }

  /** Sends changes to the core one at a time in order, so that the last one wins. */
  async enqueue(command: () => Promise<unknown>, read: () => Promise<void>): Promise<boolean> {
    const queued = this.#last.then(() => this.attempt(command));
    this.#last = queued;
    this.#lastOf.set(read, queued);
    const done = await queued;
    // Reads only after the last queued change; before it, the core's state is older than the page's.
    if (this.#lastOf.get(read) === queued) await read();
    return done;
  }
}
