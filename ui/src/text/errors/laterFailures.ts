// Failures that only the deferred panels meet. They import this file for its effect.

import * as m from "#messages";

import { attentions } from "./attentions";
import { failures, type FailureText, type LaterCode } from "./errors";

export const laterFailures: Record<LaterCode, FailureText> = {
  program_missing: {
    title: m.failure_program_missing_title(),
    next: m.failure_program_missing_next(),
    action: "retry",
  },
  bad_url: {
    title: m.failure_bad_url_title(),
    next: m.failure_bad_url_next(),
    action: "retry",
  },
  invalid_key: {
    title: m.failure_invalid_key_title(),
    next: m.failure_invalid_key_next(),
    action: "sign_in",
  },
  locked: {
    title: m.failure_locked_title(),
    next: m.failure_locked_next(),
    action: "retry",
  },
  connected_app_only: {
    title: m.failure_connected_app_only_title(),
    next: m.failure_connected_app_only_next(),
    action: "another_account",
  },
  budget_reached: {
    title: m.failure_budget_reached_title(),
    next: m.failure_budget_reached_next(),
    action: "retry",
  },
  reserve_reached: {
    title: m.failure_reserve_reached_title(),
    next: m.failure_reserve_reached_next(),
    action: "retry",
  },
  tool_file_unusable: {
    title: m.failure_tool_file_unusable_title(),
    next: m.failure_tool_file_unusable_next(),
    action: "retry",
  },
  service_failed: {
    title: m.failure_service_failed_title(),
    next: m.failure_service_failed_next(),
    action: "retry",
  },
  transfer_unusable: {
    title: m.failure_transfer_unusable_title(),
    next: m.failure_transfer_unusable_next(),
    action: "retry",
  },
  transfer_opened: {
    title: m.failure_transfer_opened_title(),
    next: m.failure_transfer_opened_next(),
    action: "retry",
  },
  passphrase_wrong: {
    title: m.failure_passphrase_wrong_title(),
    next: m.failure_passphrase_wrong_next(),
    action: "retry",
  },
  tier_unsupported: {
    title: m.failure_tier_unsupported_title(),
    next: m.failure_tier_unsupported_next(),
    action: "choose_model",
  },
  update_failed: {
    title: m.failure_update_failed_title(),
    next: m.failure_update_failed_next(),
    action: "retry",
  },
};

Object.assign(failures, laterFailures);
Object.assign(attentions, laterFailures);
