// Scenarios of OpenAI's sign-in for local apps, "Continue with ChatGPT".

import type { AccountView, Overview } from "../../bindings";
import { failure, fresh, type Scenario, type ScenarioChange } from "../fixtures";
import { card, personal, planAccount } from "../fixtures/providers";

/** Signed in by it alone. ChatGPT reports nothing about the use of the plan to apps. */
const only =
  (more: Partial<Overview> = {}, account: Partial<AccountView> = {}, scenario: Partial<Scenario> = {}) =>
  (base: Scenario, now: number): Scenario => {
    const used = { ...planAccount, ...account };
    return {
      ...base,
      overview: { ...base.overview, account: used, usage: null, ...more },
      accounts: [card(used, now, { active: true, usage: null })],
      usage: failure("bad_usage"),
      ...scenario,
    };
  };

/** Both sign-ins of one e-mail; the one for Usher only is in use. */
const both = (base: Scenario, now: number): Scenario => ({
  ...only()(base, now),
  accounts: [card(personal, now), card(planAccount, now, { active: true, usage: null })],
});

export const planUsageScenarios: Record<string, ScenarioChange> = {
  "plan-usage": only(),
  "plan-usage-welcome": only({ plan_use_welcome: true }),
  "plan-usage-not-allowed": only(
    {},
    { plan_use: "not_allowed" },
    { models: failure("plan_use_not_allowed") },
  ),
  "plan-usage-not-eligible": only({ attention: failure("usage_not_included") }),
  "plan-usage-limit": only({ attention: failure("usage_limit_reached") }),
  "plan-usage-ended": only({ attention: failure("sign_in_expired") }),
  "plan-usage-waiting": (base) => ({ ...base, overview: fresh(), inputs: ["[data-testid=continue]"] }),
  "plan-usage-disconnected": only({}, {}, { inputs: ["#disconnect", ".btn-danger"] }),
  "accounts-routes": (base, now) => ({ ...both(base, now), inputs: ["#accounts", "#add-account"] }),
  "pass-new-routes": (base, now) => ({
    ...both(base, now),
    gateway: { at: "on", address: "http://127.0.0.1:18740" },
    inputs: ["[data-testid=go-gateway]", "#new-pass"],
  }),
};
