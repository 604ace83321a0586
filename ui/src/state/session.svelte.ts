// What the core said last of the plan's provider. It asks, it keeps, it never invents.

import type { AccountId, DisconnectView, Link, Overview, Revoked, UsageView } from "../ipc/bindings";
import { failureOf, type Core } from "../ipc/client";
import { ModelCatalog } from "./modelCatalog.svelte";
import { Changes } from "./changes.svelte";
import { coalesced } from "./coalesce";

export type Usage =
  | { at: "unknown" }
  | { at: "loading" }
  | { at: "known"; view: UsageView; refreshing: boolean };

/** Numbers younger than this are not asked for again when the window comes to the front. */
const usageFreshMs = 5 * 60_000;

export class Session {
  overview = $state.raw<Overview | null>(null);
  usage = $state.raw<Usage>({ at: "unknown" });
  /** How the last Disconnect of this window ended, until the next sign-in. */
  disconnected = $state.raw<(DisconnectView & { who: string }) | null>(null);
  /** Whose sign-ins are still owed to OpenAI, of those that this window disconnected; the core knows e-mails only. */
  pendingNames = $state.raw<Readonly<Record<string, string>>>({});
  readonly changes = new Changes();
  readonly catalog: ModelCatalog;

  #account: string | null = null;
  #enabled = true;
  #usageAsked = 0;

  /** `signingIn`: this page is signing somebody in, and calls `renew` or `read` when that has ended. */
  constructor(
    readonly core: Core,
    readonly signingIn: () => boolean,
  ) {
    this.catalog = new ModelCatalog(core, "chatgpt", (ask) => this.changes.enqueue(ask, this.read));
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

  /** Another account, or none: what was known of the last one goes. */
  #follow(overview: Overview): void {
    const account = overview.account?.id ?? null;
    if (account !== this.#account) {
      this.#account = account;
      this.catalog.forget();
      this.usage = { at: "unknown" };
    }
    // What could not be had while the plan was off is asked for again.
    if (overview.enabled && !this.#enabled && this.catalog.models.at === "failed") this.catalog.forget();
    this.#enabled = overview.enabled;
    // The core tells of a new account before the sign-in says that it is done; asking then as well as in
    // `renew` would ask OpenAI for everything twice.
    const wanted = this.catalog.models.at === "none" && !this.signingIn();
    if (account !== null && accountReadable(overview) && wanted) {
      void this.catalog.load(false);
      if (signInUsable(overview)) void this.loadUsage();
    }
    this.catalog.follow(overview.selection);
    const seen = overview.usage;
    if (seen && this.usage.at !== "known") {
      this.usage = { at: "known", view: seen, refreshing: this.usage.at === "loading" };
    } else if (seen && this.usage.at === "known" && seen.seen_at > this.usage.view.seen_at) {
      this.usage = { ...this.usage, view: seen };
    }
  }

  /** After a sign-in: everything anew, also for the same account. */
  async renew(): Promise<void> {
    this.#account = null;
    this.disconnected = null;
    await this.read();
  }

  async loadUsage(): Promise<void> {
    const account = this.#account;
    this.#usageAsked = Date.now();
    const before = this.usage;
    this.usage = before.at === "known" ? { ...before, refreshing: true } : { at: "loading" };
    try {
      const view = await this.core.usage();
      if (account === this.#account) this.usage = { at: "known", view, refreshing: false };
    } catch {
      // The last known numbers stay; with none, the row is left out.
      if (account !== this.#account) return;
      this.usage = this.usage.at === "known" ? { ...this.usage, refreshing: false } : { at: "unknown" };
    }
  }

  /** A window of the plan began anew: what is shown is over. */
  refreshAfterReset(): void {
    if (Date.now() - this.#usageAsked < 60_000) return;
    void this.read();
    if (this.overview && signInUsable(this.overview)) void this.loadUsage();
  }

  /** The window came to the front: numbers may have aged. */
  seen(): void {
    if (this.#account === null || Date.now() - this.#usageAsked < usageFreshMs) return;
    if (this.overview && signInUsable(this.overview)) void this.loadUsage();
  }

  async setEnabled(enabled: boolean): Promise<void> {
    if (this.overview) this.overview = { ...this.overview, enabled };
    await this.changes.enqueue(() => this.core.setEnabled("chatgpt", enabled), this.read);
  }

  async unlock(): Promise<boolean> {
    const done = await this.changes.attempt(() => this.core.unlockStore());
    await this.read();
    return done;
  }

  /** Refusals are the caller's to show: the dialog stays open on them. */
  async disconnect(account: AccountId | null, who: string): Promise<void> {
    const owed = () => (this.overview?.pending_revocations ?? []).map((one) => one.id);
    const before = owed();
    this.disconnected = { ...(await this.core.disconnect(account)), who };
    await this.read();
    const more = owed().filter((id) => !before.includes(id));
    this.pendingNames = { ...this.pendingNames, ...Object.fromEntries(more.map((id) => [id, who])) };
  }

  async retryRevocation(id: string): Promise<Revoked | null> {
    let revoked: Revoked | null = null;
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

/** Whether the account's own things can be read. */
export function accountReadable(overview: Overview): boolean {
  switch (overview.attention?.code) {
    case "store_locked":
    case "store_unavailable":
    case "store_corrupt":
    case "sign_in_required":
      return false;
    default:
      return overview.account !== null;
  }
}

/** Whether OpenAI would still answer for this sign-in. */
export function signInUsable(overview: Overview): boolean {
  switch (overview.attention?.code) {
    case "sign_in_expired":
    case "sign_in_revoked":
    case "sign_in_reused":
    case "account_problem":
      return false;
    default:
      return accountReadable(overview);
  }
}
