// Title, next step and recovery action of every error code. The records are complete by type: an
// error code without a text does not compile.

import type { ErrorCode } from "../../ipc/bindings";
import { sentence } from "../panels/sentence";

/** What the button of a failure does. Each screen decides how. */
export type RecoveryAction =
  | "sign_in"
  /** Signs in and lets the user choose the account. */
  | "another_account"
  | "retry"
  | "use_code"
  | "use_browser"
  | "unlock"
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
  sign_in: "Sign in again",
  another_account: "Use another account",
  retry: "Try again",
  use_code: "Use a code instead",
  use_browser: "Use the browser instead",
  unlock: "Unlock keyring",
  choose_model: "Choose another model",
  switch_on: "Switch it on",
  plans: "See plans",
  usage_page: "See your usage",
  manage_usage: "Manage usage",
  allow_plan_use: "Allow plan use",
  other_ways: "See other ways",
  status_page: "Open the status page",
  key: "Replace the key",
  set_aside: "Start again without it",
  address: "Change the address",
  keys_page: "See your keys",
  billing_page: "See your credit",
  platform_usage: "See your usage",
};

export const buttonOf = (text: FailureText): string => text.button ?? buttons[text.action];

/** Example plans that include Codex; OpenAI may change which ones do. */
export const examplePlans = "for example Plus, Pro or Business";

/** The failure of a disabled provider, for which the core allows no host. */
export const switchedOff = (name: string): FailureText => ({
  title: `${name} is switched off in Usher.`,
  next: "Usher sends it nothing until you switch it on.",
  action: "switch_on",
});

/** Failures of requests: models, usage, test. */
export const failures: Record<ErrorCode, FailureText> = {
  access_denied: {
    title: "OpenAI denied access.",
    next: "Sign in again and choose Allow.",
    action: "sign_in",
  },
  missing_entitlement: {
    title: "Your workspace does not include Codex.",
    next: "Ask your workspace admin to allow Codex, then sign in again.",
    action: "sign_in",
  },
  region_unsupported: {
    title: "OpenAI is not available in your region.",
    next: "You stay signed in. Check your VPN or proxy, then try again.",
    action: "retry",
  },
  device_login_disabled: {
    title: "Your account does not allow sign-in codes.",
    next: "Allow device codes in your ChatGPT security settings, or ask your workspace admin. Signing in with the browser needs no code.",
    action: "use_browser",
  },
  port_busy: {
    title: "Other programs are using ports 1455 and 1457.",
    next: "OpenAI sends your browser back to one of them. Wait until the other program is done, or sign in with a code, which needs no port.",
    action: "use_code",
  },
  browser_unavailable: {
    title: "Usher could not start a browser.",
    next: "Open the address yourself, or sign in with a code on another device.",
    action: "use_code",
  },
  timeout: {
    title: "OpenAI did not answer in time.",
    next: "Check your connection, then try again.",
    action: "retry",
  },
  cancelled: {
    title: "Stopped.",
    next: "Nothing was changed. Start again when you like.",
    action: "retry",
  },
  malformed_answer: {
    title: "OpenAI sent a response that Usher does not understand.",
    next: "Try again. If it keeps happening, update Usher.",
    action: "retry",
  },
  clock_skew: {
    title: "This computer’s clock is wrong.",
    next: "Set the date and time, then try again.",
    action: "retry",
  },
  store_locked: {
    title: "The keyring is locked.",
    next: "Usher cannot read your sign-in until you unlock it. Nothing is lost.",
    action: "unlock",
  },
  store_unavailable: {
    title: "Usher cannot open its secret storage.",
    next: "Do what is said here, then try again. `usher doctor` in a terminal shows more.",
    action: "retry",
  },
  store_corrupt: {
    title: "The file with your sign-in is damaged.",
    next: "Put it back from a backup, or start again without it: Usher keeps the damaged file under another name.",
    action: "set_aside",
  },
  account_problem: {
    title: "OpenAI has closed or suspended this account.",
    next: "Signing in again does not help. Look for a message from OpenAI, check that the last payment went through, or use another account.",
    action: "another_account",
  },
  model_unavailable: {
    title: "OpenAI does not offer this model on your plan.",
    next: "Choose another model.",
    action: "choose_model",
  },
  overloaded: {
    title: "OpenAI is overloaded.",
    next: "Try again in a minute, or choose another model.",
    action: "retry",
  },
  host_not_allowed: {
    title: "Usher blocked this address.",
    next: "No provider uses it. Check USHER_ISSUER_URL and USHER_CHATGPT_URL, then try again.",
    action: "retry",
  },
  upstream_error: {
    title: "OpenAI refused the request.",
    next: "Try again. If it keeps happening, check OpenAI’s status page.",
    action: "retry",
  },
  bad_usage: {
    title: "Usher could not do that.",
    next: "Try again. If it keeps happening, update Usher.",
    action: "retry",
  },
  effort_unsupported: {
    title: "This model does not support that reasoning effort.",
    next: "Choose another effort or another model.",
    action: "choose_model",
  },
  bad_url: {
    title: "Usher cannot use this address.",
    next: "Check USHER_ISSUER_URL and USHER_CHATGPT_URL, then try again.",
    action: "retry",
  },
  other_account: {
    title: "Another account signed in.",
    next: "Nothing was saved. Sign in again and choose the right account on OpenAI’s page.",
    action: "sign_in",
  },
  registration_incomplete: {
    title: "OpenAI did not finish adding Usher to your account.",
    next: "Nothing was saved. Sign in again.",
    action: "sign_in",
  },
  plan_use_not_allowed: {
    title: "Usher may not use your ChatGPT plan.",
    next: "Sign in again and allow plan use on OpenAI’s page. Or sign in with OpenAI, or use an API key.",
    action: "sign_in",
  },
  connected_app_only: {
    title: "OpenAI lets only Usher itself use this sign-in.",
    next: "For your tools, sign in with OpenAI or use an API key.",
    action: "another_account",
  },
  sign_in_required: {
    title: "You are not signed in.",
    next: "Sign in, then try again.",
    action: "sign_in",
    button: "Sign in with OpenAI",
  },
  sign_in_expired: {
    title: "Your sign-in has expired.",
    next: "Sign in again. Your model and settings are kept.",
    action: "sign_in",
  },
  sign_in_revoked: {
    title: "OpenAI ended your sign-in.",
    next: "Sign in again. Your model and settings are kept.",
    action: "sign_in",
  },
  sign_in_reused: {
    title: "OpenAI ended your sign-in because a copy of it was used.",
    next: "Another program may be using a copy of this sign-in. Sign in again here and don’t copy it.",
    action: "sign_in",
  },
  invalid_key: {
    title: "OpenAI rejected this key.",
    next: "Sign in with your plan, or check the key.",
    action: "sign_in",
  },
  usage_limit_reached: {
    title: "The limit of your plan is reached.",
    next: "Wait until it resets, or check your usage at OpenAI.",
    action: "usage_page",
  },
  usage_not_included: {
    title: "Your plan does not include Codex.",
    next: `Choose a plan that does, ${examplePlans}, or sign in with another account.`,
    action: "plans",
  },
  billing: {
    title: "No credit is left, or you reached a spending limit.",
    next: "Add credit or raise the limit at OpenAI, then try again.",
    action: "usage_page",
  },
  rate_limited: {
    title: "Too many requests in a short time.",
    next: "Wait a minute, then try again.",
    action: "retry",
  },
  budget_reached: {
    title: "The budget of this run is used up.",
    next: "Start the program again with a larger budget.",
    action: "retry",
  },
  offline: {
    title: "OpenAI could not be reached.",
    next: "Check your connection, then try again.",
    action: "retry",
  },
  dns: {
    title: "The address of OpenAI’s server was not found.",
    next: "Check your connection and your DNS settings, then try again.",
    action: "retry",
  },
  proxy: {
    title: "The proxy did not forward the request.",
    next: "Check the proxy’s address and password in this computer’s settings or HTTPS_PROXY, then try again.",
    action: "retry",
  },
  tls: {
    title: "The server’s certificate is not trusted.",
    next: "If your network has its own certificate authority, set SSL_CERT_FILE to its file, then try again.",
    action: "retry",
  },
  challenge_page: {
    title: "OpenAI’s bot check blocked the request.",
    next: "Try without VPN, or on another network.",
    action: "retry",
  },
  endpoint_not_found: {
    title: "The server answered, but not with an OpenAI API.",
    next: "Check the base URL; most services want it to end in /v1.",
    action: "retry",
  },
  program_missing: {
    title: "A program that Usher needs is not installed.",
    next: "Install it, then try again.",
    action: "retry",
  },
  settings_unusable: {
    title: "Usher cannot use its settings file.",
    next: "Correct config.toml as described, then try again.",
    action: "retry",
  },
  tool_file_unusable: {
    title: "Usher cannot change a file of this tool.",
    next: "Do what is said here, then try again. Nothing was changed.",
    action: "retry",
  },
  service_failed: {
    title: "The system did not start or stop the service.",
    next: "Run usher service status in a terminal; it shows how the service stands.",
    action: "retry",
  },
  internal: {
    title: "Something went wrong inside Usher.",
    next: "Try again. If it keeps happening, update Usher or report it.",
    action: "retry",
  },
};

/** Failures in the notice below the panel head; titles of notices have no full stop. */
export const attentions: Record<ErrorCode, FailureText> = {
  ...failures,
  sign_in_expired: {
    title: "Your sign-in has expired",
    next: "Requests are refused until you sign in again. Your model and settings are kept.",
    action: "sign_in",
  },
  sign_in_revoked: {
    title: "OpenAI ended your sign-in",
    next: "Requests are refused until you sign in again. Your model and settings are kept.",
    action: "sign_in",
  },
  sign_in_reused: {
    title: "OpenAI ended your sign-in because a copy of it was used",
    next: "Requests are refused until you sign in again. Another program may be using a copy: don’t copy the new sign-in.",
    action: "sign_in",
  },
  store_locked: {
    title: "The keyring is locked",
    next: "Usher cannot read your sign-in until you unlock it. Nothing is lost.",
    action: "unlock",
  },
  store_unavailable: {
    title: "Usher cannot open its secret storage",
    next: "Do what is said here, then try again. `usher doctor` in a terminal shows more.",
    action: "retry",
  },
  store_corrupt: {
    title: "The file with your sign-in is damaged",
    next: "Put it back from a backup, or start again without it: Usher keeps the damaged file under another name.",
    action: "set_aside",
  },
  account_problem: {
    title: "OpenAI has closed or suspended this account",
    next: "Signing in again does not help. Look for a message from OpenAI, check that the last payment went through, or use another account.",
    action: "another_account",
  },
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
  "service_failed",
  "internal",
]);

/** Returns the core's cause as a sentence, if it adds information to the shown text. */
export const detailOf = (failure: { code: ErrorCode; cause: string }, shown?: FailureText): string | null =>
  codesWithCause.has(failure.code) && shown?.action !== "switch_on" && failure.cause.trim()
    ? sentence(failure.cause)
    : null;
