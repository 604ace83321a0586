// Texts that differ for an API key, a service and the Codex CLI.

import type { ErrorCode, ProviderId } from "../../ipc/bindings";
import { failures, type FailureText } from "../errors/errors";
import { providerKindOf, plan, until, whileOff, type ProviderTexts, type TroubleshootingHint } from "./plan";

type PartialFailures = Partial<Record<ErrorCode, FailureText>>;

const keyFailures: PartialFailures = {
  sign_in_required: {
    title: "No key was found.",
    next: "Save a key, then test again.",
    action: "key",
    button: "Save a key",
  },
  invalid_key: {
    title: "OpenAI rejected this key.",
    next: "It may be mistyped, deleted, or belong to another organization. Replace it, or create a new one at platform.openai.com.",
    action: "key",
  },
  access_denied: {
    title: "This key does not allow that.",
    next: "Check its project and permissions at platform.openai.com.",
    action: "keys_page",
  },
  billing: {
    title: "No credit is left, or you reached a spending limit.",
    next: "Add credit or raise the limit at platform.openai.com. A ChatGPT plan does not pay for a key.",
    action: "billing_page",
  },
  rate_limited: {
    title: "Too many requests in a short time.",
    next: "Wait a minute, then try again. The usage page of the Platform shows your limits.",
    action: "platform_usage",
  },
  usage_limit_reached: {
    title: "The limit of this key is reached.",
    next: "The usage page of the Platform shows your limits.",
    action: "platform_usage",
  },
  model_unavailable: {
    title: "OpenAI does not offer this model to your key.",
    next: "Choose another model.",
    action: "choose_model",
  },
  missing_entitlement: {
    title: "Your organization does not allow this.",
    next: "Check the key’s project at platform.openai.com, or ask your organization’s admin.",
    action: "keys_page",
  },
  store_locked: {
    title: "The keyring is locked.",
    next: "Usher cannot read your key until you unlock it. Nothing is lost.",
    action: "unlock",
  },
  store_corrupt: {
    title: "The file with your key is damaged.",
    next: "Put it back from a backup, or start again without it: Usher keeps the damaged file under another name.",
    action: "set_aside",
  },
};

const serviceFailures = (who: string): PartialFailures => ({
  ...keyFailures,
  sign_in_required: {
    title: `${who} needs a key.`,
    next: "Save a key, then test again.",
    action: "key",
    button: "Save a key",
  },
  invalid_key: {
    title: `${who} rejected this key.`,
    next: "It may be mistyped or deleted. Replace it, then test again.",
    action: "key",
  },
  access_denied: {
    title: `${who} does not allow that.`,
    next: "Check your account and your key there, then try again.",
    action: "retry",
  },
  billing: {
    title: `No credit is left at ${who}, or you reached a spending limit.`,
    next: "Check your account there, then try again.",
    action: "retry",
  },
  rate_limited: {
    title: "Too many requests in a short time.",
    next: "Wait a minute, then try again.",
    action: "retry",
  },
  usage_limit_reached: {
    title: `You reached the limit of your account at ${who}.`,
    next: "Check your account there, then try again.",
    action: "retry",
  },
  usage_not_included: {
    title: `Your account at ${who} does not include this.`,
    next: "Choose another model, or check your account there.",
    action: "choose_model",
  },
  missing_entitlement: {
    title: `Your account at ${who} does not include this.`,
    next: "Choose another model, or check your account there.",
    action: "choose_model",
  },
  model_unavailable: {
    title: `${who} does not offer this model.`,
    next: "Choose another model.",
    action: "choose_model",
  },
  bad_url: {
    title: "Usher cannot use this address.",
    next: "Check the base URL.",
    action: "address",
  },
  endpoint_not_found: { ...failures.endpoint_not_found, action: "address" },
  host_not_allowed: {
    title: "Usher blocked this address.",
    next: "It is not the host of the base URL. Check the address, then try again.",
    action: "address",
  },
  region_unsupported: {
    title: `${who} is not available in your region.`,
    next: "Check your VPN or proxy, then try again.",
    action: "retry",
  },
});

const codexEnded: FailureText = {
  title: "The Codex CLI’s sign-in has expired.",
  next: "Only the Codex CLI can renew it. Run codex login. Recommended: sign in with Usher instead.",
  action: "sign_in",
  button: "Sign in with OpenAI",
};

const codexFailures: PartialFailures = {
  sign_in_required: {
    ...codexEnded,
    title: "The Codex CLI is not signed in.",
    next: "Run codex login. Recommended: sign in with Usher instead.",
  },
  sign_in_expired: codexEnded,
  sign_in_revoked: { ...codexEnded, title: "OpenAI ended the Codex CLI’s sign-in." },
  sign_in_reused: {
    ...codexEnded,
    title: "OpenAI ended the Codex CLI’s sign-in because a copy of it was used.",
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
    problem: "Key rejected?",
    help: "It may be deleted, or belong to another organization or project than the one under More.",
    page: { action: "keys_page", text: "See your keys" },
  },
  {
    problem: "Too many requests?",
    help: "The usage page of the Platform shows your limits.",
    page: { action: "platform_usage", text: "See your usage" },
  },
  {
    problem: "No models, or no answer yet?",
    help: "A new account needs credit. A ChatGPT plan does not count.",
    page: { action: "billing_page", text: "See your credit" },
  },
  { problem: "For CI?", help: "Create a separate key for it, so that you can delete it alone." },
];

const serviceHints: TroubleshootingHint[] = [
  {
    problem: "No answer?",
    help: "If it is on this computer, make sure it is running. Most base URLs end in /v1.",
  },
  { problem: "Models missing?", help: "Not every service lists all its models. Add one by its id." },
];

const codexHints: TroubleshootingHint[] = [
  {
    problem: "Wrong account?",
    help: "Sign in to the right one with the Codex CLI. Usher then uses it automatically.",
  },
  {
    problem: "Expires repeatedly?",
    help: "Only the Codex CLI can renew this sign-in, when it runs. If you sign in with Usher, Usher renews it.",
  },
];

const effortCosts = "More effort is slower and costs more.";

const codex: ProviderTexts = {
  ...plan,
  kind: "codex",
  failure: withDefaults(codexFailures, "OpenAI"),
  hints: codexHints,
  token: (now, expiresAt) =>
    expiresAt === null
      ? "Valid, renewed by the Codex CLI"
      : `${until(now, expiresAt)}, renewed by the Codex CLI`,
};

const key: ProviderTexts = {
  ...plan,
  kind: "key",
  failure: withDefaults(keyFailures, "OpenAI"),
  testAbout: "Checks each step and asks for a one-word answer. Costs under a cent.",
  stages: { ...plan.stages, token: "Key" },
  token: () => "Nothing to renew",
  missing: "Model missing? The key’s project may not allow it.",
  empty: "OpenAI offers no models to this key.",
  emptyNext: "The key’s project may allow none. Check it at platform.openai.com, then refresh.",
  effortDefault: (effort) => `${effort} is this model’s default. ${effortCosts}`,
  effortNoDefault: effortCosts,
  hints: keyHints,
};

const service = (who: string): ProviderTexts => ({
  ...key,
  kind: "service",
  serviceName: who,
  failure: withDefaults(serviceFailures(who), who),
  testAbout: "Checks each step and asks for a one-word answer.",
  missing: "Model missing? Add it by its id.",
  empty: `${who} lists no models.`,
  emptyNext: "Add one by its id, or refresh.",
  hints: serviceHints,
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
