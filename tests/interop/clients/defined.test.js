// One client of definitions/: that its recipe works as it stands, and how the client takes a used-up plan, a bad pass,
// and an answer that breaks off. It keeps the retries that it has by default.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { definition } from "./definitions.js";
import { startFixture } from "./fixture.js";
import { homeOf, startRecipe } from "./recipe.js";
import { startRelay } from "./relay.js";
import { note } from "./table.js";

const client = await definition(process.env.USHER_CLIENT);

/** The port of the recipes, which is Usher's own. */
const PORT = 18740;
/** How often a client may ask. */
const MOST = 3;
const PATHS = { responses: "/responses", chat: "/chat/completions", messages: "/messages" };
const BAD_PASS = "a-pass-that-was-revoked";
/** A used-up plan that is good again at once, for clients that wait as long as the answer says. */
const SHORT_LIMIT = {
  kind: "status",
  status: 429,
  body: { error: { type: "usage_limit_reached", message: "The usage limit has been reached", resets_in_seconds: 1 } },
};

let fixture;
let relay;

before(async () => {
  fixture = await startFixture();
  fixture.createPass("my-tools");
  relay = await startRelay(fixture.address, PORT);
});

after(async () => {
  const contacted = fixture.monitor.take().join(" ") || "nothing";
  for (const api of client.apis) note(client.row(api), "other hosts contacted", contacted, "defined");
  relay.close();
  assert.equal(await fixture.close(), 0);
});

for (const api of client.apis) {
  const known = client.cases?.(api) || {};

  check(api, "recipe", async () => {
    const outcome = await run(api);
    assert.equal(outcome.code, 0, shown(outcome));
    assert.match(outcome.stdout, /ready/, shown(outcome));
    const others = outcome.asked.filter((path) => !path.split("?")[0].endsWith(PATHS[api]));
    assert.deepEqual(others, [], "it uses the API that the recipe says");
  });

  if (client.tool)
    check(api, "tools", async () => {
      const outcome = await run(api, { prompt: client.tool });
      assert.equal(outcome.code, 0, shown(outcome));
      assert.match(outcome.stdout, /the tool \w+: [^]*from-the-tool/, shown(outcome));
    });

  check(api, "limit", async () => {
    await fixture.sandbox.fault("responses", known.limit?.waits ? SHORT_LIMIT : { kind: "usage_limit" }, 0);
    return refused(await run(api, known.limit), known.limit, /limit/i);
  });

  check(api, "bad pass", async () => {
    const outcome = await run(api, { ...known["bad pass"], pass: BAD_PASS });
    return refused(outcome, known["bad pass"], /unknown or revoked pass/);
  });

  check(api, "cut", async () => {
    await fixture.sandbox.fault("responses", { kind: "cut", after_events: 5 }, 0);
    const streamed = client.streamed?.(api);
    return refused(await run(api, { ...known.cut, recipe: streamed }), known.cut, /broke the connection/);
  });
}

/** Defines the test of a case, on a reset fixture; what it returns is the cell of the table. */
function check(api, name, perform) {
  test(`${client.row(api)}: ${name}`, async () => {
    await fixture.sandbox.reset();
    relay.reset();
    let outcome = "**failed**";
    try {
      outcome = (await perform()) ?? "ok";
    } finally {
      note(client.row(api), name, outcome, "defined");
    }
  });
}

/** Runs a recipe to its end. A client that asks too often, or is known to ask `again`, is ended here. */
async function run(api, { prompt, pass, again, recipe = client.recipe(api) } = {}) {
  const running = startRecipe(recipe, homeOf(client, fixture, api, pass), prompt);
  const tooOften = relay.counted(again ? MOST : MOST + 1).then(() => true);
  const isEndless = (await Promise.race([running.ended, tooOften])) === true;
  if (isEndless) running.kill();
  return { ...(await running.ended), isEndless, asked: relay.asked() };
}

/** Compares a run that must fail with what is known of the client. */
function refused(outcome, { again, exit, says } = {}, words) {
  assert.equal(outcome.isEndless, Boolean(again), shown(outcome));
  if (again) return "asks again";
  const asExpected = exit === undefined ? outcome.code > 0 : outcome.code === exit;
  assert(asExpected, shown(outcome));
  // Some wrap their lines.
  assert.match(`${outcome.stdout}${outcome.stderr}`.replace(/\s+/g, " "), says ?? words, shown(outcome));
  return `exit ${outcome.code}`;
}

function shown({ stdout, stderr, code, isEndless, asked }) {
  return `exit ${code}, ${isEndless ? "ended, " : ""}asked ${asked.join(" ") || "nothing"}\n${stdout}\n${stderr}`;
}
