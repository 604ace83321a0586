// Scenarios of keys, endpoints, accounts, external sign-ins and preferences.

import type { AccountCard, ProviderView } from "../../bindings";
import { companyPreferences, newVersion, packagedUpdates } from "../fixtures/preferences";
import {
  day,
  failure,
  fresh,
  testEvents,
  type UserInput,
  type Scenario,
  type ScenarioChange,
} from "../fixtures";
import {
  card,
  club,
  codexCli,
  endpoint,
  environmentKey,
  found,
  groq,
  groqModels,
  noModels,
  ollama,
  openai,
  personal,
  platformModels,
  sameMail,
  savedKey,
  unreadable,
  work,
} from "../fixtures/providers";

/** The plan, a key and two services; `own` replaces those of the same id. */
const withProviders =
  (inputs: UserInput[] = [], own: (now: number) => ProviderView[] = () => []): ScenarioChange =>
  (base, now) => {
    const given = own(now);
    const usual = [openai(environmentKey), groq(now), ollama()];
    return {
      ...base,
      providers: usual.map((one) => given.find((other) => other.id === one.id) ?? one),
      lists: { openai: platformModels(now), "openai-compatible:groq": groqModels(now) },
      inputs,
    };
  };

const withAccounts = (base: Scenario, accounts: AccountCard[]): Scenario => ({
  ...base,
  overview: { ...base.overview, account: accounts.find((one) => one.active)?.account ?? null },
  accounts,
  inputs: ["#accounts"],
});

const withCodex = (base: Scenario, view: ProviderView, inputs: UserInput[] = []): Scenario => ({
  ...base,
  overview: fresh(),
  providers: [view],
  inputs: ["[data-testid=provider-codex-cli]", ...inputs],
});

/** Expired yesterday. */
const expired = (now: number) => codexCli(now - day);

const loginOutput: Scenario["codexLogin"] = [
  { after: 10, event: { event: "version", version: "codex-cli 0.171.0" } },
  { after: 10, event: { event: "line", text: "Starting local login server on http://localhost:1455." } },
  { after: 10, event: { event: "line", text: "If your browser did not open, navigate to this URL:" } },
  { after: 10, event: { event: "line", text: "https://auth.openai.com/oauth/authorize?response_type=code" } },
];

const key = "[data-testid=provider-openai]";
const service = '[data-testid="provider-openai-compatible:groq"]';
/** A selector within the service panel, which is loaded later than the plan's. */
const within = (selector: string) => `[data-testid=screen-service] ${selector}`;
const addKey = ["[data-testid=go-add]", ".action-item:nth-child(3) .action-button"];
const addEndpoint = ["[data-testid=go-add]", ".action-item:last-child .action-button"];

/** Worded as the core's failure. */
const off = (id: string) => failure("host_not_allowed", `${id} is switched off in Usher`);

const saved = (now: number) => [openai(savedKey(now))];

export const providerScenarios: Record<string, ScenarioChange> = {
  providers: withProviders(),
  add: (base) => ({ ...base, inputs: ["[data-testid=go-add]"] }),
  "key-new": (base) => ({ ...base, inputs: addKey }),
  "key-invalid": (base) => ({
    ...base,
    inputs: [...addKey, { type: "pk-live-4f81", into: "#api-key" }, "[type=submit]"],
  }),
  "key-saved": withProviders([key], saved),
  "key-env": withProviders([key]),
  "key-replace": withProviders([key, within("#replace-key")], saved),
  "key-refused": withProviders([key], (now) => [
    openai(savedKey(now), { attention: failure("invalid_key", "401 incorrect_api_key") }),
  ]),
  "key-refused-tested": (base, now) => {
    const refused = failure("invalid_key", "401 incorrect_api_key");
    const scenario = withProviders([key, within("#test")], () => [
      openai(savedKey(now), { attention: refused }),
    ])(base, now);
    return {
      ...scenario,
      lists: { ...scenario.lists, openai: refused },
      test: testEvents(now, { at: "token", failure: refused, ms: 210 }),
    };
  },
  "key-off": withProviders([key], (now) => [openai(savedKey(now), { enabled: false })]),
  "endpoint-off-tested": (base, now) => ({
    ...withProviders([service, within("#test")], () => [groq(now, { enabled: false })])(base, now),
    test: testEvents(now, { at: "credential", failure: off("openai-compatible:groq"), ms: 0 }),
  }),
  "endpoint-off-unlisted": (base, now) => {
    const scenario = withProviders([service], () => [groq(now, { enabled: false })])(base, now);
    return {
      ...scenario,
      lists: { ...scenario.lists, "openai-compatible:groq": off("openai-compatible:groq") },
    };
  },
  "key-forget": withProviders([key, within("#forget")], saved),
  "key-test-billing": (base, now) => ({
    ...withProviders([key, within("#test")], saved)(base, now),
    test: testEvents(now, { at: "answer", failure: failure("billing"), ms: 420 }),
  }),
  "endpoint-new": (base) => ({ ...base, inputs: addEndpoint }),
  "endpoint-error": (base) => ({
    ...base,
    inputs: [
      ...addEndpoint,
      { type: "Groq", into: "#endpoint-name" },
      { type: "http://api.groq.com/openai", into: "#endpoint-url" },
      "[data-testid=save-endpoint]",
    ],
  }),
  "endpoint-refused": (base) => ({
    ...base,
    inputs: [
      ...addEndpoint,
      { type: "Groq", into: "#endpoint-name" },
      { type: "https://api.groq.com/openai?key=1", into: "#endpoint-url" },
      "details.more summary",
      "[data-testid=save-endpoint]",
    ],
  }),
  "endpoint-added": withProviders([service]),
  "endpoint-edit": withProviders([service, within("#change")], (now) => [
    groq(now, { endpoint: endpoint("https://api.groq.com/openai/v1", { headers: ["X-Title"] }) }),
  ]),
  "endpoint-moved": withProviders([service], (now) => [
    groq(now, { credential: { kind: "key_of_other_address", origin: "https://api.groq.example" } }),
  ]),
  "endpoint-here": (base, now) => ({
    ...withProviders(['[data-testid="provider-openai-compatible:ollama"]'], () => [
      ollama({ enabled: true }),
    ])(base, now),
    lists: { "openai-compatible:ollama": noModels("openai-compatible:ollama", now) },
  }),
  "endpoint-wrong-address": (base, now) => {
    const wrong = failure("endpoint_not_found", "404 from https://api.groq.com/openai/v2/models");
    const scenario = withProviders([service, within("#test")], () => [
      groq(now, { endpoint: endpoint("https://api.groq.com/openai/v2") }),
    ])(base, now);
    return {
      ...scenario,
      lists: { ...scenario.lists, "openai-compatible:groq": wrong },
      test: testEvents(now, { at: "models", failure: wrong, ms: 210 }),
    };
  },
  "endpoint-long-address": withProviders([service], (now) => [
    groq(now, {
      endpoint: endpoint("https://inference.analytical-engines.example/departments/research/openai/v1"),
    }),
  ]),
  "endpoint-services": (base) => ({ ...base, inputs: [...addEndpoint, "#service"] }),
  "endpoint-models": withProviders([service, within("#model")]),
  "endpoint-remove": withProviders([service, within("#disconnect")]),
  preferences: withProviders(["[data-testid=go-preferences]"]),
  "preferences-network": (base, now) => ({
    ...withProviders(["[data-testid=go-preferences]", "#check-network"])(base, now),
    preferences: companyPreferences,
  }),
  "preferences-counts": withProviders(["[data-testid=go-preferences]", "[name=counts][value='7']"]),
  "preferences-import": withProviders(["[data-testid=go-preferences]", "#import-settings"]),
  "preferences-reset": withProviders(["[data-testid=go-preferences]", "#reset-settings"]),
  "transfer-send": withProviders(["[data-testid=go-preferences]", "#transfer-send", "#transfer-sign-ins"]),
  "transfer-open": withProviders(["[data-testid=go-preferences]", "#transfer-open"]),
  "transfer-interrupted": withProviders(["[data-testid=go-preferences]"]),
  "preferences-update": (base, now) => ({
    ...withProviders(["[data-testid=go-preferences]", "#check-updates"])(base, now),
    updates: { ...packagedUpdates, way: "in_place" },
    newVersion,
  }),
  glossary: withProviders(["[data-testid=go-preferences]", "[data-testid=words] summary"]),
  diagnostics: withProviders(["[data-testid=go-preferences]", "#run-checks", "#export"]),
  accounts: (base, now) =>
    withAccounts(base, [
      card(personal, now, { active: true }),
      card(work, now),
      card(club, now, { attention: failure("sign_in_expired") }),
    ]),
  "accounts-unused": (base, now) =>
    withAccounts(base, [
      card(personal, now, { active: true }),
      card(work, now, { unused_days: 9 }),
      card(club, now, { unused_days: 23 }),
    ]),
  "accounts-same-email": (base, now) =>
    withAccounts(base, [
      card(sameMail[0], now, { active: true }),
      card(sameMail[1], now),
      card(sameMail[2], now, { renews: false, expires_at: now + 20 * day }),
    ]),
  "accounts-disconnect": (base, now) => ({
    ...withAccounts(base, [card(sameMail[0], now, { active: true }), card(sameMail[1], now)]),
    inputs: ["#accounts", "[data-account='user-ada/acct-2'] [data-disconnect]"],
  }),
  "accounts-rename": (base, now) => ({
    ...withAccounts(base, [card(personal, now, { active: true }), card(work, now)]),
    inputs: ["#accounts", "[data-account='user-ada/acct-2'] [data-rename]"],
  }),
  "access-token": (base) => ({
    ...base,
    overview: fresh(),
    inputs: [
      ".action-item:nth-child(3) .action-button",
      { type: "sk-proj-1", into: "#access-token" },
      "[type=submit]",
    ],
  }),
  "external-sign-ins": (base, now) => ({ ...base, overview: fresh(), found: found(now) }),
  "external-expired": (base, now) => ({
    ...base,
    overview: fresh(),
    found: found(now).map((one) => (one.advice === "link" ? { ...one, expires_at: now - day } : one)),
  }),
  "external-unreadable": (base) => ({ ...base, overview: fresh(), found: [unreadable] }),
  "add-external": (base, now) => ({ ...base, found: found(now), inputs: ["[data-testid=go-add]"] }),
  "codex-cli": (base, now) => withCodex(base, codexCli(now)),
  "codex-cli-expired": (base, now) => withCodex(base, expired(now)),
  "codex-cli-signed-out": (base, now) =>
    withCodex(
      base,
      codexCli(now, {
        credential: { kind: "codex", account: null, place: "~/.codex/auth.json", expires_at: null },
      }),
    ),
  "codex-cli-login": (base, now) => ({
    ...withCodex(base, expired(now), ["#codex-login"]),
    codexLogin: loginOutput,
  }),
  "codex-cli-login-done": (base, now) => ({
    ...withCodex(base, expired(now), ["#codex-login"]),
    codexLogin: [...loginOutput, { after: 10, event: { event: "ended", signed_in: true } }],
  }),
  "codex-cli-login-failed": (base, now) => ({
    ...withCodex(base, expired(now), ["#codex-login"]),
    codexLogin: [...loginOutput, { after: 10, event: { event: "ended", signed_in: false } }],
  }),
  "codex-cli-missing": (base, now) => ({
    ...withCodex(base, expired(now), ["#codex-login"]),
    codexLogin: failure("program_missing", "codex is not on the PATH"),
  }),
};
