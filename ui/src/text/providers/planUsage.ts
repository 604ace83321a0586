// Texts of OpenAI's sign-in for local apps, "Continue with ChatGPT". Names in OpenAI's own words (siwc §13) are marked.

import type { AccountView, ErrorCode } from "../../ipc/bindings";
import { failures, type FailureText } from "../errors/errors";

export const planUsage = {
  /** OpenAI's words. */
  name: "Continue with ChatGPT",
  /** OpenAI's words. */
  using: "Using ChatGPT plan",
  /** OpenAI's words. */
  manage: "Manage usage",
  usingAbout: "ChatGPT shows how much is used. It does not tell apps.",
  otherWays: "Pay another way",
  tools: "Your tools",
  noTools: "They can’t use this sign-in. OpenAI allows it for Usher’s own requests only.",
};

export const isPlanUsage = (account: AccountView | null | undefined): boolean =>
  account?.route === "plan_usage";

const differing: Partial<Record<ErrorCode, FailureText>> = {
  plan_use_not_allowed: { ...failures.plan_use_not_allowed, action: "allow_plan_use" },
  usage_not_included: {
    title: "This account cannot use its plan in other apps.",
    next: "OpenAI offers that with Plus and Pro. You stay signed in, but requests need another way.",
    action: "other_ways",
  },
  usage_limit_reached: {
    title: "Usage limit reached.",
    next: "ChatGPT refused the last request. It does not tell apps which limit it is, or until when. Test asks again.",
    action: "manage_usage",
  },
  sign_in_expired: {
    title: "Your sign-in has ended.",
    next: "It ends after 30 days without use. Sign in again. Your model and settings are kept.",
    action: "sign_in",
  },
};

/** Returns the text of a failure of an account with plan usage. */
export const planUsageFailure = (code: ErrorCode): FailureText => differing[code] ?? failures[code];

/** The codes whose text differs. */
export const planUsageDiffers = (code: ErrorCode): boolean => code in differing;
