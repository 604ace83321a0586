// Asks before a change that alters what passes use, and says afterwards what they use.

import { tick } from "svelte";

import type { PassChange, ProviderId } from "../../ipc/bindings";
import type { Core } from "../../ipc/client";
import { changeDialog } from "../../text/accounts/disconnectDialog";
import { passesNow } from "./passesNow";

export interface Question {
  title: string;
  /** What will happen besides, one sentence per item. */
  points: readonly string[];
  act: string;
  change: PassChange;
  action: () => Promise<unknown>;
  /** Title of the notice afterwards. */
  done: string;
}

export class PassQuestion {
  asked = $state.raw<Question | null>(null);
  #answer: (done: boolean) => void = () => undefined;

  constructor(
    readonly core: Core,
    /** Shows a notice on the panel. */
    readonly notify: (notice: { title: string; text: string }) => void,
  ) {}

  /** Makes the change at once where no pass is affected, else after a yes. Returns whether it was made. */
  async ask(question: Question): Promise<boolean> {
    // Without the outcomes nothing is known to change; the change itself reports what is wrong.
    const outcomes = await this.core.passOutcomes(question.change).catch(() => []);
    if (!outcomes.some((one) => one.changed)) {
      await question.action();
      return true;
    }
    const from = document.activeElement;
    const done = await new Promise<boolean>((answer) => {
      this.#answer = answer;
      this.asked = question;
    });
    this.asked = null;
    // What is behind the dialog takes no focus while that is there.
    await tick();
    if (from instanceof HTMLElement && from.isConnected) from.focus();
    if (done) await this.#say(question.done);
    return done;
  }

  /** Switches a provider off, after a yes where a pass is affected. `point` says what that means. */
  switchOff(
    provider: ProviderId,
    name: string,
    point: string,
    action: () => Promise<unknown>,
  ): Promise<boolean> {
    return this.ask({
      title: changeDialog.offQuestion(name),
      points: [point],
      act: changeDialog.off,
      change: { kind: "switch_off", provider },
      action,
      done: changeDialog.offDone(name),
    });
  }

  /** Called when the dialog has closed. */
  closed(done: boolean): void {
    this.#answer(done);
  }

  async #say(title: string): Promise<void> {
    const text = await passesNow(this.core);
    if (text !== null) this.notify({ title, text });
  }
}
