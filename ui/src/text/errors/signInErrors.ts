// Title, next step and recovery action of errors while signing in, where they differ.

import * as m from "#messages";

import type { ErrorCode, SignInMethod, SignInRoute } from "../../ipc/bindings";
import { failures, type FailureText } from "./errors";

/** Failures of a sign-in, where "retry" starts it again. */
const whileSigningIn: Partial<Record<ErrorCode, FailureText>> = {
  access_denied: {
    title: m.sign_in_failure_access_denied_title(),
    next: m.sign_in_failure_access_denied_next(),
    action: "sign_in",
  },
  timeout: {
    title: m.sign_in_failure_timeout_title(),
    next: m.sign_in_failure_timeout_next(),
    action: "sign_in",
  },
  region_unsupported: {
    title: m.sign_in_failure_region_unsupported_title(),
    next: m.sign_in_failure_region_unsupported_next(),
    action: "retry",
  },
  account_problem: {
    title: m.sign_in_failure_account_problem_title(),
    next: m.sign_in_failure_account_problem_next(),
    action: "another_account",
  },
  missing_entitlement: {
    title: m.sign_in_failure_missing_entitlement_title(),
    next: m.sign_in_failure_missing_entitlement_next(),
    action: "another_account",
  },
  malformed_answer: {
    title: m.sign_in_failure_malformed_answer_title(),
    next: m.sign_in_failure_malformed_answer_next(),
    action: "sign_in",
  },
  upstream_error: {
    title: m.sign_in_failure_upstream_error_title(),
    next: m.sign_in_failure_upstream_error_next(),
    action: "sign_in",
  },
  bad_url: {
    title: m.sign_in_failure_bad_url_title(),
    next: m.sign_in_failure_bad_url_next(),
    action: "retry",
  },
  store_locked: {
    title: m.sign_in_failure_store_locked_title(),
    next: m.sign_in_failure_store_locked_next(),
    action: "unlock",
  },
  passphrase_needed: {
    title: m.failure_passphrase_needed_title(),
    next: m.sign_in_failure_passphrase_needed_next(),
    action: "passphrase",
  },
  store_corrupt: {
    title: m.sign_in_failure_store_corrupt_title(),
    next: m.sign_in_failure_store_corrupt_next(),
    action: "sign_in",
    button: m.sign_in_failure_store_corrupt_button(),
  },
  usage_not_included: {
    title: m.sign_in_failure_usage_not_included_title(),
    next: m.sign_in_failure_usage_not_included_next(),
    action: "plans",
  },
};

const withCode: Partial<Record<ErrorCode, FailureText>> = {
  timeout: {
    title: m.code_failure_timeout_title(),
    next: m.code_failure_timeout_next(),
    action: "retry",
    button: m.code_failure_timeout_button(),
  },
  access_denied: {
    title: m.code_failure_access_denied_title(),
    next: m.code_failure_access_denied_next(),
    action: "retry",
    button: m.code_failure_access_denied_button(),
  },
};

/** Failures of a sign-in with plan usage, which has no fixed port and no code. */
const withPlanUsage: Partial<Record<ErrorCode, FailureText>> = {
  port_busy: {
    title: m.plan_usage_sign_in_failure_port_busy_title(),
    next: m.plan_usage_sign_in_failure_port_busy_next(),
    action: "retry",
  },
  browser_unavailable: {
    title: m.plan_usage_sign_in_failure_browser_unavailable_title(),
    next: m.plan_usage_sign_in_failure_browser_unavailable_next(),
    action: "retry",
  },
  registration_incomplete: {
    title: m.plan_usage_sign_in_failure_registration_incomplete_title(),
    next: m.plan_usage_sign_in_failure_registration_incomplete_next(),
    action: "another_account",
    button: m.plan_usage_sign_in_failure_registration_incomplete_button(),
  },
  usage_not_included: {
    title: m.plan_usage_sign_in_failure_usage_not_included_title(),
    next: m.plan_usage_sign_in_failure_usage_not_included_next(),
    action: "other_ways",
  },
};

export const signInFailures: Record<ErrorCode, FailureText> = { ...failures, ...whileSigningIn };
export const planUsageSignInFailures: Record<ErrorCode, FailureText> = {
  ...signInFailures,
  ...withPlanUsage,
};
export const codeFailures: Record<ErrorCode, FailureText> = { ...signInFailures, ...withCode };

/** Returns the text of a failed sign-in. */
export function signInFailure(code: ErrorCode, route: SignInRoute, method: SignInMethod): FailureText {
  if (route === "plan_usage") return planUsageSignInFailures[code];
  return (method === "device" ? codeFailures : signInFailures)[code];
}
