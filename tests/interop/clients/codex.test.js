// The Codex CLI, pointed at the gateway as README.md says.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import { PICTURE, bodies, caseOf } from "./cases.js";
import { apart, begin, events, run } from "./client.js";
import { npmVersion } from "./packages.js";
import { openStage } from "./stage.js";
import { note } from "./table.js";

const name = `Codex CLI ${npmVersion("@openai/codex")}`;
const codex = join(import.meta.dirname, "node_modules/.bin/codex");
const ECHO = `call exec with "const r = await tools.exec_command({cmd: 'echo from-the-tool'}); text(r.output);"`;

let stage;
let home;

before(async () => {
  stage = await openStage();
  home = stage.home("codex", { USHER_PASS: stage.pass });
  home.env.CODEX_HOME = join(home.env.HOME, ".codex");
  mkdirSync(home.env.CODEX_HOME);
  const provider = `name = "Usher"\nbase_url = "${stage.address}/v1"\nenv_key = "USHER_PASS"\nwire_api = "responses"\n`;
  const config = `model = "gpt-6.1-sol"\nmodel_provider = "usher"\n\n[model_providers.usher]\n${provider}`;
  writeFileSync(join(home.env.CODEX_HOME, "config.toml"), config);
  writeFileSync(join(home.work, "picture.png"), Buffer.from(PICTURE, "base64"));
});

after(async () => {
  const wanted = stage.outside.take();
  note(name, "wanted outside", wanted.join(" ") || "nothing");
  assert.equal(await stage.close(), 0);
});

const check = caseOf(name, () => ({ stage }));

/** `codex exec` in its own home, where it may do anything. Options come before the words. */
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
const once = ["-c", "model_providers.usher.stream_max_retries=0"];

/** What came of a run: what Codex said and did, and how the turn ended. */
function told({ stdout, stderr, code }) {
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

/** A turn that goes well. Objects among the options change the environment. */
async function done(prompt, ...all) {
  const given = apart(home, all);
  const came = told(await run(exec(prompt, ...given.options), given.home));
  assert.deepEqual([came.code, came.turn?.type], [0, "turn.completed"], JSON.stringify(came));
  return came;
}

async function failed(prompt, ...options) {
  const came = told(await run(exec(prompt, ...options), home));
  assert.deepEqual([came.code, came.turn?.type], [1, "turn.failed"], JSON.stringify(came));
  return came.turn.error.message;
}

check("one-shot", async () => {
  assert.equal((await done("say hi")).text, "ready");
  const [body] = await bodies(stage);
  assert.equal(body.input[0].type, "additional_tools", "its own form of request crosses as it is");
  assert.deepEqual([body.store, body.stream], [false, true]);
});

check("streaming", async () => {
  assert.equal(
    (await done("count to 300")).text,
    Array.from({ length: 300 }, (_, n) => `${n + 1} `).join(""),
  );
});

check("tools", async () => {
  const { items, text } = await done(ECHO);
  const ran = items.find((item) => item.type === "command_execution");
  assert.deepEqual([ran.aggregated_output, ran.exit_code], ["from-the-tool\n", 0]);
  assert.match(text, /^the tool said: [^]*from-the-tool/);
  const [, second] = await bodies(stage);
  const call = second.input.find((item) => item.type === "custom_tool_call");
  const output = second.input.find((item) => item.type === "custom_tool_call_output");
  assert.deepEqual([call.name, call.namespace, output.call_id], ["exec", "functions", call.call_id]);
});

check("image", async () => {
  assert.equal((await done("look", "-i", join(home.work, "picture.png"))).text, "I see 1 image");
  const [body] = await bodies(stage);
  const parts = body.input.flatMap((item) => item.content ?? []);
  assert.match(parts.find((part) => part.type === "input_image").image_url, /^data:image\/png;base64,/);
});

check("limit", async () => {
  await stage.sandbox.fault("responses", { kind: "usage_limit" });
  const message = await failed("say hi");
  // A reset of tomorrow has its date before the time.
  assert.match(message, /hit your usage limit.*try again at (\w{3} \d+\w\w, \d{4} )?\d+:\d\d/);
  assert.equal((await bodies(stage)).length, 1, "it does not ask again");
  return "“try again at …”, exit 1";
});

check("cut", async () => {
  for (const clean of [false, true]) {
    await stage.sandbox.fault("responses", { kind: "cut", after_events: 5, clean });
    assert.match(await failed("say hi", ...once), /stream disconnected before completion/);
  }
  await stage.sandbox.reset();
  await stage.sandbox.fault("responses", { kind: "cut", after_events: 5 });
  assert.equal((await done("say hi")).text, "ready", "it asks again where it may");
  assert.equal((await bodies(stage)).length, 2);
  return "asks again, or exit 1";
});

check("cancel", async () => {
  await stage.sandbox.fault("responses", { kind: "hang_after", events: 5 });
  const running = begin(exec("say hi"), home);
  await stage.sandbox.counted("responses");
  running.interrupt();
  await stage.sandbox.counted("responses.cancelled");
  const { code, signal } = await running.ended;
  assert.notEqual(code, 0, `${code} ${signal}`);
});

check("reasoning", async () => {
  const { items } = await done(`think, then ${ECHO}`, "-c", 'model_reasoning_summary="auto"');
  assert.equal(items.find((item) => item.type === "reasoning")?.text, "Thinking it over.");
  const [, second] = await bodies(stage);
  assert.match(second.input.find((item) => item.type === "reasoning").encrypted_content, /^gAAAAA/);
});

check("through the Platform", async () => {
  const pass = stage.passFor("openai", "gpt-6.1-sol");
  const { items, text } = await done(ECHO, { USHER_PASS: pass });
  assert.equal(items.find((item) => item.type === "command_execution").aggregated_output, "from-the-tool\n");
  assert.match(text, /^the tool said: [^]*from-the-tool/);
  assert.equal((await stage.sandbox.counts())["platform.responses"], 2);
});

// The service has functions only: the tools come out of their namespaces, and what is no JSON is put into some.
check("through Chat Completions", async () => {
  await stage.sandbox.set({ compatible_models: ["gpt-6-sol"] });
  const pass = stage.passFor("openai-compatible:chat", "gpt-6-sol");
  const [, code] = /with (".*")$/.exec(ECHO);
  const { items, text } = await done(`call functions__exec with {"input":${code}}`, { USHER_PASS: pass });
  assert.equal(
    items.find((item) => item.type === "command_execution")?.aggregated_output,
    "from-the-tool\n",
    text,
  );
  assert.match(text, /^the tool said: [^]*from-the-tool/);
  assert.equal((await stage.sandbox.counts())["compatible.chat_completions"], 2);
});

check("key helper", async () => {
  const helper = `{ command = ${JSON.stringify(process.env.USHER_BIN)}, args = ["pass", "print", "clients"] }`;
  const provider = `name="Usher", base_url="${stage.address}/v1", wire_api="responses", auth=${helper}`;
  const options = ["-c", `model_providers.helped={${provider}}`, "-c", "model_provider=helped"];
  const { text } = await done("say hi", ...options, { USHER_PASS: "", ...stage.usherHome });
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
  assert.deepEqual(JSON.parse((await done("answer", "--output-schema", file)).text), { word: "ready" });
});
