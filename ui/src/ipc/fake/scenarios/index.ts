// Scenarios of the in-memory core by name (`?state=signed-in`). Each changes a signed-in
// or a fresh base; `inputs` is the user input that leads to it.

import type { ErrorCode, FailureView, SignInEvent, Stage, StoreFinding, UsageView } from "../../bindings";
import {
  brokenFile,
  coded,
  day,
  failure,
  fresh,
  minute,
  models,
  nameHolder,
  opened,
  signedIn,
  testEvents,
  type Scenario,
  type ScenarioChange,
  type TimedEvent,
  usage,
} from "../fixtures";
import { noActivity } from "../fixtures/activity";
import { address } from "../fixtures/gateway";
import { checkup } from "../fixtures/providers";
import { defaultPreferences, defaultSecrets, packagedUpdates } from "../fixtures/preferences";
import { tools } from "../fixtures/tools";
import { gatewayScenarios } from "./gateway";
import { payerScenarios } from "./payer";
import { planUsageScenarios } from "./plan-usage";
import { providerScenarios } from "./providers";
import { toolScenarios } from "./tools";

export { account, failure, fresh, models, testEvents, signedIn, usage } from "../fixtures";

const signInFails =
  (view: FailureView, first: (now: number) => TimedEvent<SignInEvent>[] = opened) =>
  (base: Scenario, now: number) => ({
    ...base,
    overview: { ...fresh(), signing_in: true },
    signIn: [...first(now), { after: 0, event: { event: "failed" as const, ...view } }],
  });

const testFails = (at: Stage, view: FailureView, ms?: number) => (base: Scenario, now: number) => ({
  ...base,
  test: testEvents(now, { at, failure: view, ms }),
  inputs: ["#test"],
});

const needs = (view: (now: number) => FailureView) => (base: Scenario, now: number) => ({
  ...base,
  overview: { ...base.overview, attention: view(now) },
});

/** A store with something wrong; with `code` nothing can be read from it. */
const storeFinding =
  (finding: StoreFinding, code?: ErrorCode): ScenarioChange =>
  (base) => {
    const overview = code ? { ...fresh(), attention: failure(code, "") } : base.overview;
    return { ...base, overview: { ...overview, store: { ...overview.store, findings: [finding] } } };
  };

const startsFresh: ScenarioChange = (base) => ({ ...base, overview: fresh() });

export const scenarios: Record<string, ScenarioChange> = {
  "first-run": startsFresh,
  "first-run-no-keyring": (base) => ({
    ...base,
    overview: {
      ...fresh(),
      store: { kind: "file", key_beside_records: true, set_aside: null, findings: [] },
    },
  }),
  waiting: (base, now) => ({ ...base, overview: { ...fresh(), signing_in: true }, signIn: opened(now) }),
  "waiting-port-taken": (base, now) => ({
    ...base,
    overview: { ...fresh(), signing_in: true },
    signIn: [
      { after: 0, event: { event: "port_taken", port: 1455, holder: "codex", using: 1457 } },
      ...opened(now),
      { after: 0, event: { event: "answer_ignored" } },
    ],
  }),
  "waiting-not-opened": (base, now) => ({
    ...base,
    overview: { ...fresh(), signing_in: true },
    signIn: opened(now).map((step) =>
      step.event.event === "open" ? { ...step, event: { ...step.event, opened: false } } : step,
    ),
  }),
  checking: (base, now) => ({
    ...base,
    overview: { ...fresh(), signing_in: true },
    signIn: [...opened(now), { after: 0, event: { event: "exchanging" } }],
  }),
  "waiting-denied": signInFails(failure("access_denied")),
  "waiting-timeout": signInFails(failure("timeout")),
  "waiting-no-plan": (base, now) => ({
    ...signInFails(failure("usage_not_included"))(base, now),
    inputs: ["[data-testid=troubleshooting] summary"],
  }),
  "waiting-port": signInFails(failure("port_busy", "codex holds 1455 and opencode holds 1457."), () => []),
  "waiting-offline": signInFails(failure("offline")),
  code: (base, now) => ({ ...base, overview: { ...fresh(), signing_in: true }, signIn: coded(now) }),
  "code-expired": signInFails(failure("timeout"), coded),
  "code-disabled": (base) => ({
    ...base,
    overview: fresh(),
    signIn: [{ after: 0, event: { event: "failed", ...failure("device_login_disabled") } }],
    inputs: [".action-button"],
  }),
  "signed-in": (base) => base,
  off: (base) => ({ ...base, overview: { ...base.overview, enabled: false } }),
  "off-tested": (base, now) => ({
    ...base,
    overview: { ...base.overview, enabled: false },
    test: testEvents(now, {
      at: "credential",
      failure: failure("host_not_allowed", "OpenAI is switched off in Usher"),
      ms: 0,
    }),
    inputs: ["#test"],
  }),
  "usage-high": (base, now) => ({
    ...base,
    overview: { ...base.overview, usage: usage(now, 86, 72 * minute) },
    usage: usage(now, 86, 72 * minute),
  }),
  "spend-limit": (base, now) => {
    const spent: UsageView = {
      ...usage(now),
      plan: "business",
      windows: [],
      spend_limits: [
        { scope: "member", used_percent: 26, resets_at: now + 9 * day },
        { scope: "workspace_shared", used_percent: 88, resets_at: now + 9 * day },
      ],
    };
    return { ...base, overview: { ...base.overview, usage: spent }, usage: spent };
  },
  "usage-unknown": (base) => ({
    ...base,
    overview: { ...base.overview, usage: null },
    usage: failure("offline"),
  }),
  "usage-loading": (base) => ({ ...base, overview: { ...base.overview, usage: null }, usage: "never" }),
  "usage-refreshing": (base) => ({ ...base, usage: "never" }),
  "model-open": (base) => ({ ...base, inputs: ["#model"] }),
  "model-empty": (base, now) => ({ ...base, models: { ...models(now), models: [] } }),
  "model-stale": (base, now) => {
    const yesterday = new Date(now * 1000 - day * 1000).setHours(18, 12, 0, 0) / 1000;
    return { ...base, models: { ...models(now), fetched_at: yesterday, stale: failure("offline") } };
  },
  "model-failed": (base) => ({
    ...base,
    models: failure("tls", "The certificate is signed by “Corp Root”."),
  }),
  "test-running": (base, now) => ({ ...base, test: testEvents(now, { at: "answer" }), inputs: ["#test"] }),
  "test-passed": (base, now) => ({ ...base, test: testEvents(now), inputs: ["#test"] }),
  "test-failed-credential": testFails("credential", failure("sign_in_required")),
  "test-failed-token": testFails("token", failure("sign_in_revoked"), 341),
  "test-failed-models": testFails("models", failure("proxy", "The proxy asks for a password (407)."), 1_020),
  "test-failed-answer": testFails("answer", failure("model_unavailable"), 620),
  disconnect: (base) => ({ ...base, inputs: ["#disconnect"] }),
  disconnected: (base) => ({ ...base, inputs: ["#disconnect", ".btn-danger"] }),
  "disconnected-unrevoked": (base) => ({
    ...base,
    disconnect: {
      route: "codex_client",
      revoked: "pending",
      erased: true,
      passes_refused: true,
      email: "ada@example.com",
      passes: [],
    },
    inputs: ["#disconnect", ".btn-danger"],
  }),
  expired: needs(() => failure("sign_in_expired")),
  revoked: needs(() => failure("sign_in_revoked")),
  reused: needs(() => failure("sign_in_reused")),
  "account-problem": needs(() => failure("account_problem", "OpenAI says: account_deactivated.")),
  "name-held": (base) => ({ ...base, nameHolder }),
  "settings-broken": (base) => ({ ...base, settingsFile: brokenFile }),
  limit: (base, now) => {
    const full = {
      ...usage(now, 100, 72 * minute),
      limit_reached: { reason: "usage_limit_reached", resets_at: now + 72 * minute },
    };
    return {
      ...needs((at) => failure("usage_limit_reached", "", at + 72 * minute))(base, now),
      overview: {
        ...base.overview,
        usage: full,
        attention: failure("usage_limit_reached", "", now + 72 * minute),
      },
      usage: full,
    };
  },
  "keyring-locked": needs(() => failure("store_locked")),
  "keyring-locked-unknown": (base) => ({
    ...base,
    overview: { ...fresh(), attention: failure("store_locked") },
  }),
  "passphrase-needed": needs(() => failure("passphrase_needed")),
  "passphrase-asked": (base, now) => ({
    ...needs(() => failure("passphrase_needed"))(base, now),
    inputs: [".notice .btn-primary"],
  }),
  "secrets-file": (base) => ({
    ...base,
    secrets: { ...defaultSecrets, place: "file", gateway: 4711 },
    inputs: ["[data-testid=go-preferences]"],
  }),
  "secrets-change": (base) => ({
    ...base,
    inputs: ["[data-testid=go-preferences]", "#change-secrets", "[name=secrets][value=passphrase]"],
  }),
  licences: (base) => ({
    ...base,
    inputs: ["[data-testid=go-preferences]", "#show-licences", ".licences summary"],
  }),
  "secrets-left-over": (base) => ({
    ...base,
    leftOver: [
      { place: "keyring", reason: "the keyring is locked or does not answer: no answer within 4 s" },
    ],
    inputs: [
      "[data-testid=go-preferences]",
      "#change-secrets",
      "[name=secrets][value=file]",
      "[data-testid=secrets-dialog] .btn-primary",
    ],
  }),
  "store-damaged": storeFinding(
    {
      kind: "damaged",
      reason: "/home/ada/.local/share/usher/secrets.usher was changed or cut short, or is not Usher's",
      files: ["/home/ada/.local/share/usher/secrets.usher"],
    },
    "store_corrupt",
  ),
  "store-other-key": storeFinding(
    {
      kind: "other_key",
      reason: "the key file /home/ada/.local/share/usher/secrets.key is missing",
      files: ["/home/ada/.local/share/usher/secrets.usher"],
    },
    "store_unavailable",
  ),
  "store-open": storeFinding({ kind: "open_to_others", paths: ["/home/ada/.local/share/usher/secrets.key"] }),
  "store-key-lost": storeFinding({
    kind: "lost_key_file",
    file: "/home/ada/.local/share/usher/secrets.key",
  }),
  "store-older": storeFinding({ kind: "older_copy", file: "/home/ada/.local/share/usher/secrets.usher" }),
  ...providerScenarios,
  ...gatewayScenarios,
  ...payerScenarios,
  ...planUsageScenarios,
  ...toolScenarios,
};

export function scenarioOf(name: string, now: number): Scenario {
  const base: Scenario = {
    overview: signedIn(now),
    models: models(now),
    usage: usage(now),
    signIn: opened(now),
    test: testEvents(now),
    disconnect: {
      revoked: "yes",
      erased: true,
      passes_refused: true,
      email: "ada@example.com",
      route: "codex_client",
      passes: [],
    },
    providers: [],
    lists: {},
    tools: null,
    accounts: [],
    found: [],
    codexLogin: [],
    checkup,
    gateway: { at: "off", port: 18_740 },
    port: 18_740,
    preferences: defaultPreferences,
    secrets: defaultSecrets,
    leftOver: [],
    updates: packagedUpdates,
    newVersion: null,
    settingsFile: { ...brokenFile, error: null, last_valid: false },
    nameHolder: null,
    statusAfterSwitchOn: { at: "on", address },
    passes: [],
    requests: [],
    activity: noActivity,
    toolList: tools(),
    toolPreviews: {},
    toolsUndone: {},
    toolTrial: "answered",
    copies: { one_writer: true, copies: [], not_looked_at: [] },
    inputs: [],
  };
  return (scenarios[name] ?? startsFresh)(base, now);
}
