// Texts of OpenAI's sign-in for local apps, "Continue with ChatGPT". Names in OpenAI's own words (siwc §13) are marked.

import * as m from "#messages";

import type { AccountView, ErrorCode } from "../../ipc/bindings";
import { failures, type FailureText } from "../errors/errors";

export const planUsage = {
  /** OpenAI's words. */
  name: "Continue with ChatGPT",
  /** OpenAI's words. */
  using: "Using ChatGPT plan",
  /** OpenAI's words. */
  manage: "Manage usage",
  usingAbout: m.plan_usage_using_about(),
  otherWays: m.plan_usage_other_ways(),
  tools: m.plan_usage_tools(),
  noTools: m.plan_usage_no_tools(),
};

export const isPlanUsage = (account: AccountView | null | undefined): boolean =>
  account?.route === "plan_usage";

const differing: Partial<Record<ErrorCode, FailureText>> = {
  plan_use_not_allowed: { ...failures.plan_use_not_allowed, action: "allow_plan_use" },
  usage_not_included: {
    title: m.plan_usage_failure_usage_not_included_title(),
    next: m.plan_usage_failure_usage_not_included_next(),
    action: "other_ways",
  },
  usage_limit_reached: {
    title: m.plan_usage_failure_usage_limit_reached_title(),
    next: m.plan_usage_failure_usage_limit_reached_next(),
    action: "manage_usage",
  },
  sign_in_expired: {
    title: m.plan_usage_failure_sign_in_expired_title(),
    next: m.plan_usage_failure_sign_in_expired_next(),
    action: "sign_in",
  },
};

/** Returns the text of a failure of an account with plan usage. */
export const planUsageFailure = (code: ErrorCode): FailureText => differing[code] ?? failures[code];

/** The codes whose text differs. */
export const planUsageDiffers = (code: ErrorCode): boolean => code in differing;
