// Runs one sign-in attempt at a time against the core. Events of an attempt that was replaced are dropped.

import type { AccountId, SignInMethod, SignInPurpose, SignInRoute } from "../ipc/bindings";
import { failureOf, type Core } from "../ipc/client";
import { failed, idle, methodOf, onEvent, starting, isPending, type SignInState } from "./signIn";

/** Lets a reloaded page rejoin a pending sign-in with the right method. */
const key = "usher.sign-in";
const purposeKey = "usher.sign-in.purpose";
const routeKey = "usher.sign-in.route";

/** Channel events may arrive after the command's response; wait this long for the end. */
const graceMs = 1_000;

export class SignInFlow {
  state = $state.raw<SignInState>(idle);
  /** Which of OpenAI's sign-ins it is. */
  route = $state<SignInRoute>("codex_client");
  /** Whose sign-in it is to be. */
  purpose: SignInPurpose = { kind: "any" };
  /** The other account that signed in, where it is to be used once it is here. */
  toUse: AccountId | null = null;
  #attempt = 0;

  constructor(
    readonly core: Core,
    readonly changed: (state: SignInState, before: SignInState) => void,
  ) {}

  #set(next: SignInState) {
    const before = this.state;
    if (next === before) return;
    this.state = next;
    this.changed(next, before);
  }

  /** Begins a sign-in; {@link start} continues it with another method. */
  begin(route: SignInRoute, method: SignInMethod, purpose: SignInPurpose): Promise<void> {
    this.route = route;
    this.purpose = purpose;
    this.toUse = null;
    sessionStorage.setItem(routeKey, route);
    sessionStorage.setItem(purposeKey, JSON.stringify(purpose));
    return this.start(method);
  }

  async start(method: SignInMethod): Promise<void> {
    this.#attempt += 1;
    const attempt = this.#attempt;
    sessionStorage.setItem(key, method);
    this.#set(starting(method));
    const current = () => attempt === this.#attempt;
    try {
      await this.core.signIn(this.route, method, this.purpose, (event) => {
        if (current()) this.#set(onEvent(this.state, event));
      });
    } catch (thrown) {
      if (current()) this.#set(failed(this.state, failureOf(thrown)));
      return;
    }
    setTimeout(() => {
      if (current() && isPending(this.state)) this.#set(idle);
    }, graceMs);
  }

  /** Joins a pending sign-in that this page did not start. */
  join(): void {
    if (isPending(this.state)) return;
    const purpose = sessionStorage.getItem(purposeKey);
    if (purpose !== null) this.purpose = JSON.parse(purpose) as SignInPurpose;
    this.route = (sessionStorage.getItem(routeKey) as SignInRoute | null) ?? this.route;
    void this.start((sessionStorage.getItem(key) as SignInMethod | null) ?? "browser");
  }

  async cancel(): Promise<void> {
    this.#attempt += 1;
    this.#set(idle);
    await this.core.cancelSignIn().catch(() => undefined);
  }

  /** Keeps the other account that signed in; the attempt goes on. It is used only after what passes use was shown. */
  async keepOther(use: boolean): Promise<void> {
    const { state } = this;
    if (state.at !== "other") return;
    this.toUse = use ? state.account.id : null;
    this.#set({ at: "checking", method: state.method });
    try {
      await this.core.answerOtherAccount("add");
    } catch (thrown) {
      this.#set(failed(this.state, failureOf(thrown)));
    }
  }

  /** Ends the sign-in of another account, and starts again for the requested one. */
  async startOver(): Promise<void> {
    const method = methodOf(this.state);
    this.#attempt += 1;
    this.#set(starting(method));
    await this.core.cancelSignIn().catch(() => undefined);
    await this.start(method);
  }

  /** Dismisses a failure or a finished sign-in. */
  leave(): void {
    if (!isPending(this.state)) this.#set(idle);
  }

  retry(): Promise<void> {
    return this.start(methodOf(this.state));
  }
}
