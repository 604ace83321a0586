// State of the plan as last read from the core.

import type { AccountId, DisconnectView, Link, Overview, RevocationView, UsageView } from "../ipc/bindings";
import { failureOf, type Core } from "../ipc/client";
import { ModelCatalog } from "./modelCatalog.svelte";
import { Changes } from "./changes.svelte";
import { coalesced } from "./coalesce";

export type Usage =
  | { at: "unknown" }
  | { at: "loading" }
  | { at: "known"; view: UsageView; refreshing: boolean };

/** Usage younger than this is not reloaded when the window comes to the front. */
const usageFreshMs = 5 * 60_000;

export class Session {
  overview = $state.raw<Overview | null>(null);
  usage = $state.raw<Usage>({ at: "unknown" });
  /** The account that the welcome to plan use was shown for. */
  welcomed = $state.raw<AccountId | null>(null);
  /** Result of this window's last Disconnect, until the next sign-in. */
  disconnected = $state.raw<(DisconnectView & { who: string }) | null>(null);
  /** Whose pending revocation OpenAI confirmed at a second try, until the next sign-in. */
  revokedFor = $state.raw<{ who: string | null } | null>(null);
  /** Account labels of pending revocations that this window caused; the core has only e-mail addresses. */
  pendingNames = $state.raw<Readonly<Record<string, string>>>({});
  readonly changes = new Changes();
  readonly catalog: ModelCatalog;

  #account: string | null = null;
  #enabled = true;
  #usageAsked = 0;

  /** `signingIn` returns whether this page runs a sign-in, after which it calls `reload` or `read`. */
  constructor(
    readonly core: Core,
    readonly signingIn: () => boolean,
  ) {
    this.catalog = new ModelCatalog(core, "chatgpt", (command) => this.changes.enqueue(command, this.read));
  }

  readonly read = coalesced(async () => {
    try {
      const overview = await this.core.overview();
      this.overview = overview;
      this.#follow(overview);
    } catch (thrown) {
      this.changes.failure = failureOf(thrown);
    }
  });

  /** Applies a new overview; discards the state of another account. */
  #follow(overview: Overview): void {
    const account = overview.account?.id ?? null;
    if (account !== this.#account) {
      // Somebody signed in, perhaps by another process: what was disconnected before is no news any more.
      if (this.#account === null) this.#forgetDisconnected();
      this.#account = account;
      this.catalog.forget();
      this.usage = { at: "unknown" };
    }
    // Reloads a list that failed while the plan was off.
    if (overview.enabled && !this.#enabled && this.catalog.models.at === "failed") this.catalog.forget();
    this.#enabled = overview.enabled;
    // The core reports a new account before the sign-in ends; loading now and in
    // `reload` would request everything from OpenAI twice.
    const wanted = this.catalog.models.at === "none" && !this.signingIn();
    if (account !== null && accountReadable(overview) && wanted) {
      void this.catalog.load(false);
      if (signInUsable(overview)) void this.loadUsage();
    }
    this.catalog.follow(overview.selection);
    this.catalog.followList(overview.models_version);
    const seen = overview.usage;
    if (seen && this.usage.at !== "known") {
      this.usage = { at: "known", view: seen, refreshing: this.usage.at === "loading" };
    } else if (seen && this.usage.at === "known" && seen.seen_at >= this.usage.view.seen_at) {
      this.usage = { ...this.usage, view: seen };
    }
  }

  /** Reloads everything after a sign-in, even for the same account. */
  async reload(): Promise<void> {
    this.#account = null;
    this.#forgetDisconnected();
    await this.read();
  }

  #forgetDisconnected(): void {
    this.disconnected = null;
    this.revokedFor = null;
  }

  async loadUsage(): Promise<void> {
    // ChatGPT reports nothing about it to apps.
    if (this.overview?.account?.route === "plan_usage") return;
    const account = this.#account;
    this.#usageAsked = Date.now();
    const before = this.usage;
    this.usage = before.at === "known" ? { ...before, refreshing: true } : { at: "loading" };
    try {
      const view = await this.core.usage("chatgpt");
      if (account === this.#account) this.usage = { at: "known", view: this.#newer(view), refreshing: false };
    } catch {
      // Keeps the last known usage; without any, the row is hidden.
      if (account !== this.#account) return;
      this.usage = this.usage.at === "known" ? { ...this.usage, refreshing: false } : { at: "unknown" };
    }
  }

  /** Returns a usage that was read, or the one that is known if that was seen later. */
  #newer(read: UsageView): UsageView {
    return this.usage.at === "known" && this.usage.view.seen_at > read.seen_at ? this.usage.view : read;
  }

  /** Reloads usage after a window of the plan was reset, at most once a minute. */
  refreshAfterReset(): void {
    if (Date.now() - this.#usageAsked < 60_000) return;
    void this.read();
    if (this.overview && signInUsable(this.overview)) void this.loadUsage();
  }

  /** Reloads old usage when the window comes to the front. */
  refreshIfStale(): void {
    if (this.#account === null || Date.now() - this.#usageAsked < usageFreshMs) return;
    if (this.overview && signInUsable(this.overview)) void this.loadUsage();
  }

  async setEnabled(enabled: boolean): Promise<void> {
    if (this.overview) this.overview = { ...this.overview, enabled };
    await this.changes.enqueue(() => this.core.setEnabled("chatgpt", enabled), this.read);
  }

  /** Names an account. Returns whether it succeeded. */
  async rename(account: AccountId, label: string): Promise<boolean> {
    const done = await this.changes.enqueue(() => this.core.renameAccount(account, label), this.read);
    await this.read();
    return done;
  }

  /** Notes that the welcome to plan use was shown for `account`. */
  async welcomeSeen(account: AccountId): Promise<void> {
    // Not again in this window, even if it could not be noted.
    this.welcomed = account;
    await this.changes.attempt(() => this.core.welcomeSeen(account));
  }

  async unlock(): Promise<boolean> {
    const done = await this.changes.attempt(() => this.core.unlockStore());
    await this.read();
    return done;
  }

  /** Disconnects the account; `next` is used instead, if any. Throws failures, so that the dialog stays open and shows them. */
  async disconnect(account: AccountId | null, next: AccountId | null, who: string): Promise<void> {
    const pendingIds = () => (this.overview?.pending_revocations ?? []).map((one) => one.id);
    const before = pendingIds();
    this.disconnected = { ...(await this.core.disconnect(account, next)), who };
    await this.read();
    const more = pendingIds().filter((id) => !before.includes(id));
    this.pendingNames = { ...this.pendingNames, ...Object.fromEntries(more.map((id) => [id, who])) };
  }

  async retryRevocation(id: string): Promise<RevocationView | null> {
    let revoked: RevocationView | null = null;
    await this.changes.attempt(async () => {
      revoked = await this.core.retryRevocation(id);
    });
    await this.read();
    return revoked;
  }

  async forgetRevocation(id: string): Promise<boolean> {
    const done = await this.changes.attempt(() => this.core.forgetRevocation(id));
    if (done) this.disconnected = null;
    await this.read();
    return done;
  }

  openLink(link: Link): void {
    void this.changes.attempt(() => this.core.openLink(link));
  }
}

/** Returns whether the store cannot be opened now, and has to be looked at in the panel of the plan. */
export function storeIsClosed({ attention }: Overview): boolean {
  return /^(store_(locked|unavailable)|passphrase_needed)$/.test(attention?.code ?? "");
}

/** Returns whether the account's data can be read from the store. */
export function accountReadable(overview: Overview): boolean {
  switch (overview.attention?.code) {
    case "store_locked":
    case "passphrase_needed":
    case "store_unavailable":
    case "store_corrupt":
    case "sign_in_required":
      return false;
    default:
      return overview.account !== null;
  }
}

/** Returns whether OpenAI still accepts this sign-in, as far as is known. */
export function signInUsable(overview: Overview): boolean {
  switch (overview.attention?.code) {
    case "sign_in_expired":
    case "sign_in_revoked":
    case "sign_in_reused":
    case "sign_in_moved":
    case "account_problem":
      return false;
    case "plan_use_not_allowed":
      return false;
    default:
      return accountReadable(overview) && overview.account?.plan_use !== "not_allowed";
  }
}
