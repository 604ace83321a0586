// Runs `codex login` and announces its result.

import { announcer } from "../components/accessibility/announcer.svelte";
import { failureOf, type Core } from "../ipc/client";
import { failures, t } from "../text";
import { codex } from "../text/tools/codex";
import { started, failed, idle, onEvent, type Login } from "./login";

export class CodexLogin {
  state = $state.raw<Login>(idle);

  constructor(
    readonly core: Core,
    readonly ended: () => unknown,
  ) {}

  async start(): Promise<void> {
    if (this.state.at === "running") return;
    this.state = started;
    announcer.say(codex.running);
    try {
      await this.core.codexLogin((event) => this.#set(onEvent(this.state, event)));
    } catch (thrown) {
      this.#set(failed(this.state, failureOf(thrown)));
    }
  }

  async stop(): Promise<void> {
    await this.core.stopCodexLogin().catch(() => undefined);
  }

  #set(next: Login): void {
    const before = this.state;
    this.state = next;
    if (next.at === before.at) return;
    if (next.at === "ended") {
      announcer.say(next.signedIn ? codex.done : codex.notDone);
      this.ended();
    } else if (next.at === "failed") {
      const missing = next.failure.code === "program_missing";
      const text = failures[next.failure.code];
      announcer.warn(
        missing
          ? t.announce.failure(codex.missing, codex.missingNext)
          : t.announce.failure(text.title, text.next),
      );
    }
  }
}
