// State of the API key row, and validation of an entered key. Pure functions.

import type { CredentialView } from "../ipc/bindings";
import type { ProviderKind } from "../text";

export type KeyState =
  /** The form to enter a key. */
  | { at: "form"; first: boolean }
  | { at: "saved"; endsIn: string; savedAt: number }
  | { at: "environment"; variable: string; endsIn: string }
  | { at: "none"; why: "missing" | "not_needed" | "headers" }
  | { at: "other_address"; origin: string };

/** Returns what the row shows. With `editing` the user enters a new key. */
export function keyState(credential: CredentialView, kind: ProviderKind, editing: boolean): KeyState {
  if (editing) return { at: "form", first: credential.kind === "missing" };
  switch (credential.kind) {
    case "key":
      return { at: "saved", endsIn: credential.ends_in, savedAt: credential.saved_at };
    case "environment":
      return { at: "environment", variable: credential.variable, endsIn: credential.ends_in };
    case "key_of_other_address":
      return { at: "other_address", origin: credential.origin };
    case "not_needed":
    case "headers":
      return { at: "none", why: credential.kind };
    default:
      // An OpenAI key has nothing else to show; an endpoint already shows its address.
      return kind === "key" ? { at: "form", first: true } : { at: "none", why: "missing" };
  }
}

export type KeyProblem = "empty" | "not_openai";

/** Validates on blur and on Save, never while typing. */
export function keyProblem(key: string, kind: ProviderKind): KeyProblem | null {
  const text = key.trim();
  if (!text) return "empty";
  return kind === "key" && !text.startsWith("sk-") ? "not_openai" : null;
}
