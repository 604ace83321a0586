// Runs one test at a time and says aloud what it finds.

import { untrack } from "svelte";

import { announcer } from "../components/announcer.svelte";
import type { ProviderId } from "../ipc/bindings";
import { failureOf, type Core } from "../ipc/client";
import { t, type ProviderTexts } from "../text";
import { started, idle, onEvent, failedToStart, stopped, stopping, type TestRun } from "./testRun";

/** Messages of a channel may come after the answer of its command. */
const graceMs = 1_000;

/** What a test is about. */
export interface TestSubject {
  who: string | null;
  model: string | null;
  enabled: boolean;
}

export class Tester {
  run = $state.raw<TestRun>(idle);
  /** Whose test it is; a test of another one takes its place. */
  provider = $state.raw<ProviderId>("chatgpt");
  #texts: ProviderTexts | null = null;
  #number = 0;

  constructor(readonly core: Core) {}

  runOf(provider: ProviderId): TestRun {
    return provider === this.provider ? this.run : idle;
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
        if (event.event === "finished" && event.result.ok) {
          announcer.say(t.test.stagePassed(event.result.stage));
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

  /** Results stay until the next test or a change of account or model. */
  forget(provider: ProviderId): void {
    if (provider !== this.provider) return;
    if (this.run.at === "running") void this.stop();
    this.#number += 1;
    this.run = idle;
  }

  /** Forgets results when account or model have changed, whoever changed them. For the beginning of a page. */
  follow(subjectOf: (provider: ProviderId) => TestSubject): void {
    let tested: (TestSubject & { id: ProviderId }) | null = null;
    $effect(() => {
      const id = this.provider;
      const { who, model, enabled } = subjectOf(id);
      const before = tested;
      tested = { id, who, model, enabled };
      if (before?.id !== id) return;
      // Nothing chosen, then the default that the first list names: that is one and the same model.
      const another = before.model !== model && before.model !== null && model !== null;
      // What a test found of one that was off says nothing of it any more.
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
      const title = this.#texts?.failure(next.failure.code).title ?? "";
      announcer.warn(t.test.failedAnnounced(next.stage, title));
    }
  }
}
