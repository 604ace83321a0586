// The core in memory: for tests, and for looking at the page in a browser (`npm run dev`, then
// `?state=NAME`; the names are in scenes.ts). It plays the core's part, errors and delays included.

import type { DisconnectView, FailureView, Link, SignInEvent, SignInMethod, TestEvent } from "./bindings";
import { Failure, type Core } from "./client";
import {
  account,
  coded,
  failure,
  fresh,
  models,
  pending,
  sceneOf,
  signedIn,
  usage,
  type Scene,
} from "./scenes";

const isFailure = (value: object | string): value is FailureView =>
  typeof value === "object" && "code" in value;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export class FakeCore implements Core {
  scene: Scene;
  /** What was asked, in order, for tests to read. */
  readonly calls: string[] = [];
  /** What was opened in the browser. */
  readonly opened: Link[] = [];
  /** Refusals by command, for the next call only. */
  readonly refuse = new Map<string, FailureView>();
  #listeners = new Set<() => void>();
  #attempt: { emit: (event: SignInEvent) => void; end: () => void; method: SignInMethod } | null = null;
  #test: { emit: (event: TestEvent) => void; end: () => void } | null = null;

  constructor(readonly state: string) {
    this.scene = sceneOf(state, this.now());
  }

  now(): number {
    return Date.now() / 1000;
  }

  /** Another process changed something. */
  change(edit: (scene: Scene) => void): void {
    edit(this.scene);
    for (const listener of this.#listeners) listener();
  }

  /** Says something in the pending sign-in; an end ends it. */
  say(event: SignInEvent): void {
    this.#attempt?.emit(event);
  }

  /** The person allowed it in the browser. */
  async allow(): Promise<void> {
    this.say({ event: "exchanging" });
    await sleep(10);
    this.scene.overview = {
      ...signedIn(this.now()),
      pending_revocations: this.scene.overview.pending_revocations,
    };
    this.say({ event: "signed_in", account });
  }

  sayInTest(event: TestEvent): void {
    this.#test?.emit(event);
  }

  async #answer<T extends object>(command: string, value: T | FailureView): Promise<T> {
    this.calls.push(command);
    const refusal = this.refuse.get(command);
    this.refuse.delete(command);
    await sleep(0);
    if (refusal) throw new Failure(refusal);
    if (isFailure(value)) throw new Failure(value);
    return structuredClone(value);
  }

  async #done(command: string): Promise<void> {
    await this.#answer(command, {});
  }

  overview() {
    return this.#answer("overview", this.scene.overview);
  }

  async signIn(method: SignInMethod, onEvent: (event: SignInEvent) => void): Promise<void> {
    this.#attempt?.end();
    await this.#done(`sign_in ${method}`);
    const joined = this.scene.overview.signing_in;
    const now = this.now();
    const usual = method === "device" ? coded(now) : this.scene.signIn;
    const steps = joined || this.scene.press.length > 0 ? this.scene.signIn : usual;
    await new Promise<void>((resolve) => {
      const attempt = {
        method,
        end: resolve,
        emit: (event: SignInEvent) => {
          onEvent(event);
          if (event.event !== "signed_in" && event.event !== "failed") return;
          this.scene.overview = { ...this.scene.overview, signing_in: false };
          if (this.#attempt === attempt) this.#attempt = null;
          resolve();
        },
      };
      this.#attempt = attempt;
      void (async () => {
        for (const step of steps) {
          if (step.after > 0) await sleep(step.after);
          if (this.#attempt !== attempt) return;
          const paste = method === "paste" && step.event.event === "open";
          attempt.emit(paste ? ({ ...step.event, opened: false } as SignInEvent) : step.event);
        }
      })();
    });
  }

  async cancelSignIn(): Promise<void> {
    await this.#done("cancel_sign_in");
    this.scene.overview = { ...this.scene.overview, signing_in: false };
    this.say({ event: "failed", ...failure("cancelled") });
  }

  async pasteRedirect(url: string): Promise<void> {
    await this.#done(`paste_redirect ${url}`);
    if (!/[?&]code=/.test(url)) throw new Failure(failure("bad_url"));
    void this.allow();
  }

  async openLink(link: Link): Promise<void> {
    await this.#done(`open_link ${link}`);
    this.opened.push(link);
  }

  models(refresh: boolean) {
    if (refresh) this.scene.models = this.scene.refreshed ?? this.scene.models;
    if (refresh && !isFailure(this.scene.models) && !this.scene.models.stale) {
      this.scene.models = { ...this.scene.models, fetched_at: this.now() };
    }
    return this.#answer(`models ${refresh}`, this.scene.models);
  }

  async choose(model: string, effort: string | null) {
    const { overview } = this.scene;
    const selection = await this.#answer(`choose ${model} ${effort}`, {
      ...overview.selection,
      model,
      effort,
    });
    this.scene.overview = { ...this.scene.overview, selection };
    if (!isFailure(this.scene.models)) {
      const list = this.scene.models.models.map((one) => ({ ...one, chosen: one.id === model }));
      this.scene.models = { ...this.scene.models, models: list };
    }
    return selection;
  }

  usage() {
    if (this.scene.usage === "never") return new Promise<never>(() => undefined);
    return this.#answer("usage", this.scene.usage);
  }

  async runTest(onEvent: (event: TestEvent) => void): Promise<void> {
    await this.#done("run_test");
    await new Promise<void>((resolve) => {
      const test = { emit: onEvent, end: resolve };
      this.#test = test;
      void (async () => {
        for (const { after, event } of this.scene.test) {
          await sleep(after);
          if (this.#test !== test) return;
          onEvent(event);
          if (event.event === "ended") resolve();
        }
      })();
    });
  }

  async stopTest(): Promise<void> {
    await this.#done("stop_test");
    const test = this.#test;
    this.#test = null;
    test?.end();
  }

  async disconnect(): Promise<DisconnectView> {
    const view = await this.#answer<DisconnectView>("disconnect", this.scene.disconnect);
    const owed = view.revoked === "pending" ? [pending(this.now())] : [];
    this.scene.overview = { ...fresh(), pending_revocations: owed };
    return view;
  }

  async retryRevocation(id: string) {
    await this.#done(`retry_revocation ${id}`);
    this.#forget(id);
    return "yes" as const;
  }

  async forgetRevocation(id: string): Promise<void> {
    await this.#done(`forget_revocation ${id}`);
    this.#forget(id);
  }

  #forget(id: string): void {
    const owed = this.scene.overview.pending_revocations.filter((one) => one.id !== id);
    this.scene.overview = { ...this.scene.overview, pending_revocations: owed };
  }

  async setEnabled(enabled: boolean): Promise<void> {
    await this.#done(`set_enabled ${enabled}`);
    this.scene.overview = { ...this.scene.overview, enabled };
  }

  async unlockStore(): Promise<void> {
    await this.#done("unlock_store");
    await sleep(50);
    this.scene.overview = signedIn(this.now());
  }

  painted(): Promise<void> {
    return this.#done("painted");
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

declare global {
  interface Window {
    /** The in-memory core, for browser tests and for playing with a preview. */
    fake?: FakeCore;
  }
}

/** The core of a preview; presses the buttons that lead to the scene. */
export function fakeFrom(address: Location): FakeCore {
  const core = new FakeCore(new URLSearchParams(address.search).get("state") ?? "first-run");
  window.fake = core;
  void (async () => {
    for (const selector of core.scene.press) {
      for (let tries = 0; tries < 100; tries += 1) {
        const button = document.querySelector<HTMLElement>(selector);
        await sleep(20);
        if (!button) continue;
        button.focus();
        button.click();
        break;
      }
    }
  })();
  return core;
}

export { failure, models, usage };
