// Fixtures: passes and requests.

import type { PassView, PayerView, RequestStatus, RequestView, ToolSetup } from "../bindings";
import { day, hour, minute } from "./fixtures";

export const address = "http://127.0.0.1:18740";

export const passOf = (now: number, name: string, more: Partial<PassView> = {}): PassView => ({
  id: `pass-${name}`,
  name,
  provider: "chatgpt",
  account: null,
  account_name: null,
  model: null,
  model_name: null,
  project: null,
  folder: null,
  pay_per_token: false,
  token: false,
  budget: null,
  leaves_percent: null,
  roles: {},
  run: false,
  created_at: now,
  expires_at: null,
  last_used_at: null,
  ...more,
});

export const passes = (now: number): PassView[] => [
  passOf(now, "Codex CLI", { created_at: now - 17 * day, last_used_at: now - 2 * minute }),
  passOf(now, "Claude Code", {
    model: "gpt-6.2-sol",
    model_name: "GPT-6.2-Sol",
    created_at: now - 17 * day,
    last_used_at: now - 2.4 * hour,
  }),
  passOf(now, "pi", { created_at: now - 11 * day }),
  passOf(now, "scripts", {
    provider: "openai-compatible:groq",
    project: "atlas",
    created_at: now - 2 * day,
    last_used_at: now - day,
  }),
];

export function requestOf(
  id: number,
  since: number,
  pass: string,
  status: RequestStatus,
  more: Partial<RequestView> = {},
): RequestView {
  return {
    id,
    pass,
    dialect: "responses",
    model: "GPT-6.2-Sol",
    tier: null,
    since: Math.floor(since),
    status,
    took_ms: null,
    tokens_in: null,
    tokens_out: null,
    code: null,
    payer: null,
    ...more,
  };
}

const plan: PayerView = {
  provider_id: "chatgpt",
  provider: "OpenAI",
  account_id: "user-ada/acct-1",
  account: "Personal",
  paid_by: "plan",
};
const service: PayerView = {
  provider_id: "openai-compatible:groq",
  provider: "Groq",
  account_id: null,
  account: null,
  paid_by: "service",
};

export const requests = (now: number): RequestView[] => [
  requestOf(1, now - 2.4 * hour, "Claude Code", "done", {
    payer: plan,
    took_ms: 14_800,
    tokens_in: 42_118,
    tokens_out: 2_406,
  }),
  requestOf(2, now - 168, "scripts", "not_in_pass", {
    model: "openai/gpt-5.5",
    took_ms: 2,
    code: "host_not_allowed",
  }),
  requestOf(3, now - 65, "scripts", "done", {
    payer: service,
    model: "llama-3.1-70b",
    dialect: "chat_completions",
    took_ms: 400,
    tokens_in: 640,
    tokens_out: 128,
  }),
  requestOf(4, now - 56, "Codex CLI", "stopped", { payer: plan, took_ms: 4_100 }),
  requestOf(5, now - 36, "Codex CLI", "done", {
    payer: plan,
    took_ms: 6_200,
    tokens_in: 17_480,
    tokens_out: 912,
  }),
  requestOf(6, now - 21, "Codex CLI", "limit_reached", {
    payer: plan,
    took_ms: 210,
    code: "usage_limit_reached",
  }),
  requestOf(7, now - 3, "Codex CLI", "answering", { payer: plan }),
];

/** The lines of the core for a pass whose name needs no quotes. */
export const setups = (pass: string): ToolSetup[] => [
  {
    tool: "claude",
    pass,
    text: `export ANTHROPIC_BASE_URL=${address}\nexport ANTHROPIC_AUTH_TOKEN=$(usher pass print ${pass})`,
  },
  {
    tool: "codex",
    pass,
    text: `model_provider = "usher"

[model_providers.usher]
name = "Usher"
base_url = "${address}/v1"
wire_api = "responses"
auth = { command = "usher", args = ["pass", "print", "${pass}"] }`,
  },
  {
    tool: "openai",
    pass,
    text: `export OPENAI_BASE_URL=${address}/v1\nexport OPENAI_API_KEY=$(usher pass print ${pass})`,
  },
  {
    tool: "anthropic",
    pass,
    text: `export ANTHROPIC_BASE_URL=${address}\nexport ANTHROPIC_API_KEY=$(usher pass print ${pass})`,
  },
  {
    tool: "python",
    pass,
    text: `import subprocess
from openai import OpenAI

key = subprocess.check_output(["usher", "pass", "print", "${pass}"], text=True).strip()
client = OpenAI(base_url="${address}/v1", api_key=key)
model = client.models.list().data[0].id
print(client.responses.create(model=model, input="Say hello.").output_text)`,
  },
];
