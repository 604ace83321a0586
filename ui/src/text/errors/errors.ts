// Title, next step and recovery action of every error code. The records are complete by type: an
// error code without a text does not compile.

import * as m from "#messages";

import type { ErrorCode } from "../../ipc/bindings";
import { sentence } from "../sentence";

/** What the button of a failure does. Each screen decides how. */
export type RecoveryAction =
  | "sign_in"
  /** Signs in and lets the user choose the account. */
  | "another_account"
  | "retry"
  | "use_code"
  | "use_browser"
  | "unlock"
  /** Asks for the passphrase of the secrets. */
  | "passphrase"
  | "choose_model"
  /** Enables the provider. */
  | "switch_on"
  | "plans"
  | "usage_page"
  /** ChatGPT's page about the use of the plan by apps. */
  | "manage_usage"
  /** Signs in again and asks for the use of the plan. */
  | "allow_plan_use"
  /** Shows what else can be added. */
  | "other_ways"
  | "status_page"
  /** Saves or replaces the key. */
  | "key"
  /** Asks whether to start again without a store that cannot be read. */
  | "set_aside"
  | "address"
  | "keys_page"
  | "billing_page"
  | "platform_usage";

export interface FailureText {
  title: string;
  next: string;
  action: RecoveryAction;
  /** Overrides the action's usual label. */
  button?: string;
}

const buttons: Record<RecoveryAction, string> = {
  sign_in: m.recovery_sign_in(),
  another_account: m.recovery_another_account(),
  retry: m.recovery_retry(),
  use_code: m.recovery_use_code(),
  use_browser: m.recovery_use_browser(),
  unlock: m.recovery_unlock(),
  passphrase: m.recovery_passphrase(),
  choose_model: m.recovery_choose_model(),
  switch_on: m.recovery_switch_on(),
  plans: m.recovery_plans(),
  usage_page: m.recovery_usage_page(),
  manage_usage: "Manage usage",
  allow_plan_use: m.recovery_allow_plan_use(),
  other_ways: m.recovery_other_ways(),
  status_page: m.recovery_status_page(),
  key: m.recovery_key(),
  set_aside: m.recovery_set_aside(),
  address: m.recovery_address(),
  keys_page: m.recovery_keys_page(),
  billing_page: m.recovery_billing_page(),
  platform_usage: m.recovery_platform_usage(),
};

export const buttonOf = (text: FailureText): string => text.button ?? buttons[text.action];

/** The failure of a disabled provider, for which the core allows no host. */
export const switchedOff = (name: string): FailureText => ({
  title: m.switched_off_title({ name }),
  next: m.switched_off_next(),
  action: "switch_on",
});

/** Codes whose texts come with the deferred panels (`laterFailures.ts`), which alone meet them. */
export type LaterCode =
  | "program_missing"
  | "bad_url"
  | "invalid_key"
  | "locked"
  | "connected_app_only"
  | "budget_reached"
  | "reserve_reached"
  | "tool_file_unusable"
  | "service_failed"
  | "transfer_unusable"
  | "transfer_opened"
  | "passphrase_wrong"
  | "update_failed"
  | "tier_unsupported";

const internal: FailureText = {
  title: m.failure_internal_title(),
  next: m.failure_internal_next(),
  action: "retry",
};

/** Failures of requests: models, usage, test. */
export const failures: Record<ErrorCode, FailureText> = {
  access_denied: {
    title: m.failure_access_denied_title(),
    next: m.failure_access_denied_next(),
    action: "sign_in",
  },
  missing_entitlement: {
    title: m.failure_missing_entitlement_title(),
    next: m.failure_missing_entitlement_next(),
    action: "sign_in",
  },
  region_unsupported: {
    title: m.failure_region_unsupported_title(),
    next: m.failure_region_unsupported_next(),
    action: "retry",
  },
  device_login_disabled: {
    title: m.failure_device_login_disabled_title(),
    next: m.failure_device_login_disabled_next(),
    action: "use_browser",
  },
  port_busy: {
    title: m.failure_port_busy_title(),
    next: m.failure_port_busy_next(),
    action: "use_code",
  },
  browser_unavailable: {
    title: m.failure_browser_unavailable_title(),
    next: m.failure_browser_unavailable_next(),
    action: "use_code",
  },
  timeout: {
    title: m.failure_timeout_title(),
    next: m.failure_timeout_next(),
    action: "retry",
  },
  cancelled: {
    title: m.failure_cancelled_title(),
    next: m.failure_cancelled_next(),
    action: "retry",
  },
  malformed_answer: {
    title: m.failure_malformed_answer_title(),
    next: m.failure_malformed_answer_next(),
    action: "retry",
  },
  clock_skew: {
    title: m.failure_clock_skew_title(),
    next: m.failure_clock_skew_next(),
    action: "retry",
  },
  store_locked: {
    title: m.failure_store_locked_title(),
    next: m.failure_store_locked_next(),
    action: "unlock",
  },
  passphrase_needed: {
    title: m.failure_passphrase_needed_title(),
    next: m.failure_passphrase_needed_next(),
    action: "passphrase",
  },
  store_unavailable: {
    title: m.failure_store_unavailable_title(),
    next: m.failure_store_unavailable_next(),
    action: "retry",
  },
  store_corrupt: {
    title: m.failure_store_corrupt_title(),
    next: m.failure_store_corrupt_next(),
    action: "set_aside",
  },
  account_problem: {
    title: m.failure_account_problem_title(),
    next: m.failure_account_problem_next(),
    action: "another_account",
  },
  model_unavailable: {
    title: m.failure_model_unavailable_title(),
    next: m.failure_model_unavailable_next(),
    action: "choose_model",
  },
  overloaded: {
    title: m.failure_overloaded_title(),
    next: m.failure_overloaded_next(),
    action: "retry",
  },
  host_not_allowed: {
    title: m.failure_host_not_allowed_title(),
    next: m.failure_host_not_allowed_next(),
    action: "retry",
  },
  upstream_error: {
    title: m.failure_upstream_error_title(),
    next: m.failure_upstream_error_next(),
    action: "retry",
  },
  bad_usage: {
    title: m.failure_bad_usage_title(),
    next: m.failure_bad_usage_next(),
    action: "retry",
  },
  effort_unsupported: {
    title: m.failure_effort_unsupported_title(),
    next: m.failure_effort_unsupported_next(),
    action: "choose_model",
  },
  other_account: {
    title: m.failure_other_account_title(),
    next: m.failure_other_account_next(),
    action: "sign_in",
  },
  registration_incomplete: {
    title: m.failure_registration_incomplete_title(),
    next: m.failure_registration_incomplete_next(),
    action: "sign_in",
  },
  plan_use_not_allowed: {
    title: m.failure_plan_use_not_allowed_title(),
    next: m.failure_plan_use_not_allowed_next(),
    action: "sign_in",
  },
  sign_in_required: {
    title: m.failure_sign_in_required_title(),
    next: m.failure_sign_in_required_next(),
    action: "sign_in",
    button: m.failure_sign_in_required_button(),
  },
  sign_in_expired: {
    title: m.failure_sign_in_expired_title(),
    next: m.failure_sign_in_expired_next(),
    action: "sign_in",
  },
  sign_in_revoked: {
    title: m.failure_sign_in_revoked_title(),
    next: m.failure_sign_in_revoked_next(),
    action: "sign_in",
  },
  sign_in_reused: {
    title: m.failure_sign_in_reused_title(),
    next: m.failure_sign_in_reused_next(),
    action: "sign_in",
  },
  sign_in_moved: {
    title: m.failure_sign_in_moved_title(),
    next: m.failure_sign_in_moved_next(),
    action: "sign_in",
  },
  usage_limit_reached: {
    title: m.failure_usage_limit_reached_title(),
    next: m.failure_usage_limit_reached_next(),
    action: "usage_page",
  },
  usage_not_included: {
    title: m.failure_usage_not_included_title(),
    next: m.failure_usage_not_included_next(),
    action: "plans",
  },
  billing: {
    title: m.failure_billing_title(),
    next: m.failure_billing_next(),
    action: "usage_page",
  },
  rate_limited: {
    title: m.failure_rate_limited_title(),
    next: m.failure_rate_limited_next(),
    action: "retry",
  },
  offline: {
    title: m.failure_offline_title(),
    next: m.failure_offline_next(),
    action: "retry",
  },
  dns: {
    title: m.failure_dns_title(),
    next: m.failure_dns_next(),
    action: "retry",
  },
  proxy: {
    title: m.failure_proxy_title(),
    next: m.failure_proxy_next(),
    action: "retry",
  },
  tls: {
    title: m.failure_tls_title(),
    next: m.failure_tls_next(),
    action: "retry",
  },
  challenge_page: {
    title: m.failure_challenge_page_title(),
    next: m.failure_challenge_page_next(),
    action: "retry",
  },
  settings_unusable: {
    title: m.failure_settings_unusable_title(),
    next: m.failure_settings_unusable_next(),
    action: "retry",
  },
  internal,
  // Until `laterFailures.ts` replaces them.
  program_missing: internal,
  endpoint_not_found: {
    title: m.failure_endpoint_not_found_title(),
    next: m.failure_endpoint_not_found_next(),
    action: "retry",
  },
  bad_url: internal,
  invalid_key: internal,
  locked: internal,
  connected_app_only: internal,
  budget_reached: internal,
  reserve_reached: internal,
  tool_file_unusable: internal,
  service_failed: internal,
  transfer_unusable: internal,
  transfer_opened: internal,
  passphrase_wrong: internal,
  update_failed: internal,
  tier_unsupported: internal,
};

/** Codes for which the core's cause adds information to the title. */
const codesWithCause: ReadonlySet<ErrorCode> = new Set([
  "upstream_error",
  "malformed_answer",
  "store_unavailable",
  "store_corrupt",
  "host_not_allowed",
  "bad_url",
  "proxy",
  "tls",
  "port_busy",
  "browser_unavailable",
  "challenge_page",
  "settings_unusable",
  "tool_file_unusable",
  "transfer_unusable",
  "service_failed",
  "update_failed",
  "internal",
]);

/** Returns the core's cause as a sentence, if it adds information to the shown text. */
export const detailOf = (failure: { code: ErrorCode; cause: string }, shown?: FailureText): string | null =>
  codesWithCause.has(failure.code) && shown?.action !== "switch_on" && failure.cause.trim()
    ? sentence(failure.cause)
    : null;
