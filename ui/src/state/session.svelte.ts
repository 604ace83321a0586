// What the core said last: one small store for the page. It asks, it keeps, it never invents.

import type {
  DisconnectView,
  FailureView,
  Link,
  ModelsView,
  Overview,
  Revoked,
  UsageView,
} from "../ipc/bindings";
import { failureOf, type Core } from "../ipc/client";

export type Models =
  | { at: "none" }
  | { at: "loading" }
  | { at: "ready"; view: ModelsView; refreshing: boolean }
  | { at: "failed"; failure: FailureView; refreshing: boolean };

export type Usage =
  | { at: "unknown" }
  | { at: "loading" }
  | { at: "known"; view: UsageView; refreshing: boolean };

/** Numbers younger than this are not asked for again when the window comes to the front. */
const usageFreshMs = 5 * 60_000;

export class Session {
  overview = $state.raw<Overview | null>(null);
  models = $state.raw<Models>({ at: "none" });
  usage = $state.raw<Usage>({ at: "unknown" });
  /** How the last Disconnect of this window ended, until the next sign-in. */
  disconnected = $state.raw<DisconnectView | null>(null);
  /** Something that was asked of the core and refused; shown until the next try. */
  refused = $state.raw<FailureView | null>(null);

  #account: string | null = null;
  #modelsAsked: Promise<ModelsView | null> | null = null;
  #usageAsked = 0;
  #reading: Promise<void> | null = null;
  #readingNext: Promise<void> | null = null;
  #changing: Promise<unknown> = Promise.resolve();

  /** `signingIn`: this page is signing somebody in, and calls `renew` or `read` when that has ended. */
  constructor(
    readonly core: Core,
    readonly signingIn: () => boolean,
  ) {}

  /** Reads the overview. Calls that come while one is under way share one more reading and wait for it:
   * what they get is never older than their question. */
  read(): Promise<void> {
    if (!this.#reading) {
      this.#reading = this.#readOnce().finally(() => (this.#reading = null));
      return this.#reading;
    }
    this.#readingNext ??= this.#reading.then(() => {
      this.#readingNext = null;
      return this.read();
    });
    return this.#readingNext;
  }

  async #readOnce(): Promise<void> {
    try {
      const overview = await this.core.overview();
      this.overview = overview;
      this.#follow(overview);
    } catch (thrown) {
      this.refused = failureOf(thrown);
    }
  }

  /** Another account, or none: what was known of the last one goes. */
  #follow(overview: Overview): void {
    const account = overview.account?.id ?? null;
    if (account !== this.#account) {
      this.#account = account;
      this.#modelsAsked = null;
      this.models = { at: "none" };
      this.usage = { at: "unknown" };
    }
    // The core tells of a new account before the sign-in says that it is done; asking then as well as in
    // `renew` would ask OpenAI for everything twice.
    const wanted = this.models.at === "none" && !this.signingIn();
    if (account !== null && readable(overview) && wanted) {
      void this.loadModels(false);
      if (alive(overview)) void this.loadUsage();
    }
    // Another process may have chosen, too.
    if (overview.selection.model !== null) this.#mark(overview.selection.model);
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

  /** Answers with the list if there is one now. Whoever asks meanwhile gets the same answer. */
  loadModels(refresh: boolean): Promise<ModelsView | null> {
    this.#modelsAsked ??= this.#loadModels(refresh).finally(() => (this.#modelsAsked = null));
    return this.#modelsAsked;
  }

  async #loadModels(refresh: boolean): Promise<ModelsView | null> {
    const account = this.#account;
    const before = this.models;
    const shown = before.at === "ready" || before.at === "failed";
    this.models = shown ? { ...before, refreshing: true } : { at: "loading" };
    try {
      const view = await this.core.models(refresh);
      if (account !== this.#account) return null;
      this.models = { at: "ready", view, refreshing: false };
      return view;
    } catch (thrown) {
      if (account !== this.#account) return null;
      const failure = failureOf(thrown);
      this.models = { at: "failed", failure, refreshing: false };
      return null;
    }
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
  begunAnew(): void {
    if (Date.now() - this.#usageAsked < 60_000) return;
    void this.read();
    if (this.overview && alive(this.overview)) void this.loadUsage();
  }

  /** The window came to the front: numbers may have aged. */
  seen(): void {
    if (this.#account === null || Date.now() - this.#usageAsked < usageFreshMs) return;
    if (this.overview && alive(this.overview)) void this.loadUsage();
  }

  /** Marks the chosen model in the list. One that the list does not have leaves it as it is. */
  #mark(chosen: string): void {
    if (this.models.at !== "ready") return;
    const wanted = this.models.view.models.find((one) => one.id === chosen);
    if (!wanted || wanted.chosen) return;
    const models = this.models.view.models.map((one) => ({ ...one, chosen: one === wanted }));
    this.models = { ...this.models, view: { ...this.models.view, models } };
  }

  async choose(model: string, effort: string | null): Promise<void> {
    this.#mark(model);
    if (this.overview) {
      const selection = { ...this.overview.selection, model, effort };
      this.overview = { ...this.overview, selection };
    }
    await this.#change(() => this.core.choose(model, effort));
  }

  async setEnabled(enabled: boolean): Promise<void> {
    if (this.overview) this.overview = { ...this.overview, enabled };
    await this.#change(() => this.core.setEnabled(enabled));
  }

  /** Changes reach the core in the order in which they were made, so that the last one counts. */
  async #change(ask: () => Promise<unknown>): Promise<void> {
    const asked = this.#changing.then(() => this.#do(ask));
    this.#changing = asked;
    await asked;
    // The newest is shown already; the core knows it only after the last one.
    if (this.#changing === asked) await this.read();
  }

  async unlock(): Promise<boolean> {
    const done = await this.#do(() => this.core.unlockStore());
    await this.read();
    return done;
  }

  /** Refusals are the caller's to show: the dialog stays open on them. */
  async disconnect(): Promise<DisconnectView> {
    const view = await this.core.disconnect();
    this.disconnected = view;
    await this.read();
    return view;
  }

  async retryRevocation(id: string): Promise<Revoked | null> {
    let revoked: Revoked | null = null;
    await this.#do(async () => {
      revoked = await this.core.retryRevocation(id);
    });
    await this.read();
    return revoked;
  }

  async forgetRevocation(id: string): Promise<boolean> {
    const done = await this.#do(() => this.core.forgetRevocation(id));
    if (done) this.disconnected = null;
    await this.read();
    return done;
  }

  openLink(link: Link): void {
    void this.#do(() => this.core.openLink(link));
  }

  async #do(ask: () => Promise<unknown>): Promise<boolean> {
    try {
      await ask();
      this.refused = null;
      return true;
    } catch (thrown) {
      this.refused = failureOf(thrown);
      return false;
    }
  }
}

/** Whether the account's own things can be read. */
export function readable(overview: Overview): boolean {
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
export function alive(overview: Overview): boolean {
  switch (overview.attention?.code) {
    case "sign_in_expired":
    case "sign_in_revoked":
    case "sign_in_reused":
    case "account_problem":
      return false;
    default:
      return readable(overview);
  }
}
