// Runs one sign-in attempt at a time against the core. Events of an attempt that was replaced are dropped.

import type { SignInMethod } from "../ipc/bindings";
import { failureOf, type Core } from "../ipc/client";
import { failed, idle, methodOf, onEvent, starting, isPending, type SignInState } from "./signIn";

/** Lets a reloaded page rejoin a pending sign-in with the right method. */
const key = "usher.sign-in";
const addKey = "usher.sign-in.add";

/** Channel events may arrive after the command's response; wait this long for the end. */
const graceMs = 1_000;

export class SignInFlow {
  state = $state.raw<SignInState>(idle);
  /** The user adds an account; OpenAI's page lets them choose which. */
  addAccount = false;
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
  begin(method: SignInMethod, addAccount: boolean): Promise<void> {
    this.addAccount = addAccount;
    sessionStorage.setItem(addKey, String(addAccount));
    return this.start(method);
  }

  async start(method: SignInMethod): Promise<void> {
    this.#attempt += 1;
    const attempt = this.#attempt;
    sessionStorage.setItem(key, method);
    this.#set(starting(method));
    const current = () => attempt === this.#attempt;
    try {
      await this.core.signIn(method, this.addAccount, (event) => {
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
    this.addAccount = sessionStorage.getItem(addKey) === "true";
    void this.start((sessionStorage.getItem(key) as SignInMethod | null) ?? "browser");
  }

  async cancel(): Promise<void> {
    this.#attempt += 1;
    this.#set(idle);
    await this.core.cancelSignIn().catch(() => undefined);
  }

  /** Dismisses a failure or a finished sign-in. */
  leave(): void {
    if (!isPending(this.state)) this.#set(idle);
  }

  retry(): Promise<void> {
    return this.start(methodOf(this.state));
  }
}
