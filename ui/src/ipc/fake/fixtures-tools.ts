// Fixtures: tools of this computer, what connecting them changes, and what came back.

import type { ToolConnectionView, ToolFileView, ToolPreview, ToolUndone, ToolView } from "../bindings";
import { day, hour, minute } from "./fixtures";
import { address } from "./fixtures-gateway";

export const toolOf = (id: string, name: string, changed: Partial<ToolView> = {}): ToolView => ({
  id,
  name,
  found: true,
  version: null,
  automatic: true,
  own_sign_in: false,
  pass_method: "helper",
  connection: null,
  ...changed,
});

export const connectionOf = (
  pass: string,
  at: number,
  changed: Partial<ToolConnectionView> = {},
): ToolConnectionView => ({
  pass,
  at: Math.floor(at),
  interrupted: false,
  suspended: false,
  served_by: null,
  restore_after_minutes: null,
  last_used_at: null,
  files: [`~/.${pass}/settings`],
  ...changed,
});

/** As on a computer where nothing is connected yet. */
export const tools = (): ToolView[] => [
  toolOf("codex", "Codex CLI", { version: "0.171.0", own_sign_in: true }),
  toolOf("claude-code", "Claude Code", { version: "2.1.332" }),
  toolOf("opencode", "opencode", { version: "1.0.81", own_sign_in: true, pass_method: "pass_file" }),
  toolOf("pi", "pi", { version: "0.24.3" }),
  toolOf("goose", "goose", { automatic: false, own_sign_in: true, pass_method: "environment" }),
  toolOf("aider", "aider", { found: false, pass_method: "literal" }),
  toolOf("scripts", "Scripts", { found: false, automatic: false, pass_method: "environment" }),
];

/** As where the Codex desktop app is installed beside a connected Codex CLI. */
export const toolsWithApp = (now: number): ToolView[] => [
  ...connectedTools(now).slice(0, 1),
  toolOf("codex-app", "Codex desktop app", { own_sign_in: true, pass_method: "literal" }),
  ...connectedTools(now).slice(1),
];

/** As after some weeks. */
export const connectedTools = (now: number): ToolView[] => {
  const connections: Record<string, ToolConnectionView> = {
    codex: connectionOf("codex", now - 17 * day, { last_used_at: Math.floor(now - 2 * minute) }),
    "claude-code": connectionOf("claude-code", now - 17 * day, {
      last_used_at: Math.floor(now - 2.4 * hour),
    }),
    pi: connectionOf("pi", now - 11 * day),
  };
  return tools().map((one) => ({ ...one, connection: connections[one.id] ?? null }));
};

const opencodeLines = [
  " {",
  '-  "model": "anthropic/claude-sonnet-4-5",',
  '+  "model": "usher/gpt-6.2-sol",',
  '+  "provider": { "usher": {',
  '+    "npm": "@ai-sdk/openai",',
  `+    "options": { "baseURL": "${address}/v1",`,
  '+                 "apiKey": "{file:~/.local/share/usher/tools/passes/opencode}" },',
  '+    "models": { "gpt-6.2-sol": {} } } },',
  '   "autoupdate": true',
  " }",
];

const appLines = [
  '-model_provider = "openai"',
  '+model_provider = "usher"',
  "+[model_providers.usher]",
  '+name = "Usher"',
  `+base_url = "${address}/v1"`,
  '+wire_api = "responses"',
  "+requires_openai_auth = true",
  '+http_headers = { x-api-key = "(the pass)" }',
];

const fileOf = (path: string, lines: readonly string[], exists: boolean): ToolFileView => {
  const old = exists ? path : "(no file)";
  const diff = [`--- ${old}`, `+++ ${path}`, "@@ -1,4 +1,9 @@", ...lines, ""].join("\n");
  return { path, exists, becomes_private: false, keys: [], diff };
};

/** What connecting the Codex desktop app changes, and whom else. */
export const appPreview = (): Partial<ToolPreview> => ({
  files: [{ ...fileOf("~/.codex/config.toml", appLines, true), becomes_private: true }],
  conflicts: [{ kind: "shared", subject: "Codex CLI", detail: "~/.codex/config.toml" }],
  takes_over: true,
  trial: null,
});

export const opencodeFile = fileOf("~/.config/opencode/opencode.json", opencodeLines, true);

/** What connecting a tool of the fixtures changes. */
export function previewOf({ id, name, automatic }: ToolView, makeDefault: boolean): ToolPreview {
  const lines = [
    ...(makeDefault ? ['+model_provider = "usher"'] : []),
    "+[model_providers.usher]",
    '+name = "Usher"',
    `+base_url = "${address}/v1"`,
  ];
  const file = id === "opencode" ? opencodeFile : fileOf(`~/.${id}/settings.toml`, lines, false);
  return {
    tool: id,
    name,
    pass: id,
    files: automatic ? [file] : [],
    conflicts: [],
    blocked: false,
    takes_over: id === "claude-code",
    has_default: id === "codex",
    trial: automatic ? `${id} -p 'Reply with the word hello.'` : null,
    usage: id === "codex" ? "codex -c model_provider=usher" : null,
    lines: automatic
      ? null
      : `export OPENAI_HOST=${address}\nexport OPENAI_API_KEY=$(usher pass print ${id})`,
    token: `${id} ${makeDefault}`,
  };
}

/** What comes back when nobody changed the file. */
export const undoneOf = (tool: string): ToolUndone => ({
  tool,
  files: [{ path: `~/.${tool}/settings.toml`, changed: true, exact: true, removed: false, kept: [] }],
  pass_revoked: true,
});
