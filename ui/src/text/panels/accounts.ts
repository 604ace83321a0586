// Texts of the accounts and of a pasted access token, loaded with their panels.

import type { AccountCard, AccountView } from "../../ipc/bindings";
import { attentions } from "../errors/errors";
import * as f from "../format";
import { accountName } from "../accountLabel";

/** Returns e-mail address and workspace, besides the name. */
function details({ label, email, workspace }: AccountView): string {
  if (label === null) return email ?? "";
  return email === null ? workspace : `${email}, ${workspace}`;
}

export const accounts = {
  back: "OpenAI",
  title: "Accounts",
  lead: "Your tools use the selected account, starting with their next request.",
  add: "Add account",
  list: "Account in use",
  accountName,
  details,
  attention: ({ attention }: AccountCard) => (attention ? `${attentions[attention.code].title}.` : null),
  /** Returns the account's details, whether it is in use, and whether and when it expires. */
  about: ({ account, active, renews, expires_at }: AccountCard, now: number): string => {
    const sentences = [details(account)];
    if (active) sentences.push("In use");
    if (!renews) sentences.push("Access token, cannot be renewed");
    if (!renews && expires_at !== null) {
      sentences.push(`Expires ${f.dayNear(now, expires_at)} at ${f.clock(expires_at)}`);
    }
    const parts = sentences.filter(Boolean);
    return parts.length > 1 ? `${parts.join(". ")}.` : parts.join("");
  },
  rename: (name: string) => `Rename ${name}`,
  nameLabel: "Name of this account",
  save: "Save",
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
  renamed: (name: string) => `The account is now called ${name}.`,
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
