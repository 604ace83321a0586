// What a preview of `usher tools connect` warns of wins over the file that it changes, with the real programs: no request comes
// with the pass. What it does not warn of does not win.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { definition } from "./definitions.js";
import { startFixture } from "./fixture.js";
import { MODEL } from "./models.js";
import { homeOf, startRecipe } from "./recipe.js";

const CLAUDE = "export CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1; claude -p 'say hi'";
const OPENCODE = `opencode run -m usher/${MODEL} 'say hi'`;

/** Files below the home, before and after the tool is connected; `other` is the address of a service that refuses. */
const CASES = [
  {
    name: "settings of a project",
    id: "claude-code",
    after: { "work/.claude/settings.json": (other) => `{"env":{"ANTHROPIC_BASE_URL":"${other}"}}` },
    warning: ["project", "env.ANTHROPIC_BASE_URL"],
    run: CLAUDE,
  },
  {
    name: "a comment",
    id: "claude-code",
    before: { ".claude/settings.json": () => '{\n  // mine\n  "model": "opus"\n}\n' },
    warning: ["comments", "line 2"],
    run: CLAUDE,
  },
  {
    name: "a stored sign-in",
    id: "claude-code",
    after: { ".claude.json": () => '{"primaryApiKey":"sk-ant-api03-stored","hasCompletedOnboarding":true}' },
    run: CLAUDE,
  },
  {
    name: "settings of a project",
    id: "opencode",
    after: {
      "work/opencode.json": (other) => `{"provider":{"usher":{"options":{"baseURL":"${other}/v1"}}}}`,
    },
    warning: ["project", "provider.usher.options.baseURL"],
    run: OPENCODE,
  },
  {
    name: "a stored key",
    id: "opencode",
    after: { ".local/share/opencode/auth.json": () => '{"usher":{"type":"api","key":"sk-stored"}}' },
    run: OPENCODE,
  },
  {
    name: "a stored key",
    id: "pi",
    after: { ".pi/agent/auth.json": () => '{"usher":{"type":"api_key","key":"sk-stored"}}' },
    warning: ["sign_in", "usher"],
    run: `pi --provider usher --model ${MODEL} -p 'say hi'`,
  },
  {
    name: "settings of a project",
    id: "codex",
    before: {
      ".codex/config.toml": (other, work) =>
        `[model_providers.other]\nname = "Other"\nbase_url = "${other}/v1"\n[projects."${work}"]\ntrust_level = "trusted"\n`,
    },
    after: { "work/.codex/config.toml": () => 'model_provider = "other"\n' },
    options: ["--make-default"],
    run: "codex exec --skip-git-repo-check 'say hi'",
  },
];

let fixture;
let server;
let other;

before(async () => {
  fixture = await startFixture();
  const refusal = JSON.stringify({ type: "error", error: { type: "invalid_request_error", message: "refused" } });
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(400, { "content-type": "application/json" }).end(refusal);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  other = `http://127.0.0.1:${server.address().port}`;
});

after(async () => {
  server.close();
  assert.equal(await fixture.close(), 0);
});

for (const [index, { name, id, before: early = {}, after: late = {}, options = [], warning, run }] of CASES.entries()) {
  const client = await definition(id);
  const outcome = warning ? "wins, and is warned of" : "does not win";
  test(`${client.name}: ${name} ${outcome}`, { skip: !client.bin }, async () => {
    const home = homeOf(client, fixture, `overrides-${index}`);
    const env = { ...home.env, ...fixture.sandbox.environment };
    const usher = (...args) =>
      JSON.parse(execFileSync("usher", [...args, "--json"], { env, cwd: home.work, encoding: "utf8" }));
    const put = (files) => {
      for (const [file, text] of Object.entries(files)) {
        const path = join(home.env.HOME, file);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text(other, home.work), { mode: 0o600 });
      }
    };
    put(early);
    usher("tools", "connect", id, "--yes", ...options);
    put(late);
    const { preview } = usher("tools", "connect", id, "--dry-run", ...options);
    const warnings = preview.conflicts.map(({ kind, subject }) => [kind, subject]);
    assert.deepEqual(warnings, warning ? [warning] : []);

    const { code, stdout, stderr } = await startRecipe({ run }, home).ended;
    const { connection } = usher("tools", "list").tools.find((one) => one.id === id);
    assert.equal(connection.last_used_at === null, Boolean(warning), `${stdout}\n${stderr}`);
    if (!warning) assert.equal(code, 0, `${stdout}\n${stderr}`);
    usher("tools", "disconnect", id, "--yes");
  });
}
