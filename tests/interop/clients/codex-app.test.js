// The Codex desktop app, by the server of Codex that it starts: signed in to OpenAI by itself, and connected by
// `usher tools connect codex-app`. What it sends is recorded in recordings/codex-app.json.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startAppServer } from "./app-server.js";
import { run } from "./client.js";
import { startFixture } from "./fixture.js";
import { MODEL } from "./models.js";
import { startRelay } from "./relay.js";

const codex = join(import.meta.dirname, "node_modules/.bin/codex");
const ECHO = 'call exec_command with {"cmd":"echo from-the-tool"}';
const RECORDING = join(import.meta.dirname, "recordings/codex-app.json");
const SIGNATURE = "Zk3vQ9wistariaQuagmireW71hT0";

let fixture;
let relay;
let openai;

before(async () => {
  fixture = await startFixture();
  relay = await startRelay(fixture.address);
  openai = await startOpenAi();
});

after(async () => {
  relay.close();
  openai.close();
  assert.equal(await fixture.close(), 0);
});

/** Answers what the app asks OpenAI by itself as far as it needs an answer, and records it. */
async function startOpenAi() {
  const heads = [];
  const server = createServer((request, response) => {
    const path = request.url.replace(/\?.*/, "");
    heads.push({ method: request.method, path, headers: request.headers });
    const account = { id: "acct-own", workspace_backend_origin: "https://chatgpt.com" };
    const known = { "/backend-api/wham/accounts/check": { accounts: [{ ...account, account_routing_override: "NO_CONSTRAINT" }] } };
    response.writeHead(known[path] ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(known[path] ?? { detail: "Not Found" }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `http://127.0.0.1:${server.address().port}`;
  return { address, heads, close: () => server.close() };
}

/** Returns the sign-in of the app, which nobody issued. */
function ownSignIn() {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const auth = { chatgpt_account_id: "acct-own", chatgpt_user_id: "user-own", chatgpt_plan_type: "plus" };
  const claims = { sub: "user-own", email: "ada@example.com", iat: now, exp: now + 86_400 };
  return [part({ alg: "RS256" }), part({ ...claims, "https://api.openai.com/auth": auth }), SIGNATURE].join(".");
}

function filesOf(folder) {
  const paths = readdirSync(folder, { recursive: true }).map((name) => join(folder, name));
  return paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}

test("Codex desktop app: keeps its sign-in, and its requests are served by the pass in their header", async () => {
  await fixture.sandbox.reset();
  const home = fixture.home("codex-app", { ...fixture.usherHome, ...fixture.sandbox.environment });
  home.env.CODEX_REFRESH_TOKEN_URL_OVERRIDE = `${openai.address}/oauth/token`;
  const folder = join(home.env.HOME, ".codex");
  mkdirSync(folder);
  const token = ownSignIn();
  const tokens = { id_token: token, access_token: token, refresh_token: "rt-own", account_id: "acct-own" };
  const signIn = { auth_mode: "chatgpt", OPENAI_API_KEY: null, tokens, last_refresh: new Date().toISOString() };
  writeFileSync(join(folder, "auth.json"), JSON.stringify(signIn));
  const config = join(folder, "config.toml");
  const mine = `# mine\nchatgpt_base_url = "${openai.address}/backend-api/"\n`;
  writeFileSync(config, mine);
  const usher = (...args) =>
    JSON.parse(execFileSync(process.env.USHER_BIN, [...args, "--json"], { env: home.env, encoding: "utf8" }));
  usher("tools", "connect", "codex-app", "--yes");
  const connected = readFileSync(config, "utf8");
  const [, pass] = /x-api-key = "(usher_pass_[^"]*)"/.exec(connected);

  // Past the relay, so that what arrives is seen.
  writeFileSync(config, connected.replace(fixture.address, relay.address));
  const app = await startAppServer(codex, home);
  try {
    const { account } = await app.call("account/read");
    assert.deepEqual([account.type, account.email], ["chatgpt", "ada@example.com"]);
    const models = await app.call("model/list");
    assert(models.data.some((one) => one.model === MODEL), "it has its menu of models");
    await app.call("account/rateLimits/read").catch(() => {});
    await app.call("plugin/list");
    const { thread } = await app.call("thread/start", {
      model: MODEL,
      cwd: home.work,
      approvalPolicy: "never",
      sandbox: "danger-full-access",
    });
    const turn = await app.turn(thread.id, ECHO);
    assert.equal(turn.status, "completed", JSON.stringify(turn));
    const execution = turn.items.find((item) => item.type === "commandExecution");
    assert.equal(execution?.aggregatedOutput, "from-the-tool\n", JSON.stringify(turn));
    assert.match(turn.items.findLast((item) => item.type === "agentMessage").text, /from-the-tool/);
  } finally {
    await app.close();
  }

  const recording = JSON.parse(readFileSync(RECORDING, "utf8"));
  const arrived = relay.heads();
  const kinds = new Set();
  for (const { method, path, headers } of arrived) {
    assert.equal(headers.authorization, `Bearer ${token}`);
    assert.equal(headers["x-api-key"], pass);
    const kind = `${method} ${path}`;
    const names = recording.gateway[kind];
    assert(names, `${kind} is not in the recording`);
    for (const name of Object.keys(headers)) assert(names.includes(name), `${kind} has ${name}, which is not in the recording`);
    kinds.add(kind);
  }
  assert.deepEqual([...kinds].toSorted(), Object.keys(recording.gateway).toSorted());
  for (const { headers } of openai.heads) assert.equal(headers["x-api-key"], undefined, "the pass goes to Usher only");
  // What it asks for later by itself may come after the turn.
  for (const kind of recording.openai.required)
    assert(openai.heads.some(({ method, path }) => `${method} ${path}` === kind), `${kind} stays with OpenAI`);
  assert(!openai.heads.some(({ path }) => path === "/oauth/token"), "its sign-in is not renewed");

  // The Codex CLI reads the same file, and the same sign-in.
  const exec = [codex, "exec", "--json", "--skip-git-repo-check", "-m", MODEL, "--", "say hi"];
  const commandLine = await run(exec, home);
  assert.match(commandLine.stdout, /"text":"ready"/, commandLine.stderr);

  for (const request of await fixture.sandbox.requests()) {
    const text = JSON.stringify(request);
    for (const secret of [SIGNATURE, "acct-own", pass]) assert(!text.includes(secret), `${request.name}: ${secret}`);
  }
  for (const path of filesOf(fixture.usherHome.USHER_HOME)) {
    const text = readFileSync(path, "latin1");
    for (const secret of [SIGNATURE, pass]) assert(!text.includes(secret), `${path}: ${secret}`);
  }

  // Codex notes by itself which folders are trusted.
  writeFileSync(config, connected);
  const { undone } = usher("tools", "disconnect", "codex-app", "--yes");
  assert(undone[0].files.every((one) => one.exact), JSON.stringify(undone));
  assert.equal(readFileSync(config, "utf8"), mine);
});
