// Common problems of the plan and of signing in, each with the page that helps. Loaded after the first paint.

import * as m from "#messages";

import * as f from "../format";
import type { TroubleshootingHint } from "./plan";

const keepsHappening = m.plan_wrong_again();
const qualifyingPlans = m.plan_qualifying();

export const planHints: readonly TroubleshootingHint[] = [
  {
    problem: m.plan_hint_problem_wrong_account_or(),
    help: f.sentences(m.plan_hint_help_choose_accounts_then(), keepsHappening),
  },
  {
    problem: m.plan_hint_problem_plan_ended_or(),
    help: f.sentences(m.plan_hint_help_openai_refuses_requests(), qualifyingPlans),
    page: { action: "plans", text: m.plan_hint_page_text() },
  },
  {
    problem: m.plan_hint_problem_models_missing(),
    help: m.plan_hint_help_list_depends_on(),
  },
  {
    problem: m.plan_hint_problem_signed_out_repeatedly(),
    help: m.plan_hint_help_another_program_may(),
  },
];

/** Those of plan usage, which has no page that helps. */
export const planUsageHints = planHints.filter(({ page }) => page === undefined);

/** Hints after a failed sign-in. */
export const signInHints: readonly TroubleshootingHint[] = [
  {
    problem: m.sign_in_hint_problem_nothing_opened(),
    help: m.sign_in_hint_help_your_browser_may(),
  },
  {
    problem: m.sign_in_hint_problem_wrong_account(),
    help: keepsHappening,
  },
  {
    problem: m.sign_in_hint_problem_plan_ended_or(),
    help: f.sentences(m.sign_in_hint_help_check_last_payment(), qualifyingPlans),
    page: { action: "plans", text: m.sign_in_hint_page_text() },
  },
];

/** The same with plan usage. */
export const planUsageSignInHints: readonly TroubleshootingHint[] = [
  {
    problem: m.plan_usage_hint_problem_nothing_opened(),
    help: m.plan_usage_hint_help_your_browser_may(),
  },
  { problem: m.plan_usage_hint_problem_wrong_account(), help: keepsHappening },
  {
    problem: m.plan_usage_hint_problem_plan_not_accepted(),
    help: m.plan_usage_hint_help_openai_offers_sign(),
  },
];
