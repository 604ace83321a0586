// What the row of a key shows, and what is wrong with one that is typed. Pure.

import type { CredentialView } from "../ipc/bindings";
import type { ProviderKind } from "../text";

export type KeyState =
  /** A field to type a key into. */
  | { at: "form"; first: boolean }
  | { at: "saved"; endsIn: string; savedAt: number }
  | { at: "environment"; variable: string; endsIn: string }
  | { at: "none"; why: "missing" | "not_needed" | "headers" }
  | { at: "other_address"; origin: string };

/** `editing`: the person wants to save a key, or another one. */
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
      // Without a key the Platform has nothing else to show; of a service its address is there already.
      return kind === "key" ? { at: "form", first: true } : { at: "none", why: "missing" };
  }
}

export type KeyProblem = "empty" | "not_openai";

/** Nothing is said while typing: this is asked on leaving the field and on Save. */
export function keyProblem(key: string, kind: ProviderKind): KeyProblem | null {
  const text = key.trim();
  if (!text) return "empty";
  return kind === "key" && !text.startsWith("sk-") ? "not_openai" : null;
}
