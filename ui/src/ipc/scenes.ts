// The states that the in-memory core can be in, by name: `?state=signed-in`. Names, numbers and addresses
// are samples. Each scene changes a signed-in or a fresh start; `press` are the buttons that a preview
// presses to get there.

import type {
  DisconnectView,
  ErrorCode,
  FailureView,
  ModelsView,
  Overview,
  SignInEvent,
  Stage,
  StageFinding,
  TestEvent,
  UsageView,
} from "./bindings";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

export const failure = (code: ErrorCode, cause = "", retry_at: number | null = null): FailureView => ({
  code,
  cause,
  retry_at,
});

/** What an attempt or a test says, and after how many milliseconds. */
export interface Step<E> {
  after: number;
  event: E;
}

export interface Scene {
  overview: Overview;
  models: ModelsView | FailureView;
  /** What Refresh models gets, when it is something else. */
  refreshed?: ModelsView | FailureView;
  usage: UsageView | FailureView | "never";
  signIn: Step<SignInEvent>[];
  test: Step<TestEvent>[];
  disconnect: DisconnectView | FailureView;
  /** Buttons that a preview presses, by CSS selector. */
  press: string[];
}

const efforts = (ids: string[]) => ids.map((id) => ({ id, description: "" }));
const all = ["low", "medium", "high", "xhigh"];

function sample(id: string, name: string, context: number, about: string, ids: string[], first = false) {
  return {
    id,
    name,
    description: about,
    context_window: context,
    efforts: efforts(ids),
    default_effort: ids.includes("high") ? "high" : (ids[0] ?? null),
    default: first,
    chosen: first,
    text: true,
    capabilities: { images: true, tools: true, parallel_tools: true, verbosity: true, fast: true },
    source: "server" as const,
  };
}

export function models(now: number): ModelsView {
  return {
    provider: "chatgpt",
    account: "user-ada/acct-1",
    fetched_at: now - 2 * minute,
    stale: null,
    models: [
      sample(
        "gpt-5.3-codex",
        "GPT-5.3 Codex",
        400_000,
        "Latest Codex model. For long, careful work.",
        all,
        true,
      ),
      sample("gpt-5.3-codex-spark", "GPT-5.3 Codex Spark", 128_000, "Very fast, for short edits.", [
        "low",
        "medium",
        "high",
      ]),
      sample("gpt-5.2-codex", "GPT-5.2 Codex", 400_000, "Made for code tasks.", all),
      sample("gpt-5.1-codex-mini", "GPT-5.1 Codex Mini", 400_000, "Smaller. Uses less of your plan.", [
        "medium",
        "high",
      ]),
      sample("gpt-5.2", "GPT-5.2", 400_000, "Fast all-round model.", all),
      sample("gpt-5-mini", "GPT-5 Mini", 400_000, "Small and quick, for simple tasks.", ["medium"]),
    ],
  };
}

/** The next Monday, nine o'clock. */
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
    credits: null,
    limit_reached: null,
    seen_at: now,
  };
}

export const account = {
  id: "user-ada/acct-1",
  email: "ada@example.com",
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
    selection: { model: null, effort: null, small: null },
    store: { kind: "keyring", key_beside_records: false, set_aside: null },
    usage: null,
    attention: null,
    pending_revocations: [],
    issuer: "auth.openai.com",
    signing_in: false,
  };
}

export function signedIn(now: number): Overview {
  return {
    ...fresh(),
    account,
    expires_at: now + 47 * minute,
    selection: { model: "gpt-5.3-codex", effort: null, small: null },
    usage: usage(now),
  };
}

const url = "https://auth.openai.com/oauth/authorize?response_type=code&client_id=app_sample&state=sample";

const opened = (now: number): Step<SignInEvent>[] => [
  { after: 0, event: { event: "open", url, opened: true, expires_at: Math.floor(now) + 5 * minute - 28 } },
];

const coded = (now: number): Step<SignInEvent>[] => [
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
  credential: { kind: "credential", store: "keyring" },
  token: { kind: "token", expires_at: now + 47 * minute + 20 },
  models: { kind: "models", count: 6, model: "GPT-5.3 Codex" },
  answer: { kind: "answer", model: "GPT-5.3 Codex", text: "ready" },
});

const times: Record<Stage, number> = { credential: 4, token: 212, models: 388, answer: 1_496 };

/** A run that passes, or fails at a stage, or hangs at it. */
export function run(
  now: number,
  stop?: { at: Stage; failure?: FailureView; ms?: number },
): Step<TestEvent>[] {
  const events: Step<TestEvent>[] = [];
  const results = [];
  let failed = false;
  for (const stage of ["credential", "token", "models", "answer"] as const) {
    if (failed) {
      results.push({ stage, ok: null, ms: null, failure: null, finding: null });
      continue;
    }
    const model = stage === "answer" ? "GPT-5.3 Codex" : null;
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

const pending = (now: number, id = "pending-1") => ({
  id,
  email: "ada@example.com",
  since: now,
  gives_up_at: now + 7 * day,
});

const signInFails =
  (view: FailureView, first: (now: number) => Step<SignInEvent>[] = opened) =>
  (base: Scene, now: number) => ({
    ...base,
    overview: { ...fresh(), signing_in: true },
    signIn: [...first(now), { after: 0, event: { event: "failed" as const, ...view } }],
  });

const testFails = (at: Stage, view: FailureView, ms?: number) => (base: Scene, now: number) => ({
  ...base,
  test: run(now, { at, failure: view, ms }),
  press: ["#test"],
});

const needs = (view: (now: number) => FailureView) => (base: Scene, now: number) => ({
  ...base,
  overview: { ...base.overview, attention: view(now) },
});

type Change = (signedIn: Scene, now: number) => Scene;

const startsFresh: Change = (base) => ({ ...base, overview: fresh() });

export const scenes: Record<string, Change> = {
  "first-run": startsFresh,
  "first-run-no-keyring": (base) => ({
    ...base,
    overview: { ...fresh(), store: { kind: "file", key_beside_records: true, set_aside: null } },
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
  "waiting-port": signInFails(failure("port_busy", "codex holds 1455 and opencode holds 1457."), () => []),
  "waiting-offline": signInFails(failure("offline")),
  code: (base, now) => ({ ...base, overview: { ...fresh(), signing_in: true }, signIn: coded(now) }),
  "code-expired": signInFails(failure("timeout"), coded),
  "code-disabled": (base) => ({
    ...base,
    overview: fresh(),
    signIn: [{ after: 0, event: { event: "failed", ...failure("device_login_disabled") } }],
    press: [".way-button"],
  }),
  "signed-in": (base) => base,
  off: (base) => ({ ...base, overview: { ...base.overview, enabled: false } }),
  "usage-high": (base, now) => ({
    ...base,
    overview: { ...base.overview, usage: usage(now, 86, 72 * minute) },
    usage: usage(now, 86, 72 * minute),
  }),
  "usage-unknown": (base) => ({
    ...base,
    overview: { ...base.overview, usage: null },
    usage: failure("offline"),
  }),
  "usage-loading": (base) => ({ ...base, overview: { ...base.overview, usage: null }, usage: "never" }),
  "usage-refreshing": (base) => ({ ...base, usage: "never" }),
  "model-open": (base) => ({ ...base, press: ["#model"] }),
  "model-empty": (base, now) => ({ ...base, models: { ...models(now), models: [] } }),
  "model-stale": (base, now) => {
    const yesterday = new Date(now * 1000 - day * 1000).setHours(18, 12, 0, 0) / 1000;
    return { ...base, models: { ...models(now), fetched_at: yesterday, stale: failure("offline") } };
  },
  "model-failed": (base) => ({
    ...base,
    models: failure("tls", "The certificate is signed by “Corp Root”."),
  }),
  "test-running": (base, now) => ({ ...base, test: run(now, { at: "answer" }), press: ["#test"] }),
  "test-passed": (base, now) => ({ ...base, test: run(now), press: ["#test"] }),
  "test-failed-credential": testFails("credential", failure("sign_in_required")),
  "test-failed-token": testFails("token", failure("sign_in_revoked"), 341),
  "test-failed-models": testFails("models", failure("proxy", "The proxy asks for a password (407)."), 1_020),
  "test-failed-answer": testFails("answer", failure("model_unavailable"), 620),
  disconnect: (base) => ({ ...base, press: ["#disconnect"] }),
  disconnected: (base) => ({ ...base, press: ["#disconnect", ".btn-danger"] }),
  "disconnected-unrevoked": (base) => ({
    ...base,
    disconnect: { revoked: "pending", erased: true, passes_refused: true, email: "ada@example.com" },
    press: ["#disconnect", ".btn-danger"],
  }),
  expired: needs(() => failure("sign_in_expired")),
  revoked: needs(() => failure("sign_in_revoked")),
  reused: needs(() => failure("sign_in_reused")),
  "account-problem": needs(() => failure("account_problem", "OpenAI says: account_deactivated.")),
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
};

export function sceneOf(name: string, now: number): Scene {
  const base: Scene = {
    overview: signedIn(now),
    models: models(now),
    usage: usage(now),
    signIn: opened(now),
    test: run(now),
    disconnect: { revoked: "yes", erased: true, passes_refused: true, email: "ada@example.com" },
    press: [],
  };
  return (scenes[name] ?? startsFresh)(base, now);
}

export { coded, pending };
