// Usage of the plan behind the Codex CLI's sign-in.

import type { AccountId } from "../ipc/bindings";
import type { Core } from "../ipc/client";
import type { Usage } from "../state/session.svelte";

export class CodexUsage {
  usage = $state.raw<Usage>({ at: "unknown" });
  #account: AccountId | null = null;
  #asked = 0;

  constructor(readonly core: Core) {}

  /** Loads the usage of the account. A failure keeps what is known of it; without any, the row is hidden. */
  async load(account: AccountId): Promise<void> {
    if (account !== this.#account) this.usage = { at: "unknown" };
    this.#account = account;
    this.#asked += 1;
    const asked = this.#asked;
    const before = this.usage;
    this.usage = before.at === "known" ? { ...before, refreshing: true } : { at: "loading" };
    const view = await this.core.usage("codex-cli").catch(() => null);
    if (asked !== this.#asked) return;
    if (view) this.usage = { at: "known", view, refreshing: false };
    else this.usage = before.at === "known" ? { ...before, refreshing: false } : { at: "unknown" };
  }
}
