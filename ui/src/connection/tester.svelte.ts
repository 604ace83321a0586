// Runs one test at a time and says aloud what it finds.

import { announcer } from "../components/announcer.svelte";
import type { ProviderId } from "../ipc/bindings";
import { failureOf, type Core } from "../ipc/client";
import { t, type ProviderTexts } from "../text";
import { begun, idle, onEvent, refused, stopped, stopping, type TestRun } from "./testRun";

/** Messages of a channel may come after the answer of its command. */
const graceMs = 1_000;

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
    this.run = begun;
    try {
      await this.core.runTest(provider, (event) => {
        if (!current()) return;
        this.#set(onEvent(this.run, event, Date.now()));
        if (event.event === "finished" && event.result.ok) {
          announcer.say(t.test.stagePassed(event.result.stage));
        }
      });
    } catch (thrown) {
      if (current()) this.#set(refused(this.run, failureOf(thrown)));
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
