// Runs one connection test at a time and announces its results.

import { untrack } from "svelte";

import { announcer } from "../components/accessibility/announcer.svelte";
import type { FailureView, ProviderId } from "../ipc/bindings";
import { failureOf, type Core } from "../ipc/client";
import { t, type ProviderTexts } from "../text";
import { started, idle, onEvent, failedToStart, stopped, stopping, type TestRun } from "./testRun";

/** Channel events may arrive after the command's response; wait this long for them. */
const graceMs = 1_000;

/** What a result depends on; a change discards it. */
export interface TestSubject {
  who: string | null;
  model: string | null;
  enabled: boolean;
}

export class Tester {
  run = $state.raw<TestRun>(idle);
  /** The tested provider. A test of another provider replaces the result. */
  provider = $state.raw<ProviderId>("chatgpt");
  #texts: ProviderTexts | null = null;
  #number = 0;

  constructor(readonly core: Core) {}

  runOf(provider: ProviderId): TestRun {
    return provider === this.provider ? this.run : idle;
  }

  /** Returns the failure that the test of `provider` shows, or null. */
  failureOf(provider: ProviderId): FailureView | null {
    const run = this.runOf(provider);
    return run.at === "failed" ? run.failure : null;
  }

  async start(provider: ProviderId, texts: ProviderTexts): Promise<void> {
    if (this.run.at === "running") {
      if (this.provider === provider) return;
      await this.stop();
    }
    this.#number += 1;
    this.provider = provider;
    this.#texts = texts;
    const number = this.#number;
    const current = () => number === this.#number;
    this.run = started;
    try {
      await this.core.runTest(provider, (event) => {
        if (!current()) return;
        this.#set(onEvent(this.run, event, Date.now()));
        if (event.event === "finished" && event.result.ok && event.result.finding?.kind !== "key_untried") {
          announcer.say(t.test.stagePassed(texts.stages[event.result.stage]));
        }
      });
    } catch (thrown) {
      if (current()) this.#set(failedToStart(this.run, failureOf(thrown)));
      return;
    }
    setTimeout(() => {
      if (current()) this.#set(stopped(this.run));
    }, graceMs);
  }

  async stop(): Promise<void> {
    this.run = stopping(this.run);
    await this.core.stopTest().catch(() => undefined);
  }

  /** Discards the result of `provider`. */
  forget(provider: ProviderId): void {
    if (provider !== this.provider) return;
    if (this.run.at === "running") void this.stop();
    this.#number += 1;
    this.run = idle;
  }

  /** Discards results when account or model change, in this or another process. Call once while the page is initialised. */
  follow(subjectOf: (provider: ProviderId) => TestSubject): void {
    let tested: (TestSubject & { id: ProviderId }) | null = null;
    $effect(() => {
      const id = this.provider;
      const { who, model, enabled } = subjectOf(id);
      const before = tested;
      tested = { id, who, model, enabled };
      if (before?.id !== id) return;
      // From no model to the default of the first list is not a change.
      const another = before.model !== model && before.model !== null && model !== null;
      // A result from before the provider was enabled is obsolete.
      const on = enabled && !before.enabled;
      if (before.who !== who || another || on) untrack(() => this.forget(id));
    });
  }

  #set(next: TestRun): void {
    const before = this.run;
    this.run = next;
    if (next === before || next.at === before.at) return;
    if (next.at === "passed") announcer.say(t.test.passedAnnounced(next.ms));
    else if (next.at === "stopped") announcer.say(t.test.stoppedAnnounced);
    else if (next.at === "failed") {
      const texts = this.#texts;
      if (texts === null) return;
      announcer.warn(
        t.test.failedAnnounced(texts.stages[next.stage], texts.failure(next.failure.code).title),
      );
    }
  }
}
