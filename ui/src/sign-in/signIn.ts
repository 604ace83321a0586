// State of a sign-in. Pure functions: core events in, screen state out.

import type { AccountView, FailureView, SignInEvent, SignInMethod } from "../ipc/bindings";

export interface PortTaken {
  port: number;
  holder: string | null;
  using: number;
}

export type SignInState =
  | { at: "idle" }
  /** The command was sent; no event has arrived yet. */
  | { at: "starting"; method: SignInMethod; port: PortTaken | null }
  | {
      at: "waiting";
      method: SignInMethod;
      url: string;
      opened: boolean;
      expiresAt: number;
      port: PortTaken | null;
      /** Number of ignored responses of other sign-ins. */
      ignored: number;
    }
  | { at: "code"; userCode: string; url: string; expiresAt: number }
  | { at: "checking"; method: SignInMethod }
  /** Another account signed in than the one that was to sign in again. */
  | {
      at: "other";
      method: SignInMethod;
      account: AccountView;
      expected: AccountView | null;
      /** Whether it is among the accounts already. */
      known: boolean;
    }
  | { at: "done"; account: AccountView; arrived: boolean }
  | { at: "failed"; method: SignInMethod; failure: FailureView };

export const idle: SignInState = { at: "idle" };

export const starting = (method: SignInMethod): SignInState => ({ at: "starting", method, port: null });

/** Returns the method of the state. A code always means `device`. */
export function methodOf(state: SignInState): SignInMethod {
  switch (state.at) {
    case "starting":
    case "waiting":
    case "checking":
    case "other":
    case "failed":
      return state.method;
    case "code":
      return "device";
    case "idle":
    case "done":
      return "browser";
  }
}

/** Returns whether a sign-in is pending, so that the user can cancel it. */
export const isPending = (state: SignInState): boolean =>
  ["starting", "waiting", "code", "checking", "other"].includes(state.at);

/** Returns the total wait in seconds: 5 minutes for the browser, 15 where another device or computer is used. */
export const waitSeconds = (state: SignInState): number =>
  methodOf(state) === "device" || methodOf(state) === "paste" ? 900 : 300;

export function onEvent(state: SignInState, event: SignInEvent): SignInState {
  // Events after the end are ignored.
  if (!isPending(state)) return state;
  switch (event.event) {
    case "port_taken": {
      const port = { port: event.port, holder: event.holder, using: event.using };
      return state.at === "starting" || state.at === "waiting" ? { ...state, port } : state;
    }
    case "open":
      return {
        at: "waiting",
        method: methodOf(state),
        url: event.url,
        opened: event.opened,
        expiresAt: event.expires_at,
        port: "port" in state ? state.port : null,
        ignored: 0,
      };
    case "code":
      return { at: "code", userCode: event.user_code, url: event.url, expiresAt: event.expires_at };
    case "answer_ignored":
      return state.at === "waiting" ? { ...state, ignored: state.ignored + 1 } : state;
    case "exchanging":
      return { at: "checking", method: methodOf(state) };
    case "other_account": {
      const { account, expected, known } = event;
      return { at: "other", method: methodOf(state), account, expected, known };
    }
    case "signed_in":
      return { at: "done", account: event.account, arrived: event.arrived };
    case "failed":
      return failed(state, { code: event.code, cause: event.cause, retry_at: event.retry_at });
  }
}

/** Ends the sign-in with a failure. Cancelling is not a failure and resets to idle. */
export function failed(state: SignInState, failure: FailureView): SignInState {
  if (failure.code === "cancelled") return idle;
  return { at: "failed", method: methodOf(state), failure };
}

/** Spells a code for screen readers: letter by letter, with the dash as a word. */
export const spellOut = (code: string, dash: string): string =>
  code
    .split("-")
    .map((part) => [...part].join(" "))
    .join(`, ${dash}, `);

/** Returns the origin that the address must have: the page's own if its host is the issuer, else the issuer's. */
export function allowedOrigin(url: string, issuer: string): string {
  const stated = issuer.includes("://") ? issuer.replace(/\/$/, "") : `https://${issuer}`;
  try {
    const { host, origin } = new URL(url);
    return host === issuer ? origin : stated;
  } catch {
    return stated;
  }
}

/** Returns a URL without scheme and trailing slash. */
export const withoutScheme = (url: string): string => url.replace(/^https?:\/\//, "").replace(/\/$/, "");
