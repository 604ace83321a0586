// Why a request of a tool was not answered, one line in the list of requests: what happened, then what to do. Other words
// than those of a provider's panel, because the request may have gone to any provider, and the tool sends it again.

import type { ErrorCode } from "../../ipc/bindings";

const signIn = "Sign in again in Usher.";

export const requestFailures: Record<ErrorCode, string> = {
  access_denied: `The provider denied access. ${signIn}`,
  missing_entitlement: "The workspace does not include Codex. Ask its admin to allow it.",
  region_unsupported: "The provider is not available in your region. Check your VPN or proxy.",
  device_login_disabled: `The account does not allow sign-in codes. ${signIn}`,
  port_busy: "The port was in use. Choose another port for the gateway.",
  browser_unavailable: `No browser could be started. ${signIn}`,
  timeout: "The provider did not answer in time. Send the request again.",
  cancelled: "Ended in Usher: the gateway or its provider was switched off, or the pass was revoked.",
  malformed_answer: "Usher did not understand the provider’s response. If it keeps happening, update Usher.",
  clock_skew: "This computer’s clock is wrong. Set the date and time.",
  store_locked: "The keyring is locked. Unlock it.",
  store_unavailable: "Usher could not open its secret storage. Check the keyring and the free disk space.",
  store_corrupt: `The file with your sign-in is damaged. ${signIn}`,
  account_problem: "OpenAI has closed or suspended the account. Look for a message from OpenAI.",
  model_unavailable: "This model is not available. Choose another model in the tool.",
  overloaded: "The provider is overloaded. Wait a minute, or choose another model.",
  host_not_allowed: "The provider is switched off in Usher. Switch it on.",
  upstream_error: "The provider refused the request. If it keeps happening, check its status page.",
  bad_usage: "Usher did not understand the request. Check the tool’s settings, or update it.",
  effort_unsupported: "The model does not support this reasoning effort. Choose another effort in the tool.",
  bad_url: "Usher cannot use the provider’s address. Check its base URL.",
  sign_in_required: "Nobody is signed in. Sign in, or save a key.",
  sign_in_expired: `The sign-in has expired. ${signIn}`,
  sign_in_revoked: `OpenAI ended the sign-in. ${signIn}`,
  sign_in_reused: `OpenAI ended the sign-in because a copy of it was used. ${signIn}`,
  invalid_key: "The key was rejected. Check it in Usher.",
  usage_limit_reached: "The limit of the plan is reached. Wait until it resets.",
  usage_not_included: "The plan does not include Codex. Choose a plan that does.",
  billing: "No credit is left, or a spending limit is reached. Add credit, or raise the limit.",
  rate_limited: "Too many requests in a short time. Wait a minute.",
  offline: "The provider could not be reached. Check your connection.",
  dns: "The address of the provider’s server was not found. Check your connection and your DNS settings.",
  proxy: "The proxy did not forward the request. Check this computer’s proxy settings.",
  tls: "The certificate of the provider’s server is not trusted. Check SSL_CERT_FILE.",
  challenge_page: "A bot check blocked the request. Try without VPN, or on another network.",
  endpoint_not_found: "The server has no OpenAI API at this address. Check the base URL of the provider.",
  program_missing: "A program that Usher needs is not installed. Install it.",
  settings_unusable: "Usher cannot use its settings file. Correct config.toml.",
  tool_file_unusable: "Usher cannot change a file of a tool. Correct that file.",
  internal: "Something went wrong inside Usher. If it keeps happening, update Usher or report it.",
};
