// One sentence, one next step and one button for every code. The records are complete by type: a code of
// the core without its text does not compile.

import type { ErrorCode } from "../ipc/bindings";

/** What the one button of a failure does; where it stands decides how. */
export type Step =
  | "sign_in"
  | "retry"
  | "use_code"
  | "use_browser"
  | "unlock"
  | "choose_model"
  /** The provider itself. */
  | "switch_on"
  | "plans"
  | "usage_page"
  | "status_page"
  /** Saves a key, or replaces the one that there is. */
  | "key"
  | "address"
  | "keys_page"
  | "billing_page"
  | "platform_usage";

export interface FailureText {
  title: string;
  next: string;
  step: Step;
  /** When the step's own words do not fit. */
  button?: string;
}

const buttons: Record<Step, string> = {
  sign_in: "Sign in again",
  retry: "Try again",
  use_code: "Use a code instead",
  use_browser: "Use the browser instead",
  unlock: "Unlock keyring",
  choose_model: "Choose another model",
  switch_on: "Switch it on",
  plans: "See plans",
  usage_page: "See your usage",
  status_page: "Open the status page",
  key: "Replace the key",
  address: "Change the address",
  keys_page: "See your keys",
  billing_page: "See your credit",
  platform_usage: "See your usage",
};

export const buttonOf = (text: FailureText): string => text.button ?? buttons[text.step];

/** Plans that qualify today; which ones do is for OpenAI to change. */
export const somePlans = "for example Plus, Pro or Business";

/** Of a provider that the person has switched off: the core then knows no host to speak to. */
export const switchedOff = (name: string): FailureText => ({
  title: `${name} is switched off in Usher.`,
  next: "Nothing is asked of it until you switch it on.",
  step: "switch_on",
});

/** Wherever a request is made: models, usage, test. */
export const failures: Record<ErrorCode, FailureText> = {
  access_denied: {
    title: "Access was not allowed.",
    next: "Sign in again and choose Allow.",
    step: "sign_in",
  },
  missing_entitlement: {
    title: "Your workspace does not include Codex.",
    next: "Ask the admin of your workspace to allow Codex, then sign in again.",
    step: "sign_in",
  },
  region_unsupported: {
    title: "OpenAI does not serve the region you connect from.",
    next: "Your sign-in is kept. Check your VPN or proxy, then try again.",
    step: "retry",
  },
  device_login_disabled: {
    title: "Your account does not allow sign-in codes.",
    next: "Allow device codes in your ChatGPT security settings or ask the admin of your workspace. The browser works without.",
    step: "use_browser",
  },
  port_busy: {
    title: "Other programs are using ports 1455 and 1457.",
    next: "OpenAI sends your browser back to one of them. Another tool may be signing in; a code works without a port.",
    step: "use_code",
  },
  browser_unavailable: {
    title: "No browser could be started here.",
    next: "Open the address yourself, or sign in with a code on another device.",
    step: "use_code",
  },
  timeout: {
    title: "OpenAI did not answer in time.",
    next: "Check your connection, then try again.",
    step: "retry",
  },
  cancelled: {
    title: "It was stopped.",
    next: "Nothing was changed. Start again when you like.",
    step: "retry",
  },
  malformed_answer: {
    title: "OpenAI gave an answer that Usher does not understand.",
    next: "Try again. If it stays like this, look for a newer Usher.",
    step: "retry",
  },
  clock_skew: {
    title: "The clock of this computer is wrong.",
    next: "Set the date and time, then try again.",
    step: "retry",
  },
  store_locked: {
    title: "The keyring is locked.",
    next: "Usher cannot read your sign-in until you unlock it. Nothing is lost.",
    step: "unlock",
  },
  store_unavailable: {
    title: "Usher cannot use its store.",
    next: "Make sure that the keyring runs and the disk has room, then try again.",
    step: "retry",
  },
  store_corrupt: {
    title: "The file with your sign-in is damaged.",
    next: "It was set aside under another name. Sign in again to make a new one.",
    step: "sign_in",
  },
  account_problem: {
    title: "OpenAI has closed or suspended this account.",
    next: "Signing in again does not help. Look for a message from OpenAI, check that the last payment went through, or use another account.",
    step: "sign_in",
    button: "Use another account",
  },
  model_unavailable: {
    title: "OpenAI does not offer this model to your plan.",
    next: "Choose another one.",
    step: "choose_model",
  },
  overloaded: {
    title: "OpenAI has no room for more requests at the moment.",
    next: "Try again in a minute, or choose another model.",
    step: "retry",
  },
  host_not_allowed: {
    title: "Usher may not talk to this address.",
    next: "It is on no provider’s list. Check the USHER variables of the environment, then try again.",
    step: "retry",
  },
  upstream_error: {
    title: "OpenAI refused the request.",
    next: "Try again. If it stays like this, OpenAI’s status page may say why.",
    step: "retry",
  },
  bad_usage: {
    title: "Usher could not do that.",
    next: "Try again. If it stays like this, look for a newer Usher.",
    step: "retry",
  },
  effort_unsupported: {
    title: "This model does not have that effort.",
    next: "Choose another effort or another model.",
    step: "choose_model",
  },
  bad_url: {
    title: "Usher cannot use this address.",
    next: "Check the USHER variables of the environment, then try again.",
    step: "retry",
  },
  sign_in_required: {
    title: "Nobody is signed in.",
    next: "Sign in, then try again.",
    step: "sign_in",
    button: "Sign in with OpenAI",
  },
  sign_in_expired: {
    title: "Your sign-in has expired.",
    next: "Sign in again. Your model and settings stay as they are.",
    step: "sign_in",
  },
  sign_in_revoked: {
    title: "OpenAI refused to renew the sign-in. It was ended somewhere else.",
    next: "Sign in again. Your model and settings stay as they are.",
    step: "sign_in",
  },
  sign_in_reused: {
    title: "OpenAI ended the sign-in because a copy of it was used.",
    next: "Sign in again. Usher keeps a sign-in of its own that no other program uses.",
    step: "sign_in",
  },
  invalid_key: {
    title: "OpenAI does not know this key.",
    next: "Sign in with your plan, or check the key.",
    step: "sign_in",
  },
  usage_limit_reached: {
    title: "The limit of your plan is reached.",
    next: "Wait until it resets, or see your usage at OpenAI.",
    step: "usage_page",
  },
  usage_not_included: {
    title: "Your plan does not include Codex.",
    next: `Choose a plan that does, ${somePlans}, or sign in with another account.`,
    step: "plans",
  },
  billing: {
    title: "There is no credit left, or a spend cap is reached.",
    next: "Add credit or raise the cap at OpenAI, then try again.",
    step: "usage_page",
  },
  rate_limited: {
    title: "There were too many requests in a short time.",
    next: "Wait a minute, then try again.",
    step: "retry",
  },
  offline: {
    title: "OpenAI could not be reached.",
    next: "Check your connection, then try again.",
    step: "retry",
  },
  dns: {
    title: "The name of OpenAI’s server was not found.",
    next: "Check your connection and its DNS, then try again.",
    step: "retry",
  },
  proxy: {
    title: "The proxy did not let the request through.",
    next: "Check the proxy of this computer and its password, then try again.",
    step: "retry",
  },
  tls: {
    title: "The certificate of the server is not trusted.",
    next: "If your network has its own certificate authority, name its file in SSL_CERT_FILE, then try again.",
    step: "retry",
  },
  challenge_page: {
    title: "A page for people came instead of an answer.",
    next: "OpenAI’s guard does not trust your network. Try without VPN or on another network.",
    step: "retry",
  },
  endpoint_not_found: {
    title: "There is no OpenAI API at this address.",
    next: "The host answers. Check the base URL; most services want it to end in /v1.",
    step: "retry",
  },
  program_missing: {
    title: "A program that is needed is not installed.",
    next: "Install it, then try again.",
    step: "retry",
  },
  settings_unusable: {
    title: "The settings file cannot be used as it is.",
    next: "Mend config.toml where the details say, then try again.",
    step: "retry",
  },
};

/** While signing in, where "retry" starts the sign-in over. */
const whileSigningIn: Partial<Record<ErrorCode, FailureText>> = {
  access_denied: {
    title: "Access was not allowed.",
    next: "The OpenAI page said no to the request. Sign in again and choose Allow.",
    step: "sign_in",
  },
  timeout: {
    title: "The sign-in was not finished within 5 minutes.",
    next: "Nothing was saved. Start again; the page opens in your browser.",
    step: "sign_in",
  },
  region_unsupported: {
    title: "OpenAI does not serve the region you connect from.",
    next: "Nothing was saved. Check your VPN or proxy, then try again.",
    step: "retry",
  },
  account_problem: {
    title: "OpenAI has closed or suspended this account.",
    next: "Look for a message from OpenAI, check that the last payment went through, or sign in with another account.",
    step: "sign_in",
    button: "Use another account",
  },
  malformed_answer: {
    title: "OpenAI gave an answer that Usher does not understand.",
    next: "Nothing was saved. Sign in again. If it stays like this, look for a newer Usher.",
    step: "sign_in",
  },
  upstream_error: {
    title: "OpenAI refused the sign-in.",
    next: "Nothing was saved. Sign in again. If it stays like this, OpenAI’s status page may say why.",
    step: "sign_in",
  },
  bad_url: {
    title: "This is not the address that the sign-in ended on.",
    next: "Copy the whole address of the last page, with everything after the question mark.",
    step: "retry",
  },
  store_locked: {
    title: "The keyring is locked.",
    next: "Usher cannot keep a sign-in until you unlock it. Nothing was saved.",
    step: "unlock",
  },
  store_corrupt: {
    title: "The file for sign-ins is damaged.",
    next: "It was set aside under another name. Sign in again to make a new one.",
    step: "sign_in",
  },
  usage_not_included: {
    title: "Your plan does not include Codex.",
    next: `Choose a plan that does, ${somePlans}, or sign in with another account.`,
    step: "plans",
  },
};

const withCode: Partial<Record<ErrorCode, FailureText>> = {
  timeout: {
    title: "The code has expired.",
    next: "Codes work for 15 minutes. Nothing was saved.",
    step: "retry",
    button: "Get a new code",
  },
  access_denied: {
    title: "Access was not allowed.",
    next: "The OpenAI page said no to the request. Get a new code and choose Allow.",
    step: "retry",
    button: "Get a new code",
  },
};

export const signInFailures: Record<ErrorCode, FailureText> = { ...failures, ...whileSigningIn };
export const codeFailures: Record<ErrorCode, FailureText> = { ...signInFailures, ...withCode };

/** In the notice below the head; titles of notices have no full stop. */
export const attentions: Record<ErrorCode, FailureText> = {
  ...failures,
  sign_in_expired: {
    title: "Your sign-in has expired",
    next: "Requests are refused until you sign in again. Your model and settings stay as they are.",
    step: "sign_in",
  },
  sign_in_revoked: {
    title: "Your sign-in was ended at OpenAI",
    next: "Requests are refused until you sign in again. Your model and settings stay as they are.",
    step: "sign_in",
  },
  sign_in_reused: {
    title: "OpenAI ended the sign-in because a copy of it was used",
    next: "Requests are refused until you sign in again. Usher keeps a sign-in of its own that no other program uses.",
    step: "sign_in",
  },
  store_locked: {
    title: "The keyring is locked",
    next: "Usher cannot read your sign-in until you unlock it. Nothing is lost.",
    step: "unlock",
  },
  store_unavailable: {
    title: "Usher cannot use its store",
    next: "Make sure that the keyring runs and the disk has room, then try again.",
    step: "retry",
  },
  store_corrupt: {
    title: "The file with your sign-in was damaged",
    next: "It was set aside under another name. Sign in again to make a new one.",
    step: "sign_in",
  },
  account_problem: {
    title: "OpenAI has closed or suspended this account",
    next: "Signing in again does not help. Look for a message from OpenAI, check that the last payment went through, or use another account.",
    step: "sign_in",
    button: "Use another account",
  },
};

/** Codes whose title leaves something open that only the core's own words say. */
const openEnded: ReadonlySet<ErrorCode> = new Set([
  "upstream_error",
  "malformed_answer",
  "account_problem",
  "missing_entitlement",
  "store_unavailable",
  "store_corrupt",
  "host_not_allowed",
  "bad_url",
  "proxy",
  "tls",
  "port_busy",
  "browser_unavailable",
  "challenge_page",
]);

/** The core's words where they add something to those that are shown. */
export const detailOf = (failure: { code: ErrorCode; cause: string }, shown?: FailureText): string | null =>
  openEnded.has(failure.code) && shown?.step !== "switch_on" && failure.cause.trim() ? failure.cause : null;
