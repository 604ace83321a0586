// The sign-in as one union. Pure: what the core says goes in, what the screen shows comes out.

import type { AccountView, FailureView, SignInEvent, SignInMethod } from "../ipc/bindings";

export interface PortTaken {
  port: number;
  holder: string | null;
  using: number;
}

export type SignInState =
  | { at: "idle" }
  /** The core was asked and has not said what to show yet. */
  | { at: "starting"; method: SignInMethod; port: PortTaken | null }
  | {
      at: "waiting";
      method: SignInMethod;
      url: string;
      opened: boolean;
      expiresAt: number;
      port: PortTaken | null;
      /** How many answers of other sign-ins came and were ignored. */
      ignored: number;
    }
  | { at: "code"; userCode: string; url: string; expiresAt: number }
  | { at: "checking"; method: SignInMethod }
  | { at: "done"; account: AccountView }
  | { at: "failed"; method: SignInMethod; failure: FailureView };

export const idle: SignInState = { at: "idle" };

export const starting = (method: SignInMethod): SignInState => ({ at: "starting", method, port: null });

/** The method behind what is shown; a code belongs to `device` whatever was asked for. */
export function methodOf(state: SignInState): SignInMethod {
  switch (state.at) {
    case "starting":
    case "waiting":
    case "checking":
    case "failed":
      return state.method;
    case "code":
      return "device";
    case "idle":
    case "done":
      return "browser";
  }
}

/** Whether an attempt is under way that the person can cancel. */
export const isPending = (state: SignInState): boolean =>
  state.at === "starting" || state.at === "waiting" || state.at === "code" || state.at === "checking";

/** How long the whole wait is, for the length of the line: contract of the flows, 5 and 15 minutes. */
export const waitSeconds = (state: SignInState): number => (state.at === "code" ? 900 : 300);

export function onEvent(state: SignInState, event: SignInEvent): SignInState {
  // After its end an attempt has nothing more to say.
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
    case "signed_in":
      return { at: "done", account: event.account };
    case "failed":
      return failed(state, { code: event.code, cause: event.cause, retry_at: event.retry_at });
  }
}

/** The end without an account. Cancelling is not a failure: it leads back to where it began. */
export function failed(state: SignInState, failure: FailureView): SignInState {
  if (failure.code === "cancelled") return idle;
  return { at: "failed", method: methodOf(state), failure };
}

/** The code as it is withoutScheme: letters one by one, the dash by its name. */
export const spellOut = (code: string, dash: string): string =>
  code
    .split("-")
    .map((part) => [...part].join(" "))
    .join(`, ${dash}, `);

/** What the address must begin with: the page's own origin, if it is at the authorization server. */
export function allowedOrigin(url: string, issuer: string): string {
  const stated = issuer.includes("://") ? issuer.replace(/\/$/, "") : `https://${issuer}`;
  try {
    const { host, origin } = new URL(url);
    return host === issuer ? origin : stated;
  } catch {
    return stated;
  }
}

/** A web address without its scheme, as people read it out. */
export const withoutScheme = (url: string): string => url.replace(/^https?:\/\//, "").replace(/\/$/, "");
