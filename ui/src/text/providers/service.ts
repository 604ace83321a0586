// Texts that differ for an API key, a service and the Codex CLI.

import * as m from "#messages";

import type { ErrorCode, ProviderId } from "../../ipc/bindings";
import { failures, type FailureText } from "../errors/errors";
import * as f from "../format";
import {
  effortDefault,
  providerKindOf,
  plan,
  until,
  whileOff,
  type ProviderTexts,
  type TroubleshootingHint,
} from "./plan";

type PartialFailures = Partial<Record<ErrorCode, FailureText>>;

const keyFailures: PartialFailures = {
  sign_in_required: {
    title: m.key_failure_sign_in_required_title(),
    next: m.key_failure_sign_in_required_next(),
    action: "key",
    button: m.key_failure_sign_in_required_button(),
  },
  invalid_key: {
    title: m.key_failure_invalid_key_title(),
    next: m.key_failure_invalid_key_next(),
    action: "key",
  },
  access_denied: {
    title: m.key_failure_access_denied_title(),
    next: m.key_failure_access_denied_next(),
    action: "keys_page",
  },
  billing: {
    title: m.key_failure_billing_title(),
    next: m.key_failure_billing_next(),
    action: "billing_page",
  },
  rate_limited: {
    title: m.key_failure_rate_limited_title(),
    next: m.key_failure_rate_limited_next(),
    action: "platform_usage",
  },
  usage_limit_reached: {
    title: m.key_failure_usage_limit_reached_title(),
    next: m.key_failure_usage_limit_reached_next(),
    action: "platform_usage",
  },
  model_unavailable: {
    title: m.key_failure_model_unavailable_title(),
    next: m.key_failure_model_unavailable_next(),
    action: "choose_model",
  },
  missing_entitlement: {
    title: m.key_failure_missing_entitlement_title(),
    next: m.key_failure_missing_entitlement_next(),
    action: "keys_page",
  },
  store_locked: {
    title: m.key_failure_store_locked_title(),
    next: m.key_failure_store_locked_next(),
    action: "unlock",
  },
  passphrase_needed: {
    title: m.failure_passphrase_needed_title(),
    next: m.key_failure_passphrase_needed_next(),
    action: "passphrase",
  },
  store_corrupt: {
    title: m.key_failure_store_corrupt_title(),
    next: m.key_failure_store_corrupt_next(),
    action: "set_aside",
  },
};

const serviceFailures = (who: string): PartialFailures => ({
  ...keyFailures,
  sign_in_required: {
    title: m.service_failure_sign_in_required_title({ who }),
    next: m.service_failure_sign_in_required_next(),
    action: "key",
    button: m.service_failure_sign_in_required_button(),
  },
  invalid_key: {
    title: m.service_failure_invalid_key_title({ who }),
    next: m.service_failure_invalid_key_next(),
    action: "key",
  },
  access_denied: {
    title: m.service_failure_access_denied_title({ who }),
    next: m.service_failure_access_denied_next(),
    action: "retry",
  },
  billing: {
    title: m.service_failure_billing_title({ who }),
    next: m.service_failure_billing_next(),
    action: "retry",
  },
  rate_limited: {
    title: m.service_failure_rate_limited_title(),
    next: m.service_failure_rate_limited_next(),
    action: "retry",
  },
  usage_limit_reached: {
    title: m.service_failure_usage_limit_reached_title({ who }),
    next: m.service_failure_usage_limit_reached_next(),
    action: "retry",
  },
  usage_not_included: {
    title: m.service_failure_usage_not_included_title({ who }),
    next: m.service_failure_usage_not_included_next(),
    action: "choose_model",
  },
  missing_entitlement: {
    title: m.service_failure_missing_entitlement_title({ who }),
    next: m.service_failure_missing_entitlement_next(),
    action: "choose_model",
  },
  model_unavailable: {
    title: m.service_failure_model_unavailable_title({ who }),
    next: m.service_failure_model_unavailable_next(),
    action: "choose_model",
  },
  bad_url: {
    title: m.service_failure_bad_url_title(),
    next: m.service_failure_bad_url_next(),
    action: "address",
  },
  endpoint_not_found: { ...failures.endpoint_not_found, action: "address" },
  host_not_allowed: {
    title: m.service_failure_host_not_allowed_title(),
    next: m.service_failure_host_not_allowed_next(),
    action: "address",
  },
  region_unsupported: {
    title: m.service_failure_region_unsupported_title({ who }),
    next: m.service_failure_region_unsupported_next(),
    action: "retry",
  },
});

const codexEnded: FailureText = {
  title: m.codex_ended_title(),
  next: m.codex_ended_next(),
  action: "sign_in",
  button: m.codex_ended_button(),
};

const codexFailures: PartialFailures = {
  sign_in_required: {
    ...codexEnded,
    title: m.codex_failure_sign_in_required_title(),
    next: m.codex_failure_sign_in_required_next(),
  },
  sign_in_expired: codexEnded,
  sign_in_revoked: { ...codexEnded, title: m.codex_failure_sign_in_revoked_title() },
  sign_in_reused: {
    ...codexEnded,
    title: m.codex_failure_sign_in_reused_title(),
  },
};

const withDefaults = (failuresOf: PartialFailures, who: string) => (code: ErrorCode) => {
  const own = failuresOf[code];
  if (own) return own;
  const { title, next, ...rest } = failures[code];
  const named = (text: string) => (who === "OpenAI" ? text : text.replaceAll("OpenAI", who));
  return { ...rest, title: named(title), next: named(next) };
};

const keyHints: TroubleshootingHint[] = [
  {
    problem: m.key_hint_problem_key_rejected(),
    help: m.key_hint_help_may_be_deleted(),
    page: { action: "keys_page", text: m.key_hint_page_text_see_your_keys() },
  },
  {
    problem: m.key_hint_problem_too_many_requests(),
    help: m.key_hint_help_usage_page_platform(),
    page: { action: "platform_usage", text: m.key_hint_page_text_see_your_usage() },
  },
  {
    problem: m.key_hint_problem_no_models_or(),
    help: m.key_hint_help_new_account_needs(),
    page: { action: "billing_page", text: m.key_hint_page_text_see_your_credit() },
  },
  { problem: m.key_hint_problem_for_ci(), help: m.key_hint_help_create_separate_key() },
];

const serviceHints: TroubleshootingHint[] = [
  {
    problem: m.service_hint_problem_no_answer(),
    help: m.service_hint_help_if_on_computer(),
  },
  { problem: m.service_hint_problem_models_missing(), help: m.service_hint_help_not_every_service() },
];

const codexHints: TroubleshootingHint[] = [
  {
    problem: m.codex_hint_problem_wrong_account(),
    help: m.codex_hint_help_sign_in_right(),
  },
  {
    problem: m.codex_hint_problem_expires_repeatedly(),
    help: m.codex_hint_help_only_codex_cli(),
  },
];

const effortCosts = m.key_effort_costs();

const codex: ProviderTexts = {
  ...plan,
  kind: "codex",
  failure: withDefaults(codexFailures, "OpenAI"),
  hints: async () => codexHints,
  token: (now, expiresAt) =>
    expiresAt === null ? m.codex_token_valid() : m.codex_token_until({ valid: until(now, expiresAt) }),
};

const key: ProviderTexts = {
  ...plan,
  kind: "key",
  failure: withDefaults(keyFailures, "OpenAI"),
  testAbout: m.key_test_about(),
  stages: { ...plan.stages, token: m.key_stages_token() },
  token: () => m.key_token(),
  missing: m.key_missing(),
  empty: m.key_empty(),
  emptyNext: m.key_empty_next(),
  effortDefault: (effort) => f.sentences(effortDefault(effort), effortCosts),
  effortNoDefault: effortCosts,
  hints: async () => keyHints,
};

const service = (who: string): ProviderTexts => ({
  ...key,
  kind: "service",
  serviceName: who,
  failure: withDefaults(serviceFailures(who), who),
  testAbout: m.service_test_about(),
  missing: m.service_missing(),
  empty: m.service_empty({ who }),
  emptyNext: m.service_empty_next(),
  hints: async () => serviceHints,
});

function baseTextsOf({ id, name }: { id: ProviderId; name: string }): ProviderTexts {
  switch (providerKindOf(id)) {
    case "plan":
      return plan;
    case "key":
      return key;
    case "codex":
      return codex;
    case "service":
      return service(name);
  }
}

export function textsOf(view: { id: ProviderId; name: string; enabled?: boolean }): ProviderTexts {
  const texts = baseTextsOf(view);
  return view.enabled === false ? whileOff(texts, view.name) : texts;
}
