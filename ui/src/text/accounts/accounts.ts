// Texts of the accounts and of a pasted access token, loaded with their panels.

import * as m from "#messages";

import type { AccountCard } from "../../ipc/bindings";
import { attentions } from "../errors/attentions";
import * as f from "../format";
import { isPlanUsage, planUsageFailure } from "../providers/planUsage";

/** Returns the title of what is wrong with an account, without its full stop. */
function attentionOf({ account, attention }: AccountCard): string | null {
  if (isPlanUsage(account)) {
    const code = attention?.code ?? (account.plan_use === "not_allowed" ? "plan_use_not_allowed" : null);
    return code && planUsageFailure(code).title;
  }
  return attention ? f.ended(attentions[attention.code].title) : null;
}

export const accounts = {
  back: "OpenAI",
  title: m.accounts_title(),
  lead: m.accounts_lead(),
  add: m.accounts_add(),
  addHow: m.accounts_add_how(),
  list: m.accounts_list(),
  attention: attentionOf,
  /** Returns the account's details, its sign-in where there are two, whether it is in use, and whether and when it expires. */
  about: ({ account, active, renews, expires_at }: AccountCard, now: number, both: boolean): string => {
    const sentences = [account.email ?? ""];
    if (isPlanUsage(account)) sentences.push(m.accounts_about_plan_usage());
    else if (both) sentences.push(m.accounts_about_codex_client());
    if (active) sentences.push(m.accounts_about_in_use());
    if (!renews) sentences.push(m.accounts_about_access_token());
    if (!renews && expires_at !== null) {
      sentences.push(
        m.accounts_about_expires({ day: f.dayNear(now, expires_at), time: f.clock(expires_at) }),
      );
    }
    const parts = sentences.filter(Boolean);
    return parts.length > 1 ? f.sentences(...parts.map(f.ended)) : parts.join("");
  },
  rename: (name: string) => m.accounts_rename({ name }),
  added: (name: string | null) =>
    name === null ? m.accounts_added_none() : m.accounts_added_in_use({ name }),
  addedTitle: (name: string) => m.accounts_added_title({ name }),
  use: (name: string) => m.accounts_use({ name }),
  up: (name: string) => m.accounts_up({ name }),
  down: (name: string) => m.accounts_down({ name }),
  moved: (name: string, place: number, all: number) =>
    m.accounts_moved({ name, place: f.count(place), all: f.count(all) }),
  disconnect: m.accounts_disconnect(),
  disconnectOf: (name: string) => m.accounts_disconnect_of({ name }),
  signIn: m.accounts_sign_in(),
  signInOf: (name: string) => m.accounts_sign_in_of({ name }),
  useQuestion: (name: string) => m.accounts_use_question({ name }),
  useAct: m.accounts_use_act(),
  used: (name: string) => m.accounts_used({ name }),
  note: m.accounts_note(),
  wrong: m.accounts_wrong(),
  unused: {
    title: m.accounts_unused_title(),
    text: (name: string, days: number) => m.accounts_unused_text({ name, ago: f.daysAgo(days) }),
    renew: m.accounts_unused_renew(),
    leave: m.accounts_unused_leave(),
  },
  loading: m.accounts_loading(),
};

export const accessToken = {
  title: m.access_token_title(),
  about: m.access_token_about(),
  /** As a full sentence. */
  aboutIt: m.access_token_about_it(),
  label: m.access_token_label(),
  show: m.access_token_show(),
  placeholder: "at-…",
  help: m.access_token_help(),
  empty: m.access_token_empty(),
  wrong: m.access_token_wrong(),
  rejected: m.access_token_rejected(),
  save: m.access_token_save(),
  saving: m.access_token_saving(),
};
