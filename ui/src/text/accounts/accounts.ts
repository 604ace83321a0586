// Texts of the accounts and of a pasted access token, loaded with their panels.

import type { AccountCard } from "../../ipc/bindings";
import { attentions } from "../errors/errors";
import * as f from "../format";
import { isPlanUsage, planUsage, planUsageFailure } from "../providers/planUsage";

/** Returns the title of what is wrong with an account, without its full stop. */
function attentionOf({ account, attention }: AccountCard): string | null {
  if (isPlanUsage(account)) {
    const code = attention?.code ?? (account.plan_use === "not_allowed" ? "plan_use_not_allowed" : null);
    return code && planUsageFailure(code).title;
  }
  return attention ? `${attentions[attention.code].title}.` : null;
}

export const accounts = {
  back: "OpenAI",
  title: "Accounts",
  lead: "Your tools use the selected account, starting with their next request.",
  add: "Add account",
  addHow: "How to sign in",
  list: "Account in use",
  attention: attentionOf,
  /** Returns the account's details, its sign-in where there are two, whether it is in use, and whether and when it expires. */
  about: ({ account, active, renews, expires_at }: AccountCard, now: number, both: boolean): string => {
    const sentences = [account.email ?? ""];
    if (isPlanUsage(account)) sentences.push(`${planUsage.name}: for Usher only`);
    else if (both) sentences.push("Sign in with OpenAI: for your tools");
    if (active) sentences.push("In use");
    if (!renews) sentences.push("Access token, cannot be renewed");
    if (!renews && expires_at !== null) {
      sentences.push(`Expires ${f.dayNear(now, expires_at)} at ${f.clock(expires_at)}`);
    }
    const parts = sentences.filter(Boolean);
    return parts.length > 1 ? `${parts.join(". ")}.` : parts.join("");
  },
  rename: (name: string) => `Rename ${name}`,
  added: (name: string | null) => (name === null ? "No account is in use." : `In use: ${name}.`),
  addedTitle: (name: string) => `${name} is added`,
  use: (name: string) => `Use ${name}`,
  up: (name: string) => `Move ${name} up`,
  down: (name: string) => `Move ${name} down`,
  moved: (name: string, place: number, all: number) =>
    `${name} is number ${f.count(place)} of ${f.count(all)}.`,
  disconnect: "Disconnect",
  disconnectOf: (name: string) => `Disconnect ${name}`,
  signIn: "Sign in again",
  signInOf: (name: string) => `Sign in again: ${name}`,
  useQuestion: (name: string) => `Use ${name}?`,
  useAct: "Use it",
  used: (name: string) => `${name} is in use.`,
  note: "Usher never switches accounts by itself, not even at a limit.",
  wrong:
    "Signed in to the wrong account or workspace? Choose Add account. You can pick another account on OpenAI’s page.",
  loading: "Loading the accounts.",
};

export const accessToken = {
  title: "Paste an access token",
  about: "Business and Enterprise only",
  /** As a full sentence. */
  aboutIt: "For Business and Enterprise.",
  label: "Access token",
  show: "Show the access token",
  placeholder: "at-…",
  help: "Your workspace admin can allow access tokens. Usher stores it encrypted, and it cannot be renewed.",
  empty: "Enter or paste the access token first.",
  wrong:
    "This is not an access token. Access tokens begin with at-. For a key that begins with sk-, add an OpenAI API key.",
  rejected: "OpenAI rejected this access token. It may be mistyped, expired or revoked.",
  save: "Save",
  saving: "Saving",
};
