// Tools that `usher tools connect` connects, with the real programs: the program answers with what a command printed that
// the model called for, and after `disconnect` its file is what it was, byte for byte.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { definition } from "./definitions.js";
import { startFixture } from "./fixture.js";
import { MODEL } from "./models.js";
import { homeOf, startRecipe } from "./recipe.js";

/**
 * Each tool with a file as a person may have it, and the smallest command that asks the model. With `call` in the prompt, the
 * sandbox's model calls the program's own tool for shell commands.
 */
const TOOLS = [
  {
    id: "codex",
    file: ".codex/config.toml",
    text: `# mine\r\nmodel = "gpt-5.5"   # the old one\r\nmodel_provider='other'\r\n\r\n[model_providers.other]\r\nname = "Other"\r\nbase_url = "http://127.0.0.1:9/v1"\r\n\r\n[tui]\r\nnotifications = false`,
    options: ["--make-default"],
    run: "codex exec --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox 'say hi'",
    call: 'call exec_command with {"cmd":"echo from-the-tool"}',
  },
  {
    id: "claude-code",
    file: ".claude/settings.json",
    text: '{\n\t"permissions" : { "allow": [ ] },\n\n\t"env":{"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC" : "1"} }\n',
    run: "claude --allowedTools Bash -p 'say hi'",
    call: 'call Bash with {"command":"echo from-the-tool","description":"Says it"}',
  },
  {
    id: "opencode",
    file: ".config/opencode/opencode.jsonc",
    // It adds the first key to a file that has none.
    text: '{\n  "$schema": "https://opencode.ai/config.json",\n  // mine\n  "theme": "system", /* dark */\n\n  "provider": { "other": { "npm": "@ai-sdk/openai-compatible", "models": {}, }, }, // others\n}\n',
    run: `opencode run -m usher/${MODEL} 'say hi'`,
  },
  {
    id: "pi",
    file: ".pi/agent/models.json",
    text: '{"providers" : {\n      "other": { "baseUrl": "http://127.0.0.1:9/v1", "api": "openai-completions", "apiKey": "x", "models": [{"id": "m"}] } } }',
    run: `pi --provider usher --model ${MODEL} -p 'say hi'`,
  },
  {
    id: "aider",
    file: ".aider.conf.yml",
    text: "# mine\ndark-mode:   true # at night\n\nread: [ A.md ]",
    options: ["--make-default"],
    run: "aider --no-git --no-check-update --no-analytics --no-show-model-warnings --yes-always --message 'say hi'",
  },
  {
    id: "continue",
    file: ".continue/config.yaml",
    text: "name: Mine\nversion: 1.0.0\nschema: v1\nmodels: [] # none\n",
    run: "cn -p 'say hi'",
  },
  {
    id: "llm",
    file: ".config/io.datasette.llm/extra-openai-models.yaml",
    text: "-   model_id: other\n    model_name: other # x\n    api_base: 'http://127.0.0.1:9/v1'\n\n",
    run: `llm -m usher/${MODEL} 'say hi'`,
  },
];

let fixture;

before(async () => {
  fixture = await startFixture();
});

after(async () => {
  assert.equal(await fixture.close(), 0);
});

for (const { id, file, text, options = [], run, call } of TOOLS) {
  const client = await definition(id);
  const prompt = call ?? client.tool;
  test(`${client.name}: connected by \`usher tools connect\`, answers, and is put back`, { skip: !client.bin }, async () => {
    const home = homeOf(client, fixture, `connected-${id}`);
    const path = join(home.env.HOME, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    const env = { ...home.env, ...fixture.sandbox.environment };
    const usher = (...args) => JSON.parse(execFileSync("usher", [...args, "--json"], { env, encoding: "utf8" }));

    const { preview } = usher("tools", "connect", id, "--dry-run", ...options);
    assert.equal(preview.blocked, false);
    assert.equal(readFileSync(path, "utf8"), text, "a preview changes nothing");
    usher("tools", "connect", id, "--yes", ...options);
    const outcome = await startRecipe({ run }, home, prompt).ended;
    assert.equal(outcome.code, 0, `${outcome.stdout}\n${outcome.stderr}`);
    // aider, Continue and llm call no tool of their own here.
    assert.match(outcome.stdout, prompt ? /the tool \w+: [^]*from-the-tool/ : /ready/, outcome.stderr);
    const tool = usher("tools", "list").tools.find((one) => one.id === id);
    assert(tool.found && tool.connection.last_used_at > 0, JSON.stringify(tool));

    const { undone } = usher("tools", "disconnect", id, "--yes");
    assert.equal(undone[0].pass_revoked, true);
    assert(undone[0].files.every((one) => one.exact), JSON.stringify(undone));
    assert.equal(readFileSync(path, "utf8"), text);
  });
}
