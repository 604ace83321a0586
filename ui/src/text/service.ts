// Sentences that are others for a key, a service and the Codex CLI: who is asked, who pays, what to do.

import type { ErrorCode, ProviderId } from "../ipc/bindings";
import { failures, type FailureText } from "./errors";
import { kindOf, plan, until, whileOff, type ProviderTexts, type Trouble } from "./plan";

type Some = Partial<Record<ErrorCode, FailureText>>;

const keyFailures: Some = {
  sign_in_required: {
    title: "No key was found.",
    next: "Save a key, then test again.",
    step: "key",
    button: "Save a key",
  },
  invalid_key: {
    title: "OpenAI does not know this key.",
    next: "It may be mistyped, deleted or of another organization. Replace it, or make a new one at platform.openai.com.",
    step: "key",
  },
  access_denied: {
    title: "This key may not do that.",
    next: "Its project or its permissions do not allow it. Look at the key at platform.openai.com.",
    step: "keys_page",
  },
  billing: {
    title: "There is no credit left, or a spend cap is reached.",
    next: "Add credit or raise the cap at platform.openai.com. A ChatGPT plan does not pay for a key.",
    step: "billing_page",
  },
  rate_limited: {
    title: "There were too many requests in a short time.",
    next: "Wait a minute, then try again. The usage page of the Platform shows your limits.",
    step: "platform_usage",
  },
  usage_limit_reached: {
    title: "The limit of this key is reached.",
    next: "The usage page of the Platform shows your limits.",
    step: "platform_usage",
  },
  model_unavailable: {
    title: "OpenAI does not offer this model to your key.",
    next: "Choose another one.",
    step: "choose_model",
  },
  missing_entitlement: {
    title: "Your organization does not allow this.",
    next: "Look at the key’s project at platform.openai.com, or ask the admin of your organization.",
    step: "keys_page",
  },
  store_locked: {
    title: "The keyring is locked.",
    next: "Usher cannot read your key until you unlock it. Nothing is lost.",
    step: "unlock",
  },
  store_corrupt: {
    title: "The file with your key is damaged.",
    next: "It was set aside under another name. Save the key again.",
    step: "key",
    button: "Save a key",
  },
};

const serviceFailures = (who: string): Some => ({
  ...keyFailures,
  sign_in_required: {
    title: `${who} wants a key.`,
    next: "Save a key, then test again.",
    step: "key",
    button: "Save a key",
  },
  invalid_key: {
    title: `${who} does not know this key.`,
    next: "It may be mistyped or deleted. Replace it, then test again.",
    step: "key",
  },
  access_denied: {
    title: `${who} does not allow that.`,
    next: "Look at your account and your key there, then try again.",
    step: "retry",
  },
  billing: {
    title: `There is no credit left at ${who}, or a cap is reached.`,
    next: "Look at your account there, then try again.",
    step: "retry",
  },
  rate_limited: {
    title: "There were too many requests in a short time.",
    next: "Wait a minute, then try again.",
    step: "retry",
  },
  usage_limit_reached: {
    title: `The limit of your account at ${who} is reached.`,
    next: "Look at your account there, then try again.",
    step: "retry",
  },
  usage_not_included: {
    title: `Your account at ${who} does not include this.`,
    next: "Choose another model, or look at your account there.",
    step: "choose_model",
  },
  missing_entitlement: {
    title: `Your account at ${who} does not include this.`,
    next: "Choose another model, or look at your account there.",
    step: "choose_model",
  },
  model_unavailable: {
    title: `${who} does not offer this model.`,
    next: "Choose another one.",
    step: "choose_model",
  },
  bad_url: {
    title: "Usher cannot use this address.",
    next: "Check the base URL.",
    step: "address",
  },
  endpoint_not_found: { ...failures.endpoint_not_found, step: "address" },
  host_not_allowed: {
    title: "Usher may not talk to this address.",
    next: "It is not the host of the base URL. Check the address, then try again.",
    step: "address",
  },
  region_unsupported: {
    title: `${who} does not serve the region you connect from.`,
    next: "Check your VPN or proxy, then try again.",
    step: "retry",
  },
});

const codexEnded: FailureText = {
  title: "The Codex CLI’s sign-in has expired.",
  next: "Only the Codex CLI renews it. Run codex login, or sign in with OpenAI: then Usher has a sign-in of its own.",
  step: "sign_in",
  button: "Sign in with OpenAI",
};

const codexFailures: Some = {
  sign_in_required: {
    ...codexEnded,
    title: "The Codex CLI is not signed in.",
    next: "Run codex login, or sign in with OpenAI: then Usher has a sign-in of its own.",
  },
  sign_in_expired: codexEnded,
  sign_in_revoked: { ...codexEnded, title: "The Codex CLI’s sign-in was ended at OpenAI." },
  sign_in_reused: {
    ...codexEnded,
    title: "OpenAI ended the Codex CLI’s sign-in because a copy of it was used.",
  },
};

const whole = (some: Some, who: string) => (code: ErrorCode) => {
  const own = some[code];
  if (own) return own;
  const { title, next, ...rest } = failures[code];
  const named = (text: string) => (who === "OpenAI" ? text : text.replaceAll("OpenAI", who));
  return { ...rest, title: named(title), next: named(next) };
};

const keyTroubles: Trouble[] = [
  {
    what: "Key refused?",
    help: "It may be deleted, or of another organization or project than the one under More.",
    page: { step: "keys_page", text: "See your keys" },
  },
  {
    what: "Too many requests?",
    help: "The usage page of the Platform shows your limits.",
    page: { step: "platform_usage", text: "See your usage" },
  },
  {
    what: "No models, or no answer yet?",
    help: "A new account needs credit first; a ChatGPT plan is none.",
    page: { step: "billing_page", text: "See your credit" },
  },
  { what: "For CI?", help: "Make a key of its own there, so that it can be ended alone." },
];

const serviceTroubles: Trouble[] = [
  { what: "No answer?", help: "A program of this computer must be running. Most base URLs end in /v1." },
  { what: "Models missing?", help: "Not every service lists all. Add one by its id." },
];

const codexTroubles: Trouble[] = [
  { what: "Wrong account?", help: "Sign in to the right one with the Codex CLI; Usher follows by itself." },
  {
    what: "Expires again and again?",
    help: "Only the Codex CLI renews this sign-in, when it runs. A sign-in of Usher’s own renews by itself.",
  },
];

const costs = "More effort is slower and costs more.";

const codex: ProviderTexts = {
  ...plan,
  kind: "codex",
  failure: whole(codexFailures, "OpenAI"),
  troubles: codexTroubles,
  token: (now, expiresAt) =>
    expiresAt === null
      ? "Valid, renewed by the Codex CLI"
      : `${until(now, expiresAt)}, renewed by the Codex CLI`,
};

const key: ProviderTexts = {
  ...plan,
  kind: "key",
  failure: whole(keyFailures, "OpenAI"),
  testAbout: "Checks each step and asks for a one-word answer. Costs under a cent.",
  token: () => "Nothing to renew",
  missing: "Missing one? Then your project may not use it.",
  empty: "OpenAI offers no models to this key.",
  emptyNext: "Its project may allow none. Look at the key at platform.openai.com, then refresh.",
  effortDefault: (effort) => `${effort} is this model’s default. ${costs}`,
  effortNoDefault: costs,
  troubles: keyTroubles,
};

const service = (who: string): ProviderTexts => ({
  ...key,
  kind: "service",
  who,
  failure: whole(serviceFailures(who), who),
  testAbout: "Checks each step and asks for a one-word answer.",
  missing: "Missing one? Add it by its id.",
  empty: `${who} lists no models.`,
  emptyNext: "Add one by its id, or refresh.",
  troubles: serviceTroubles,
});

function textsOn({ id, name }: { id: ProviderId; name: string }): ProviderTexts {
  switch (kindOf(id)) {
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
  const texts = textsOn(view);
  return view.enabled === false ? whileOff(texts, view.name) : texts;
}
