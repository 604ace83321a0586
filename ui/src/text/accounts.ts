// Sentences of the accounts and of a pasted access token. They come with their panels.

import type { AccountCard, AccountView } from "../ipc/bindings";
import { attentions } from "./errors";
import * as f from "./format";
import { nameOf } from "./accountLabel";

/** Who it is, besides the name. */
function whoOf({ label, email, workspace }: AccountView): string {
  if (label === null) return email ?? "";
  return email === null ? workspace : `${email}, ${workspace}`;
}

export const accounts = {
  back: "OpenAI",
  title: "Accounts",
  lead: "Tools use the chosen account from their next request on.",
  add: "Add account",
  list: "Account in use",
  nameOf,
  whoOf,
  attention: ({ attention }: AccountCard) => (attention ? `${attentions[attention.code].title}.` : null),
  /** Who it is, whether it is in use, and whether it lasts. */
  about: ({ account, active, renews, expires_at }: AccountCard, now: number): string => {
    const sentences = [whoOf(account)];
    if (active) sentences.push("In use");
    if (!renews) sentences.push("Access token, does not renew");
    if (!renews && expires_at !== null) {
      sentences.push(`Ends ${f.dayNear(now, expires_at)} at ${f.clock(expires_at)}`);
    }
    const said = sentences.filter(Boolean);
    return said.length > 1 ? `${said.join(". ")}.` : said.join("");
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
  used: (name: string) => `${name} is in use.`,
  renamed: (name: string) => `The account is called ${name}.`,
  note: "Usher never changes account by itself, not even when a limit is reached. The order is only for reading.",
  wrong:
    "Signed in to the wrong account or workspace? Choose Add account: OpenAI’s page lets you take another one.",
  loading: "Loading the accounts.",
  nextInUse: "The first of your other accounts is used from then on.",
  othersStay: "The account in use stays as it is.",
};

export const accessToken = {
  title: "Paste an access token",
  about: "Business and Enterprise only",
  /** As a sentence of its own. */
  aboutIt: "For Business and Enterprise.",
  label: "Access token",
  show: "Show the access token",
  placeholder: "at-…",
  help: "The admin of a workspace lets people make them. Usher keeps it like a sign-in, never shows it again, and cannot renew it.",
  empty: "Type or paste the access token first.",
  wrong:
    "This is not an access token. Access tokens begin with at-. For a key that begins with sk-, add an OpenAI API key.",
  save: "Save",
  saving: "Saving",
};
