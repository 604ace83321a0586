// Title, next step and recovery action of errors while signing in, where they differ.

import type { ErrorCode, SignInMethod, SignInRoute } from "../../ipc/bindings";
import { examplePlans, failures, type FailureText } from "./errors";

/** Failures of a sign-in, where "retry" starts it again. */
const whileSigningIn: Partial<Record<ErrorCode, FailureText>> = {
  access_denied: {
    title: "Access was declined on OpenAI’s page.",
    next: "Sign in again and choose Allow.",
    action: "sign_in",
  },
  timeout: {
    title: "The sign-in was not finished within 5 minutes.",
    next: "Nothing was saved. Sign in again; the page opens in your browser.",
    action: "sign_in",
  },
  region_unsupported: {
    title: "OpenAI is not available in your region.",
    next: "Nothing was saved. Check your VPN or proxy, then try again.",
    action: "retry",
  },
  account_problem: {
    title: "OpenAI has closed or suspended this account.",
    next: "Look for a message from OpenAI, check that the last payment went through, or sign in with another account.",
    action: "another_account",
  },
  missing_entitlement: {
    title: "Your workspace does not include Codex.",
    next: "Nothing was saved. Ask your workspace admin to allow Codex, or choose another workspace or account.",
    action: "another_account",
  },
  malformed_answer: {
    title: "OpenAI sent a response that Usher does not understand.",
    next: "Nothing was saved. Sign in again. If it keeps happening, update Usher.",
    action: "sign_in",
  },
  upstream_error: {
    title: "OpenAI refused the sign-in.",
    next: "Nothing was saved. Sign in again. If it keeps happening, check OpenAI’s status page.",
    action: "sign_in",
  },
  bad_url: {
    title: "This is not the redirect address of this sign-in.",
    next: "Copy the full address of the last page, with everything after the question mark.",
    action: "retry",
  },
  store_locked: {
    title: "The keyring is locked.",
    next: "Usher cannot store a sign-in until you unlock it. Nothing was saved.",
    action: "unlock",
  },
  store_corrupt: {
    title: "The file with your sign-ins is damaged.",
    next: "Put it back from a backup, or start again without it: Usher keeps the damaged file under another name.",
    action: "sign_in",
    button: "Start again without it",
  },
  usage_not_included: {
    title: "Your plan does not include Codex.",
    next: `Choose a plan that does, ${examplePlans}, or sign in with another account.`,
    action: "plans",
  },
};

const withCode: Partial<Record<ErrorCode, FailureText>> = {
  timeout: {
    title: "The code has expired.",
    next: "Codes work for 15 minutes. Nothing was saved.",
    action: "retry",
    button: "Get a new code",
  },
  access_denied: {
    title: "Access was declined on OpenAI’s page.",
    next: "Get a new code and choose Allow.",
    action: "retry",
    button: "Get a new code",
  },
};

/** Failures of a sign-in with plan usage, which has no fixed port and no code. */
const withPlanUsage: Partial<Record<ErrorCode, FailureText>> = {
  port_busy: {
    title: "Usher could not listen for the browser.",
    next: "Nothing was saved. Try again.",
    action: "retry",
  },
  browser_unavailable: {
    title: "Usher could not start a browser.",
    next: "Try again, and open the address yourself.",
    action: "retry",
  },
  registration_incomplete: {
    title: "ChatGPT does not know this installation of Usher.",
    next: "It may have been removed in ChatGPT’s settings. Registering again lists Usher there once more.",
    action: "another_account",
    button: "Register again",
  },
  usage_not_included: {
    title: "This account cannot use its plan in other apps.",
    next: "OpenAI offers that with Plus and Pro. Sign in with OpenAI instead, or use an API key.",
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
