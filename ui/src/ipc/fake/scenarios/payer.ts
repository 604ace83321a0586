// Scenarios of who pays: names of accounts, and what passes use before and after a change.

import type { AccountView, SignInEvent } from "../../bindings";
import {
  failure,
  opened,
  usage,
  type Scenario,
  type ScenarioChange,
  type TimedEvent,
  type UserInput,
} from "../fixtures";
import { address, passOf, requests } from "../fixtures/gateway";
import {
  card,
  club,
  codexCli,
  groq,
  groqModels,
  openai,
  personal,
  platformModels,
  savedKey,
  work,
} from "../fixtures/providers";

/** An account of a workspace that nobody has named yet. */
export const business: AccountView = {
  id: "user-ada/acct-9",
  name: "Business",
  email: "ada@example.com",
  route: "codex_client",
  plan_use: null,
  workspace: "Business acct-9",
  plan: "business",
  plan_name: "Business",
  label: null,
};

/** Two accounts, of which the first is in use, three other providers, and passes of each, and one that belongs to none. */
const paid =
  (
    inputs: UserInput[],
    change: (base: Scenario, now: number) => Partial<Scenario> = () => ({}),
  ): ScenarioChange =>
  (signedIn, now) => {
    const base: Scenario = {
      ...signedIn,
      overview: { ...signedIn.overview, account: personal, accounts: 2 },
      accounts: [card(personal, now, { active: true }), card(work, now)],
      providers: [openai(savedKey(now)), groq(now), codexCli(now)],
      lists: { openai: platformModels(now), "openai-compatible:groq": groqModels(now) },
      gateway: { at: "on", address },
      passes: [
        passOf(now, "Claude Code", { account: personal.id, account_name: personal.name }),
        passOf(now, "Codex CLI", { account: work.id, account_name: work.name }),
        passOf(now, "reports", { provider: "openai" }),
        passOf(now, "drafts", { provider: "openai-compatible:groq" }),
        passOf(now, "editor", { provider: "codex-cli" }),
        passOf(now, "scripts", { provider: null, pay_per_token: true }),
      ],
      requests: requests(now),
      inputs,
    };
    return { ...base, ...change(base, now) };
  };

const signInEnds =
  (event: SignInEvent) =>
  (base: Scenario, now: number): Partial<Scenario> => {
    const steps: TimedEvent<SignInEvent>[] = [
      ...opened(now),
      { after: 0, event: { event: "exchanging" } },
      { after: 0, event },
    ];
    return { overview: { ...base.overview, signing_in: true }, signIn: steps };
  };

const ended = failure("sign_in_expired");

const otherSignedIn = (account: AccountView, known: boolean) => (base: Scenario, now: number) => {
  const asked = signInEnds({ event: "other_account", account, expected: personal, known })(base, now);
  return { ...asked, overview: { ...base.overview, attention: ended, signing_in: true } };
};

const service = '[data-testid="provider-openai-compatible:groq"]';

/** The account in use is at its limit, and another one has room. */
const limited = (base: Scenario, now: number): Partial<Scenario> => {
  const resets_at = now + 72 * 60;
  const full = {
    ...usage(now, 100, 72 * 60),
    limit_reached: { reason: "usage_limit_reached", resets_at },
    reset_credits: { available: 2, expire_at: [now + 5 * 86_400] },
  };
  const attention = failure("usage_limit_reached", "", resets_at);
  return {
    overview: { ...base.overview, usage: full, attention },
    usage: full,
    accounts: [
      card(personal, now, { active: true, usage: full }),
      card(work, now, { usage: usage(now, 38) }),
    ],
  };
};

export const payerScenarios: Record<string, ScenarioChange> = {
  "payer-limit": paid([], limited),
  "payer-use": paid(["#accounts", "#account-1"]),
  "payer-disconnect": paid(["#disconnect", "[data-testid=disconnect-dialog] .check-row input"]),
  "payer-disconnect-many": paid(["#disconnect"], (base, now) => ({
    overview: { ...base.overview, accounts: 3 },
    accounts: [...base.accounts, card(club, now)],
  })),
  "payer-many": paid(["#disconnect"], (_base, now) => ({
    passes: Array.from({ length: 40 }, (_, at) => passOf(now, `tool ${at + 1}`, { account: personal.id })),
  })),
  "payer-off": paid(["#panel [role=switch]"]),
  "payer-remove": paid([service, "[data-testid=screen-service] #disconnect"]),
  "payer-remove-codex": paid(["[data-testid=provider-codex-cli]", "[data-testid=screen-codex] #disconnect"]),
  "payer-forget": paid(["[data-testid=provider-openai]", "[data-testid=screen-service] #forget"]),
  receipt: paid(["[data-testid=go-gateway]", "[data-receipt='1']"]),
  "payer-rename": paid(["#accounts", "[data-account='user-ada/acct-2'] [data-rename]"]),
  "payer-address": paid([service, "[data-testid=screen-service] #change"]),
  "payer-ended": paid([], (base) => ({ overview: { ...base.overview, attention: ended } })),
  "account-first": (base, now) => ({
    ...base,
    ...signInEnds({ event: "signed_in", account: personal, arrived: true })(base, now),
  }),
  "account-added": paid([], (base, now) => ({
    ...signInEnds({ event: "signed_in", account: business, arrived: true })(base, now),
    accounts: [...base.accounts, card(business, now)],
  })),
  "other-account": paid([], otherSignedIn(business, false)),
  "other-account-known": paid([], otherSignedIn(work, true)),
};
