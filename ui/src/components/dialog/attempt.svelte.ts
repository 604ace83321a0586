// The action of a dialog: one run at a time, and how the last one failed.

import type { FailureView } from "../../ipc/bindings";
import { failureOf } from "../../ipc/client";
import { failures, t } from "../../text";
import { announcer } from "../accessibility/announcer.svelte";

export class Attempt {
  #busy = $state(false);
  #failure = $state.raw<FailureView | null>(null);

  get busy(): boolean {
    return this.#busy;
  }

  /** How the last run failed; null after one that did not, and where the person closed the system's dialog. */
  get failure(): FailureView | null {
    return this.#failure;
  }

  /** Runs the action unless it runs already. A failure is announced after what `failed` says. */
  async run(action: () => Promise<unknown>, failed?: string): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#failure = null;
    try {
      await action();
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (failure.code !== "cancelled") this.#fail(failure, failed);
    } finally {
      this.#busy = false;
    }
  }

  #fail(failure: FailureView, failed?: string) {
    this.#failure = failure;
    const { title, next } = failures[failure.code];
    const text = t.announce.failure(title, next);
    announcer.warn(failed ? `${failed} ${text}` : text);
  }
}
