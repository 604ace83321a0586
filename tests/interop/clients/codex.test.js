// The Codex CLI, configured for the gateway as README.md describes.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import { PICTURE, bodies, caseOf } from "./test-case.js";
import { withOptions, start, events, run } from "./client.js";
import { npmVersion } from "./packages.js";
import { startFixture } from "./fixture.js";
import { MODEL } from "./models.js";
import { note } from "./table.js";

const name = `Codex CLI ${npmVersion("@openai/codex")}`;
const codex = join(import.meta.dirname, "node_modules/.bin/codex");
const ECHO = `call exec with "const r = await tools.exec_command({cmd: 'echo from-the-tool'}); text(r.output);"`;

let fixture;
let home;

before(async () => {
  fixture = await startFixture();
  home = fixture.home("codex", { USHER_PASS: fixture.pass });
  home.env.CODEX_HOME = join(home.env.HOME, ".codex");
  mkdirSync(home.env.CODEX_HOME);
  const provider = `name = "Usher"\nbase_url = "${fixture.address}/v1"\nenv_key = "USHER_PASS"\nwire_api = "responses"\n`;
  const config = `model = "${MODEL}"\nmodel_provider = "usher"\n\n[model_providers.usher]\n${provider}`;
  writeFileSync(join(home.env.CODEX_HOME, "config.toml"), config);
  writeFileSync(join(home.work, "picture.png"), Buffer.from(PICTURE, "base64"));
});

after(async () => {
  const contacted = fixture.monitor.take();
  note(name, "other hosts contacted", contacted.join(" ") || "nothing");
  assert.equal(await fixture.close(), 0);
});

const check = caseOf(name, () => ({ fixture }));

/** Returns the command of `codex exec` with all permissions in its own home. Options precede the prompt. */
const exec = (prompt, ...options) => [
  codex,
  "exec",
  "--json",
  "--skip-git-repo-check",
  "--dangerously-bypass-approvals-and-sandbox",
  ...options,
  "--",
  prompt,
];
const withoutRetry = ["-c", "model_providers.usher.stream_max_retries=0"];

/** Summarizes a run: the output of Codex and how the turn ended. */
function summarize({ stdout, stderr, code }) {
  const all = events(stdout);
  const items = all.filter((event) => event.type === "item.completed").map((event) => event.item);
  return {
    code,
    stderr,
    items,
    text: items
      .filter((item) => item.type === "agent_message")
      .map((item) => item.text)
      .join(""),
    turn: all.find((event) => event.type.startsWith("turn.") && event.type !== "turn.started"),
  };
}

/** Runs a turn that must succeed. Objects among the options change the environment. */
async function succeed(prompt, ...all) {
  const given = withOptions(home, all);
  const outcome = summarize(await run(exec(prompt, ...given.options), given.home));
  assert.deepEqual([outcome.code, outcome.turn?.type], [0, "turn.completed"], JSON.stringify(outcome));
  return outcome;
}

async function failedWith(prompt, ...options) {
  const outcome = summarize(await run(exec(prompt, ...options), home));
  assert.deepEqual([outcome.code, outcome.turn?.type], [1, "turn.failed"], JSON.stringify(outcome));
  return outcome.turn.error.message;
}

check("one-shot", async () => {
  assert.equal((await succeed("say hi")).text, "ready");
  const [body] = await bodies(fixture);
  assert.equal(body.input[0].type, "additional_tools", "its own request form is forwarded unchanged");
  assert.deepEqual([body.store, body.stream], [false, true]);
});

check("streaming", async () => {
  assert.equal(
    (await succeed("count to 300")).text,
    Array.from({ length: 300 }, (_, n) => `${n + 1} `).join(""),
  );
});

check("tools", async () => {
  const { items, text } = await succeed(ECHO);
  const execution = items.find((item) => item.type === "command_execution");
  assert.deepEqual([execution.aggregated_output, execution.exit_code], ["from-the-tool\n", 0]);
  assert.match(text, /^the tool said: [^]*from-the-tool/);
  const [, second] = await bodies(fixture);
  const call = second.input.find((item) => item.type === "custom_tool_call");
  const output = second.input.find((item) => item.type === "custom_tool_call_output");
  assert.deepEqual([call.name, call.namespace, output.call_id], ["exec", "functions", call.call_id]);
});

check("image", async () => {
  assert.equal((await succeed("look", "-i", join(home.work, "picture.png"))).text, "I see 1 image");
  const [body] = await bodies(fixture);
  const parts = body.input.flatMap((item) => item.content ?? []);
  assert.match(parts.find((part) => part.type === "input_image").image_url, /^data:image\/png;base64,/);
});

check("limit", async () => {
  await fixture.sandbox.fault("responses", { kind: "usage_limit" });
  const message = await failedWith("say hi");
  // A reset that is tomorrow has a date before the time.
  assert.match(message, /hit your usage limit.*try again at (\w{3} \d+\w\w, \d{4} )?\d+:\d\d/);
  assert.equal((await bodies(fixture)).length, 1, "it does not retry");
  return "“try again at …”, exit 1";
});

check("cut", async () => {
  for (const clean of [false, true]) {
    await fixture.sandbox.fault("responses", { kind: "cut", after_events: 5, clean });
    assert.match(await failedWith("say hi", ...withoutRetry), /stream disconnected before completion/);
  }
  await fixture.sandbox.reset();
  await fixture.sandbox.fault("responses", { kind: "cut", after_events: 5 });
  assert.equal((await succeed("say hi")).text, "ready", "it asks again where it may");
  assert.equal((await bodies(fixture)).length, 2);
  return "retries, or exit 1";
});

check("cancel", async () => {
  await fixture.sandbox.fault("responses", { kind: "hang_after", events: 5 });
  const running = start(exec("say hi"), home);
  await fixture.sandbox.counted("responses");
  running.interrupt();
  await fixture.sandbox.counted("responses.cancelled");
  const { code, signal } = await running.ended;
  assert.notEqual(code, 0, `${code} ${signal}`);
});

check("reasoning", async () => {
  const { items } = await succeed(`think, then ${ECHO}`, "-c", 'model_reasoning_summary="auto"');
  assert.equal(items.find((item) => item.type === "reasoning")?.text, "Thinking it over.");
  const [, second] = await bodies(fixture);
  assert.match(second.input.find((item) => item.type === "reasoning").encrypted_content, /^gAAAAA/);
});

check("through the Platform", async () => {
  const pass = fixture.passFor("openai", MODEL);
  const { items, text } = await succeed(ECHO, { USHER_PASS: pass });
  assert.equal(items.find((item) => item.type === "command_execution").aggregated_output, "from-the-tool\n");
  assert.match(text, /^the tool said: [^]*from-the-tool/);
  assert.equal((await fixture.sandbox.counts())["platform.responses"], 2);
});

// The service only has functions: tools are taken out of their namespaces, and input that is not JSON is wrapped in JSON.
check("through Chat Completions", async () => {
  await fixture.sandbox.set({ compatible_models: ["gpt-6-sol"] });
  const pass = fixture.passFor("openai-compatible:chat", "gpt-6-sol");
  const [, code] = /with (".*")$/.exec(ECHO);
  const { items, text } = await succeed(`call functions__exec with {"input":${code}}`, { USHER_PASS: pass });
  assert.equal(
    items.find((item) => item.type === "command_execution")?.aggregated_output,
    "from-the-tool\n",
    text,
  );
  assert.match(text, /^the tool said: [^]*from-the-tool/);
  assert.equal((await fixture.sandbox.counts())["compatible.chat_completions"], 2);
});

check("key helper", async () => {
  const helper = `{ command = ${JSON.stringify(process.env.USHER_BIN)}, args = ["pass", "print", "clients"] }`;
  const provider = `name="Usher", base_url="${fixture.address}/v1", wire_api="responses", auth=${helper}`;
  const options = ["-c", `model_providers.helped={${provider}}`, "-c", "model_provider=helped"];
  const { text } = await succeed("say hi", ...options, { USHER_PASS: "", ...fixture.usherHome });
  assert.equal(text, "ready");
});

check("structured", async () => {
  const schema = {
    type: "object",
    properties: { word: { type: "string" } },
    required: ["word"],
    additionalProperties: false,
  };
  const file = join(home.work, "schema.json");
  writeFileSync(file, JSON.stringify(schema));
  assert.deepEqual(JSON.parse((await succeed("answer", "--output-schema", file)).text), { word: "ready" });
});
