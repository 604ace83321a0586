// Fixtures: accounts, models, usage and test runs. Names, numbers and addresses are examples.

import type {
  ActivityView,
  AccountCard,
  CodexLoginEvent,
  DisconnectView,
  DoctorReport,
  ErrorCode,
  ExternalSignInView,
  FailureView,
  GatewayStatus,
  ModelsView,
  NameHolder,
  Overview,
  PassView,
  PreferencesView,
  ProviderId,
  ProviderView,
  RequestView,
  SettingsFileView,
  SignInCopiesView,
  SignInEvent,
  Stage,
  StageFinding,
  TestEvent,
  ToolTrialOutcome,
  ToolPreview,
  ToolUndone,
  ToolView,
  UsageView,
} from "../bindings";
import { noSelection } from "../selection";

export const minute = 60;
export const hour = 60 * minute;
export const day = 24 * hour;

export const failure = (code: ErrorCode, cause = "", retry_at: number | null = null): FailureView => ({
  code,
  cause,
  retry_at,
});

/** An event and the delay before it in milliseconds. */
export interface TimedEvent<E> {
  after: number;
  event: E;
}

/** A click on, or text for, the element of a CSS selector. */
export type UserInput = string | { type: string; into: string };

export interface Scenario {
  overview: Overview;
  models: ModelsView | FailureView;
  /** Result of Refresh models, if different. */
  refreshed?: ModelsView | FailureView;
  usage: UsageView | FailureView | "never";
  signIn: TimedEvent<SignInEvent>[];
  test: TimedEvent<TestEvent>[];
  disconnect: DisconnectView | FailureView;
  /** Without the plan. */
  providers: ProviderView[];
  /** Model lists of the other providers. */
  lists: Record<ProviderId, ModelsView | FailureView>;
  /** The provider that was chosen for tools. */
  tools: ProviderId | null;
  /** Empty means the account of the overview, if there is one. */
  accounts: AccountCard[];
  found: ExternalSignInView[];
  codexLogin: TimedEvent<CodexLoginEvent>[] | FailureView;
  checkup: DoctorReport;
  gateway: GatewayStatus;
  preferences: PreferencesView;
  settingsFile: SettingsFileView;
  nameHolder: NameHolder | null;
  /** The port that is set. */
  port: number;
  /** The status after switching the gateway on. */
  statusAfterSwitchOn: GatewayStatus;
  passes: PassView[];
  requests: RequestView[];
  /** What was counted, for a period in days. */
  activity: (days: number, now: number) => ActivityView;
  toolList: ToolView[];
  /** What differs from the usual preview, by tool. */
  toolPreviews: Record<string, Partial<ToolPreview> | FailureView>;
  /** What differs from the usual outcome of disconnecting, by tool. */
  toolsUndone: Record<string, Partial<ToolUndone>>;
  toolTrial: ToolTrialOutcome;
  copies: SignInCopiesView;
  /** User input that leads to the scenario. */
  inputs: UserInput[];
}

export const nameHolder: NameHolder = {
  name: "app.usher.Usher.SingleInstance",
  process: 4711,
  program: "squatter",
  is_usher: false,
};

export const brokenFile: SettingsFileView = {
  path: "/home/ada/.config/usher/config.toml",
  error: "line 3, column 11: string values must be quoted, expected literal string",
  last_valid: true,
};

/** Builds a scenario from a signed-in base. */
export type ScenarioChange = (signedIn: Scenario, now: number) => Scenario;

const efforts = (ids: string[]) => ids.map((id) => ({ id, description: "" }));
const all = ["low", "medium", "high", "xhigh", "max", "ultra"];

export function modelFixture(
  id: string,
  name: string,
  context: number,
  about: string,
  ids: string[],
  first = false,
  effort = ids[0] ?? null,
) {
  return {
    id,
    name,
    description: about,
    context_window: context,
    efforts: efforts(ids),
    default_effort: effort,
    default: first,
    chosen: first,
    text: true,
    capabilities: { images: true, tools: true, parallel_tools: true, verbosity: true, fast: true },
    source: "server" as const,
  };
}

/** Returns six models of the catalog that Codex CLI 0.171.0 has (protocol correction 9), in its order. */
export function models(now: number): ModelsView {
  const small = all.slice(0, -1);
  return {
    provider: "chatgpt",
    account: "user-ada/acct-1",
    version: "1",
    fetched_at: now - 2 * minute,
    stale: null,
    models: [
      modelFixture(
        "gpt-6.2-sol",
        "GPT-6.2-Sol",
        500_000,
        "Fast model for code and everyday work.",
        all,
        true,
      ),
      modelFixture("gpt-6.2-astra", "GPT-6.2-Astra", 272_000, "The most capable model, for hard work.", all),
      modelFixture(
        "gpt-6.1-terra",
        "GPT-6.1 Terra",
        500_000,
        "Efficient, good with pictures and screens.",
        all,
      ),
      modelFixture("gpt-6.1-sol", "GPT-6.1-Sol", 500_000, "The everyday model before.", all),
      modelFixture(
        "gpt-6-luna",
        "GPT-6-Luna",
        272_000,
        "Fast and affordable, for easy tasks.",
        small,
        false,
        "medium",
      ),
      modelFixture("gpt-5.6-luna", "GPT-5.6-Luna", 272_000, "An older fast model.", small, false, "medium"),
    ],
  };
}

/** Returns next Monday, nine o'clock. */
function monday(now: number): number {
  const date = new Date(now * 1000);
  date.setDate(date.getDate() + ((8 - date.getDay()) % 7 || 7));
  date.setHours(9, 0, 0, 0);
  return date.getTime() / 1000;
}

export function usage(now: number, used = 34, left = 2 * hour + 12 * minute): UsageView {
  return {
    plan: "plus",
    windows: [
      { window_seconds: 5 * hour, used_percent: used, resets_at: now + left, meter: null },
      { window_seconds: 7 * day, used_percent: 61, resets_at: monday(now), meter: null },
    ],
    spend_limits: [],
    credits: null,
    reset_credits: null,
    limit_reached: null,
    seen_at: now,
  };
}

export const account = {
  id: "user-ada/acct-1",
  name: "Personal",
  email: "ada@example.com",
  route: "codex_client" as const,
  plan_use: null,
  workspace: "Personal workspace",
  plan: "plus",
  plan_name: "Plus",
  label: null,
};

export function fresh(): Overview {
  return {
    provider: "chatgpt",
    enabled: true,
    account: null,
    expires_at: null,
    selection: noSelection,
    store: { kind: "keyring", key_beside_records: false, set_aside: null, findings: [] },
    usage: null,
    models_version: null,
    attention: null,
    pending_revocations: [],
    issuer: "auth.openai.com",
    signing_in: false,
    plan_use_welcome: false,
    passes_locked_at: null,
    accounts: 0,
  };
}

export function signedIn(now: number): Overview {
  return {
    ...fresh(),
    account,
    expires_at: now + 47 * minute,
    selection: { ...noSelection, model: "gpt-6.2-sol" },
    usage: usage(now),
  };
}

const url = "https://auth.openai.com/oauth/authorize?response_type=code&client_id=app_sample&state=sample";

export const opened = (now: number): TimedEvent<SignInEvent>[] => [
  { after: 0, event: { event: "open", url, opened: true, expires_at: Math.floor(now) + 5 * minute - 28 } },
];

export const coded = (now: number): TimedEvent<SignInEvent>[] => [
  {
    after: 0,
    event: {
      event: "code",
      user_code: "F7KM-4QX2P",
      url: "https://auth.openai.com/codex/device",
      expires_at: Math.floor(now) + 14 * minute + 20,
    },
  },
];

const findings = (now: number): Record<Stage, StageFinding> => ({
  credential: { kind: "credential", place: "keyring" },
  token: { kind: "token", expires_at: now + 47 * minute + 20, renews: true },
  models: { kind: "models", count: 6, model: "GPT-6.2-Sol" },
  answer: { kind: "answer", model: "GPT-6.2-Sol", text: "ready" },
});

const times: Record<Stage, number> = { credential: 4, token: 212, models: 388, answer: 1_496 };

/** Events of a test that passes, or fails or hangs at a stage. */
export function testEvents(
  now: number,
  stop?: { at: Stage; failure?: FailureView; ms?: number },
): TimedEvent<TestEvent>[] {
  const events: TimedEvent<TestEvent>[] = [];
  const results = [];
  let failed = false;
  for (const stage of ["credential", "token", "models", "answer"] as const) {
    if (failed) {
      results.push({ stage, ok: null, ms: null, failure: null, finding: null });
      continue;
    }
    const model = stage === "answer" ? "GPT-6.2-Sol" : null;
    events.push({ after: 20, event: { event: "started", stage, model } });
    if (stop?.at === stage && !stop.failure) return events;
    const bad = stop?.at === stage ? (stop.failure ?? null) : null;
    const result = bad
      ? { stage, ok: false, ms: stop?.ms ?? times[stage], failure: bad, finding: null }
      : { stage, ok: true, ms: times[stage], failure: null, finding: findings(now)[stage] };
    failed = bad !== null;
    results.push(result);
    events.push({ after: 30, event: { event: "finished", result } });
  }
  events.push({
    after: 0,
    event: { event: "ended", report: { ok: !failed, stages: results, ended_at: now } },
  });
  return events;
}

export const pendingRevocation = (now: number, id = "pending-1") => ({
  id,
  email: "ada@example.com",
  since: now,
  gives_up_at: now + 7 * day,
});
