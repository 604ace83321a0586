// Programs that `usher run` starts, with empty homes: nothing but their environment leads them to the gateway, and their
// files stay as they are.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import { events, run } from "./client.js";
import { startFixture } from "./fixture.js";
import { MODEL } from "./models.js";

const CODEX = ["codex", "exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"];
const CODEX_ECHO = `call exec with "const r = await tools.exec_command({cmd: 'echo from-the-tool'}); text(r.output);"`;
const CLAUDE = ["claude", "--output-format", "stream-json", "--verbose", "--allowedTools", "Bash", "-p"];
const CLAUDE_ECHO = 'call Bash with {"command":"echo from-the-tool","description":"Says it"}';
const MODULES = join(import.meta.dirname, "node_modules");

let fixture;

before(async () => {
  fixture = await startFixture();
});

after(async () => {
  assert.equal(await fixture.close(), 0);
});

/** Creates a home of a program that `usher run` starts. */
function homeFor(name, variables = {}) {
  const home = fixture.home(name, { ...fixture.usherHome, ...fixture.sandbox.environment, ...variables });
  home.env.PATH = [join(MODULES, ".bin"), home.env.PATH].join(delimiter);
  return home;
}

const usherRun = (options, command, home) => run([process.env.USHER_BIN, "run", ...options, "--", ...command], home);

function codexOf({ stdout, stderr, code }) {
  const all = events(stdout);
  const items = all.filter((event) => event.type === "item.completed").map((event) => event.item);
  const messages = items.filter((item) => item.type === "agent_message").map((item) => item.text);
  return { code, stderr, items, text: messages.join(""), failed: all.find((event) => event.type === "turn.failed") };
}

test("`usher run -- codex exec`: a tool call", async () => {
  await fixture.sandbox.reset();
  const home = homeFor("codex");
  const ran = codexOf(await usherRun([], [...CODEX, "-m", MODEL, "--", CODEX_ECHO], home));
  assert.equal(ran.code, 0, JSON.stringify(ran));
  const execution = ran.items.find((item) => item.type === "command_execution");
  assert.equal(execution.aggregated_output, "from-the-tool\n");
  assert.match(ran.text, /^the tool said: [^]*from-the-tool/);
  assert(!existsSync(join(home.env.HOME, ".codex/auth.json")));
});

test("`usher run -- codex exec` with a Codex that is connected and has a key", async () => {
  await fixture.sandbox.reset();
  const home = homeFor("codex-connected", { CODEX_API_KEY: "sk-of-somebody" });
  const folder = join(home.env.HOME, ".codex");
  mkdirSync(folder);
  writeFileSync(join(folder, "auth.json"), JSON.stringify({ OPENAI_API_KEY: "sk-of-somebody" }));
  execFileSync(process.env.USHER_BIN, ["tools", "connect", "codex", "--yes", "--make-default"], { env: home.env });
  const config = readFileSync(join(folder, "config.toml"), "utf8");
  execFileSync(process.env.USHER_BIN, ["pass", "revoke", "codex"], { env: home.env });
  const ran = codexOf(await usherRun(["--model", MODEL], [...CODEX, "say hi"], home));
  assert.deepEqual([ran.code, ran.text], [0, "ready"], JSON.stringify(ran));
  const now = readFileSync(join(folder, "config.toml"), "utf8");
  // It notes by itself which folders are trusted.
  assert(now.startsWith(config) || now === config, now);
});

test("`usher run -- claude -p`: a tool call", async () => {
  await fixture.sandbox.reset();
  const home = homeFor("claude", {
    ANTHROPIC_API_KEY: "sk-ant-of-somebody",
    CLAUDE_CODE_USE_BEDROCK: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_AUTOUPDATER: "1",
  });
  const { stdout, stderr, code } = await usherRun([], [...CLAUDE, CLAUDE_ECHO], home);
  const all = events(stdout);
  const results = all.filter((event) => event.type === "user").flatMap((event) => event.message.content);
  assert.equal(code, 0, stdout + stderr);
  assert.deepEqual([results[0].type, results[0].content], ["tool_result", "from-the-tool"]);
  assert.equal(all.find((event) => event.type === "result").result, "the tool said: from-the-tool");
  assert(!existsSync(join(home.env.HOME, ".claude/settings.json")));
});

const SCRIPTS = {
  openai: `import OpenAI from "openai";
const answer = await new OpenAI().chat.completions.create({ model: "${MODEL}", messages: [{ role: "user", content: "say hi" }] });
console.log(answer.choices[0].message.content);`,
  "@anthropic-ai/sdk": `import Anthropic from "@anthropic-ai/sdk";
const messages = [{ role: "user", content: "say hi" }];
const answer = await new Anthropic().messages.create({ model: "claude-opus-5-5", max_tokens: 99, messages });
console.log(answer.content.find((block) => block.type === "text").text);`,
};

for (const [name, script] of Object.entries(SCRIPTS)) {
  test(`\`usher run -- node\` with ${name}`, async () => {
    await fixture.sandbox.reset();
    const home = homeFor(`script-${name.replaceAll("/", "-")}`, { ANTHROPIC_API_KEY: "sk-ant-of-somebody" });
    const node = [process.execPath, "--input-type=module", "-e", script];
    // Where it finds the package.
    const ran = await usherRun([], node, { ...home, work: import.meta.dirname });
    assert.deepEqual([ran.code, ran.stdout.trim()], [0, "ready"], ran.stderr);
  });
}

test("a budget that is used up is reported by Codex and Claude Code", async () => {
  await fixture.sandbox.reset();
  const home = homeFor("budget", { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", DISABLE_AUTOUPDATER: "1" });
  const codex = codexOf(await usherRun(["--budget", "1"], [...CODEX, "-m", MODEL, "--", CODEX_ECHO], home));
  assert.match(codex.failed?.error.message ?? "", /the budget of this run is used up/, JSON.stringify(codex));
  assert.match(codex.stderr, /The token budget is used up/);
  const claude = await usherRun(["--budget", "1"], [...CLAUDE, CLAUDE_ECHO], home);
  const result = events(claude.stdout).find((event) => event.type === "result");
  assert.match(result.result, /^API Error: [^]*the budget of this run is used up/);
  assert.equal((await fixture.sandbox.counts()).responses, 2, "neither asks again");
});
