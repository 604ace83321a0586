// Claude Code, configured for the gateway as README.md describes.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import { PICTURE, bodies, caseOf } from "./test-case.js";
import { withOptions, start, events as lines, run } from "./client.js";
import { npmVersion } from "./packages.js";
import { startFixture } from "./fixture.js";
import { note } from "./table.js";

const name = `Claude Code ${npmVersion("@anthropic-ai/claude-code")}`;
const claude = join(import.meta.dirname, "node_modules/@anthropic-ai/claude-code/cli-wrapper.cjs");
const ECHO = 'call Bash with {"command":"echo from-the-tool","description":"Says it"}';

let fixture;
let home;

before(async () => {
  fixture = await startFixture();
  home = fixture.home("claude", {
    ANTHROPIC_BASE_URL: fixture.address,
    ANTHROPIC_AUTH_TOKEN: fixture.pass,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_AUTOUPDATER: "1",
  });
  writeFileSync(join(home.work, "picture.png"), Buffer.from(PICTURE, "base64"));
});

after(async () => {
  const contacted = fixture.monitor.take();
  note(name, "other hosts contacted", contacted.join(" ") || "nothing");
  assert.deepEqual({ contacted, code: await fixture.close() }, { contacted: [], code: 0 });
});

const check = caseOf(name, () => ({ fixture }));

const STREAM_OUTPUT = ["--output-format", "stream-json", "--verbose"];
const print = (prompt, ...options) => [process.execPath, claude, "-p", prompt, ...STREAM_OUTPUT, ...options];

/** Runs Claude Code and returns the result and all events. Objects among the options change the environment. */
async function runClaude(prompt, ...all) {
  const given = withOptions(home, all);
  const { stdout, stderr, code } = await run(print(prompt, ...given.options), given.home);
  const events = lines(stdout);
  const blocks = (type) =>
    events.filter((event) => event.type === type).flatMap((event) => event.message.content);
  return {
    code,
    stderr,
    events,
    replies: blocks("assistant"),
    tools: blocks("user"),
    result: events.find((event) => event.type === "result"),
  };
}

async function succeed(prompt, ...options) {
  const outcome = await runClaude(prompt, ...options);
  assert.deepEqual(
    [outcome.code, outcome.result?.is_error],
    [0, false],
    `${outcome.stderr}${JSON.stringify(outcome.result)}`,
  );
  return outcome;
}

check("one-shot", async () => {
  assert.equal((await succeed("say hi")).result.result, "ready");
  const [body] = await bodies(fixture);
  assert(!JSON.stringify(body).includes("x-anthropic-billing-header"), "its billing line is not forwarded");
});

check("streaming", async () => {
  const { events, result } = await succeed("count to 40", "--include-partial-messages");
  const deltas = events
    .filter((event) => event.event?.delta?.type === "text_delta")
    .map((event) => event.event.delta.text);
  const counted = Array.from({ length: 40 }, (_, n) => `${n + 1} `);
  assert.deepEqual([deltas.join(""), deltas.length > 1], [counted.join(""), true]);
  assert.equal(result.result.trim(), counted.join("").trim());
});

check("tools", async () => {
  const { tools, result } = await succeed(ECHO, "--allowedTools", "Bash");
  assert.deepEqual(
    [tools[0].type, tools[0].content, tools[0].is_error],
    ["tool_result", "from-the-tool", false],
  );
  assert.equal(result.result, "the tool said: from-the-tool");
  const [, second] = await bodies(fixture);
  const call = second.input.find((item) => item.type === "function_call");
  const output = second.input.find((item) => item.type === "function_call_output");
  assert.deepEqual([call.name, output.call_id], ["Bash", call.call_id]);
});

check("image", async () => {
  const { result } = await succeed(
    `call Read with {"file_path":"${join(home.work, "picture.png")}"}`,
    "--allowedTools",
    "Read",
  );
  assert.match(result.result, /I see 1 image/);
});

check("limit", async () => {
  await fixture.sandbox.fault("responses", { kind: "usage_limit" });
  const { code, result } = await runClaude("say hi");
  assert.deepEqual(
    [code, result.is_error, result.api_error_status, result.api_error_type],
    [1, true, 429, "rate_limit_error"],
  );
  assert.match(result.result, /usage limit has been reached. Try again in \d+ (h|min)/);
  assert.equal((await bodies(fixture)).length, 1, "it does not retry");
  return "“Try again in …”, exit 1";
});

check("cut", async () => {
  for (const clean of [false, true]) {
    await fixture.sandbox.fault("responses", { kind: "cut", after_events: 5, clean });
    const { replies, tools, result } = await succeed("say hi");
    assert.deepEqual([replies.map((block) => block.text), result.result], [["rea", "ready"], "ready"]);
    assert.match(tools[0].text, /cut off mid-stream/, "Claude Code continues after the cut");
  }
  return "continues after the cut";
});

check("cancel", async () => {
  await fixture.sandbox.fault("responses", { kind: "hang_after", events: 5 });
  const running = start(print("say hi"), home);
  await fixture.sandbox.counted("responses");
  running.interrupt();
  await fixture.sandbox.counted("responses.cancelled");
  const { code, signal } = await running.ended;
  assert.notEqual(code, 0, `${code} ${signal}`);
});

check("reasoning", async () => {
  const { replies } = await succeed(`think, then ${ECHO}`, "--allowedTools", "Bash");
  assert.deepEqual([replies[0].type, replies[0].thinking], ["thinking", "Thinking it over."]);
  const [, second] = await bodies(fixture);
  assert.match(second.input.find((item) => item.type === "reasoning").encrypted_content, /^gAAAAA/);
});

for (const [row, provider, model, endpoint] of [
  ["through the Platform", "openai", "gpt-5.5", "platform.responses"],
  ["through Chat Completions", "openai-compatible:chat", "qwen3-coder", "compatible.chat_completions"],
]) {
  check(row, async () => {
    const pass = { ANTHROPIC_AUTH_TOKEN: fixture.passFor(provider, model) };
    const { tools, result } = await succeed(ECHO, "--allowedTools", "Bash", pass);
    assert.deepEqual([tools[0].content, result.result], ["from-the-tool", "the tool said: from-the-tool"]);
    assert.equal((await fixture.sandbox.counts())[endpoint], 2);
  });
}

check("models", async () => {
  await succeed("say hi", "--model", "claude-gpt-6-luna", { CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: "1" });
  const [body] = await bodies(fixture);
  assert.equal(body.model, "gpt-6-luna");
  const cached = readFileSync(join(home.env.HOME, ".claude/cache/gateway-models.json"), "utf8");
  assert.match(cached, /claude-gpt-6-luna/);
});
