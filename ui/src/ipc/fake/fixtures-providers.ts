// Fixtures: providers, accounts and external sign-ins.

import type {
  AccountCard,
  AccountView,
  DoctorReport,
  CredentialView,
  EndpointView,
  ExternalSignInView,
  ModelsView,
  ModelView,
  Overview,
  PassUse,
  Preset,
  ProviderId,
  ProvidersView,
  ProviderView,
} from "../bindings";
import { noSelection } from "../selection";
import { failure, account, day, hour, minute, modelFixture, usage } from "./fixtures";

const far = (id: string, name: string, base_url: string): Preset => ({ id, name, base_url, needs_key: true });
const near = (id: string, name: string, port: number): Preset => ({
  id,
  name,
  base_url: `http://localhost:${port}/v1`,
  needs_key: false,
});

const presets: Preset[] = [
  far("groq", "Groq", "https://api.groq.com/openai/v1"),
  far("together", "Together", "https://api.together.xyz/v1"),
  far("openrouter", "OpenRouter", "https://openrouter.ai/api/v1"),
  far("fireworks", "Fireworks", "https://api.fireworks.ai/inference/v1"),
  near("ollama", "Ollama", 11_434),
  near("lm-studio", "LM Studio", 1_234),
  near("vllm", "vLLM", 8_000),
];

const nothing = noSelection;

export const endpoint = (base_url: string, more: Partial<EndpointView> = {}): EndpointView => ({
  base_url,
  root: base_url,
  wire: "chat_completions",
  timeout_seconds: 30,
  local_network: false,
  headers: [],
  organization: null,
  project: null,
  ...more,
});

export const openai = (credential: CredentialView, more: Partial<ProviderView> = {}): ProviderView => ({
  id: "openai",
  name: "OpenAI API key",
  pays: "per_token",
  enabled: true,
  credential,
  endpoint: endpoint("https://api.openai.com/v1", { wire: "responses" }),
  selection: { ...nothing, model: "gpt-6.2-sol" },
  models_version: null,
  attention: null,
  ...more,
});

export const savedKey = (now: number, ends_in = "7Qf2"): CredentialView => ({
  kind: "key",
  ends_in,
  saved_at: now - 8 * day,
});

export const environmentKey: CredentialView = {
  kind: "environment",
  variable: "OPENAI_API_KEY",
  ends_in: "7Qf2",
};

export const groq = (now: number, more: Partial<ProviderView> = {}): ProviderView => ({
  id: "openai-compatible:groq",
  name: "Groq",
  pays: "service",
  enabled: true,
  credential: savedKey(now, "t4Zt"),
  endpoint: endpoint("https://api.groq.com/openai/v1"),
  selection: { ...nothing, model: "openai/gpt-oss-120b" },
  models_version: null,
  attention: null,
  ...more,
});

export const ollama = (more: Partial<ProviderView> = {}): ProviderView => ({
  id: "openai-compatible:ollama",
  name: "Ollama",
  pays: "service",
  enabled: false,
  credential: { kind: "not_needed" },
  endpoint: endpoint("http://localhost:11434/v1"),
  selection: nothing,
  models_version: null,
  attention: null,
  ...more,
});

export const codexCli = (now: number, more: Partial<ProviderView> = {}): ProviderView => ({
  id: "codex-cli",
  name: "Codex CLI",
  pays: "plan",
  enabled: true,
  credential: { kind: "codex", account, place: "~/.codex/auth.json", expires_at: now + 5 * hour },
  endpoint: null,
  selection: { ...nothing, model: "gpt-6.2-sol" },
  models_version: null,
  attention: null,
  ...more,
});

/** The plan as a provider, from the overview. */
const plan = (overview: Overview, accounts: number): ProviderView => ({
  id: "chatgpt",
  name: "OpenAI",
  pays: "plan",
  enabled: overview.enabled,
  credential: overview.account
    ? { kind: "sign_in", account: overview.account, accounts }
    : { kind: "missing" },
  endpoint: null,
  selection: overview.selection,
  models_version: null,
  attention: overview.attention,
});

/** Returns what requests to a provider use, as the core says it. */
export function usesOf(id: string, used: AccountView | null, others: readonly ProviderView[]): PassUse {
  const other = others.find((one) => one.id === id);
  const ids = { kind: "uses", provider_id: id } as const;
  if (other) {
    const paidBy = other.pays === "per_token" ? "key" : other.pays;
    return { ...ids, provider: other.name, account_id: null, account: null, paid_by: paidBy };
  }
  if (used?.route === "plan_usage") return { kind: "refused", failure: failure("connected_app_only") };
  if (!used) return { kind: "refused", failure: failure("sign_in_required", "no account is in use") };
  const name = [used.name, used.email].filter(Boolean).join(", ");
  return { ...ids, provider: "OpenAI", account_id: used.id, account: name, paid_by: "plan" };
}

export function providersView(
  overview: Overview,
  others: ProviderView[],
  accounts: number,
  tools: string | null = null,
): ProvidersView {
  const hosts = ["https://auth.openai.com", "https://chatgpt.com"].map((origin) => ({
    origin,
    providers: ["OpenAI"],
  }));
  for (const { name, endpoint: at } of others) {
    if (at) hosts.push({ origin: new URL(at.base_url).origin, providers: [name] });
  }
  const ended = overview.attention?.code.startsWith("sign_in_");
  const used = ended ? null : overview.account;
  const ready = others.find((one) => one.enabled && one.credential.kind !== "missing");
  const chosen = tools ?? (used || accounts > 1 || !ready ? "chatgpt" : ready.id);
  return {
    providers: [plan(overview, accounts), ...others],
    presets,
    hosts,
    tools: { provider: chosen, chosen: tools !== null, uses: usesOf(chosen, used, others) },
  };
}

const bare = (id: string, context: number | null, more: object = {}) => ({
  ...modelFixture(id, id, 0, "", []),
  context_window: context,
  default_effort: null,
  capabilities: { images: null, tools: null, parallel_tools: null, verbosity: null, fast: null },
  ...more,
});

/** A model list of a service without names and descriptions. */
export function groqModels(now: number): ModelsView {
  return {
    provider: "openai-compatible:groq",
    account: "",
    version: "1",
    fetched_at: now - 5 * minute,
    stale: null,
    models: [
      bare("openai/gpt-oss-120b", 131_072, { chosen: true, default: true }),
      bare("openai/gpt-oss-20b", 131_072),
      bare("llama-3.3-70b-versatile", 131_072),
      bare("whisper-large-v3", null, { text: false }),
      bare("our-fine-tune", null, { source: "by_hand" }),
    ],
  };
}

export function platformModels(now: number): ModelsView {
  const today = new Date(now * 1000).setHours(9, 14, 0, 0) / 1000;
  const efforts = ["low", "medium", "high", "xhigh", "max"];
  const known = (id: string, effort: string, first = false): ModelView => ({
    ...modelFixture(id, id, 0, "", efforts, first, effort),
    context_window: null,
    source: "table",
  });
  return {
    provider: "openai",
    account: "",
    version: "1",
    fetched_at: today,
    stale: null,
    models: [
      known("gpt-6.2-sol", "low", true),
      known("gpt-6-sol", "medium"),
      known("gpt-5.6-luna", "medium"),
      { ...bare("gpt-image-1", null, { text: false }) },
      { ...bare("text-embedding-3-large", null, { text: false }) },
      { ...bare("tts-1", null, { text: false }) },
    ],
  };
}

export const noModels = (provider: ProviderId, now: number): ModelsView => ({
  provider,
  account: "",
  version: "1",
  fetched_at: now,
  stale: null,
  models: [],
});

const person = (id: string, email: string, workspace: string, plan_name: string, label: string | null) =>
  ({
    id,
    name: label ?? plan_name,
    email,
    route: "codex_client",
    plan_use: null,
    workspace,
    plan: plan_name.toLowerCase(),
    plan_name,
    label,
  }) satisfies AccountView;

export const card = (view: AccountView, now: number, more: Partial<AccountCard> = {}): AccountCard => ({
  account: view,
  active: false,
  renews: true,
  expires_at: now + 47 * minute,
  attention: null,
  usage: usage(now),
  ...more,
});

export const personal = { ...account, label: "Personal" };
export const work = person("user-ada/acct-2", "ada@analytical.example", "Analytical Ltd", "Business", "Work");
export const club = person("user-ada/acct-3", "ada@club.example", "Chess Club", "Business", "Club");
/** The same person by OpenAI's sign-in for local apps. */
export const planAccount: AccountView = {
  id: "user-ada:oaiapp_1",
  name: "ChatGPT plan",
  email: "ada@example.com",
  route: "plan_usage",
  plan_use: "allowed",
  workspace: "ChatGPT plan",
  plan: "unknown",
  plan_name: "ChatGPT plan",
  label: null,
};
export const sameMail = [
  account,
  person("user-ada/acct-2", "ada@example.com", "Analytical Ltd", "Business", null),
  person("user-ada/acct-4", "ada@example.com", "Enterprise, acct-4", "Enterprise", null),
] as const;

export const found = (now: number): ExternalSignInView[] => [
  {
    program: "codex",
    program_name: "Codex CLI",
    place: "~/.codex/auth.json",
    email: "ada@example.com",
    plan_name: "Plus",
    last_refresh: now - 3 * day,
    expires_at: now + 5 * hour,
    advice: "link",
    trouble: null,
  },
  {
    program: "opencode",
    program_name: "opencode",
    place: "~/.local/share/opencode/auth.json",
    email: null,
    plan_name: null,
    last_refresh: now - 40 * minute,
    expires_at: null,
    advice: "sign_in",
    trouble: null,
  },
];

export const unreadable: ExternalSignInView = {
  program: "goose",
  program_name: "goose",
  place: "~/.config/goose/chatgpt_codex/tokens.json",
  email: null,
  plan_name: null,
  last_refresh: null,
  expires_at: null,
  advice: "sign_in",
  trouble: "it is not what goose writes",
};

export const checkup: DoctorReport = {
  checks: [
    { check: "port_1455", verdict: "good", found: "free", provider: null, code: null },
    { check: "port_1457", verdict: "note", found: "used by opencode", provider: null, code: "port_busy" },
    {
      check: "settings",
      verdict: "good",
      found: "no errors in ~/.config/usher/config.toml",
      provider: null,
      code: null,
    },
    {
      check: "store",
      verdict: "good",
      found: "encrypted file, key in the keyring",
      provider: null,
      code: null,
    },
    {
      check: "proxy",
      verdict: "good",
      found: "auth.openai.com: direct; chatgpt.com: direct",
      provider: null,
      code: null,
    },
    { check: "certificates", verdict: "good", found: "the system's own", provider: null, code: null },
    {
      check: "clock",
      verdict: "bad",
      found: "differs by 312 s from auth.openai.com",
      provider: null,
      code: "clock_skew",
    },
  ],
};
