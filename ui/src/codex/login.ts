// States of a running `codex login` and of the Codex CLI's sign-in. Pure functions.

import type { CodexLoginEvent, FailureView, ProviderView } from "../ipc/bindings";

export type Login =
  | { at: "idle" }
  | { at: "running"; version: string | null; lines: readonly string[] }
  | { at: "ended"; signedIn: boolean; lines: readonly string[] }
  | { at: "failed"; failure: FailureView; lines: readonly string[] };

export const idle: Login = { at: "idle" };
export const started: Login = { at: "running", version: null, lines: [] };

/** Output beyond this many lines drops the oldest ones. */
const maxLines = 200;

export function onEvent(login: Login, event: CodexLoginEvent): Login {
  if (login.at !== "running") return login;
  switch (event.event) {
    case "version":
      return { ...login, version: event.version };
    case "line":
      return { ...login, lines: [...login.lines, event.text].slice(-maxLines) };
    case "ended":
      return { at: "ended", signedIn: event.signed_in, lines: login.lines };
  }
}

/** Ends the login with a failure. Cancelling counts as ended, not as failed. */
export function failed(login: Login, failure: FailureView): Login {
  if (login.at !== "running") return login;
  if (failure.code === "cancelled") return { at: "ended", signedIn: false, lines: login.lines };
  return { at: "failed", failure, lines: login.lines };
}

export const linesOf = (login: Login): readonly string[] => (login.at === "idle" ? [] : login.lines);

export type CodexSignInStatus = "valid" | "expired" | "signed_out" | "other";

export function codexSignInStatus({ credential, attention }: ProviderView, now: number): CodexSignInStatus {
  switch (attention?.code) {
    case "sign_in_expired":
    case "sign_in_revoked":
    case "sign_in_reused":
      return "expired";
    case "sign_in_required":
    case undefined:
      break;
    default:
      return "other";
  }
  if (credential.kind !== "codex" || !credential.account) return "signed_out";
  return credential.expires_at !== null && credential.expires_at <= now ? "expired" : "valid";
}
