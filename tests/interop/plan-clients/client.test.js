// One client of clients.js at the sandbox: it signs in, asks, refreshes, and loses its sign-in to an early refresh.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clients } from "./clients.js";
import { startFixture } from "./fixture.js";

const client = clients.find(({ id }) => id === process.env.USHER_CLIENT);

const MINUTE = 60;
/** How long after the tokens a refresh may be sent, in seconds (siwc §7.3). */
const GATE = 54 * MINUTE;

/** Defines a test with a fixture of its own, in which the client reaches no other host. */
function testOf(name, body) {
  test(`${client.id} ${client.version}: ${name}`, async () => {
    const fixture = await startFixture(client);
    try {
      await body(fixture);
      assert.deepEqual(fixture.otherHosts(), []);
    } finally {
      await fixture.close();
    }
  });
}

/** Requires that the sign-in works: the client itself asks, or its access token is accepted. */
async function works({ program, sandbox }) {
  if (!client.givesTokens) return assert.equal(await program.value("ask", "hello"), "ready");
  const headers = { authorization: `Bearer ${await program.value("access_token")}` };
  const response = await fetch(new URL("/v1/models", sandbox.issuer), { headers });
  assert.equal(response.status, 200, await response.text());
}

/** Returns how many refreshes there were, and how many of them came too early. */
async function refreshes({ sandbox }) {
  const counts = await sandbox.counts();
  return [counts["plan.token.refresh_token"] ?? 0, counts["plan.refresh_too_early"] ?? 0];
}

testOf(client.givesTokens ? "registers itself" : "registers itself, asks, and calls a tool", async (fixture) => {
  const issued = await fixture.program.value("sign_in");
  const [registration, ...others] = await fixture.sandbox.registrations();
  assert.deepEqual(others, []);
  assert.equal(registration.client_id, issued);
  assert.equal(registration.host_ids.length, 1);
  await works(fixture);
  if (client.givesTokens) return;
  assert.equal(await fixture.program.value("call_tool", 'call add with {"a":1,"b":2}'), "the tool said: 3");
});

testOf("reports a refusal, and a plan that is not allowed", async ({ program, sandbox }) => {
  assert.match((await program.raised("sign_in", null, { decision: "deny" })).message, client.denied);
  assert.deepEqual(await sandbox.registrations(), []);
  const signInOnly = ["sign_in", null, { decision: "sign_in_only" }];
  if (client.keepsWithoutPlan) await program.value(...signInOnly);
  const error = await program.raised(...(client.keepsWithoutPlan ? ["ask", "hello"] : signInOnly));
  assert.match(error.message, client.withoutPlan);
});

testOf(client.registersAgain ? "registers again at the next sign-in" : "signs in again as the same app", async (fixture) => {
  const first = await fixture.program.value("sign_in");
  const second = await fixture.program.value("sign_in");
  assert.equal(second !== first, client.registersAgain ?? false);
  const registrations = await fixture.sandbox.registrations();
  assert.deepEqual(registrations.map(({ client_id }) => client_id).sort(), [...new Set([first, second])].sort());
  // All sign-ins are of one host.
  assert.equal(new Set(registrations.flatMap(({ host_ids }) => host_ids)).size, 1);
  await works(fixture);
});

testOf("refreshes by itself, hour after hour", async (fixture) => {
  await fixture.program.value("sign_in");
  for (const hour of [1, 2]) {
    const before = client.refreshesAfter - MINUTE;
    await fixture.advance(before);
    await works(fixture);
    assert.deepEqual(await refreshes(fixture), [hour - 1, 0]);
    await fixture.advance(Math.max(client.refreshesAfter, GATE) - before + 1);
    await works(fixture);
    assert.deepEqual(await refreshes(fixture), [hour, 0]);
  }
});

testOf("loses its sign-in to a refresh before earliest_refresh_at", async (fixture) => {
  await fixture.program.value("sign_in");
  await works(fixture);
  const error = await client.refreshTooEarly(fixture);
  assert.match(error.message, client.lost);
  assert.equal((await refreshes(fixture))[1], 1);
  // It doesn't come back when the window opens.
  await fixture.advance(GATE);
  await assert.rejects(works(fixture));
  // Only the person brings it back.
  await fixture.program.value("sign_in");
  await works(fixture);
});

if (!client.givesTokens) {
  testOf("reports the limit of the plan", async ({ program, sandbox }) => {
    await program.value("sign_in");
    await sandbox.set({ plan_usage: { limit_reached: { ada: "before_stream" } } });
    assert.match((await program.raised("ask", "hello")).message, /429/);
    assert.equal((await sandbox.counts())["plan.responses"], client.triesAtLimit);
  });
}

if (client.id === "chatgpt-plan-auth") {
  testOf("lists models", async ({ program }) => {
    await program.value("sign_in");
    const models = await program.value("models");
    assert.ok(models.includes("gpt-5.6-sol"), models);
    // Those that OpenAI hides, too (siwc §9).
    assert.ok(models.includes("codex-auto-review"), models);
  });

  testOf("keeps its sign-in when it can read the time", async (fixture) => {
    await fixture.sandbox.set({ plan_usage: { earliest_refresh_at: "iso" } });
    await fixture.program.value("sign_in");
    await fixture.sandbox.changePlanGrants("expire_access");
    const error = await fixture.program.raised("ask", "hello");
    assert.match(error.message, /401/);
    assert.deepEqual(await refreshes(fixture), [0, 0]);
    await fixture.advance(client.refreshesAfter + 1);
    await works(fixture);
    assert.deepEqual(await refreshes(fixture), [1, 0]);
  });
}

if (client.id === "pi-ai") {
  testOf("does not refresh because of a 401", async (fixture) => {
    await fixture.program.value("sign_in");
    await fixture.sandbox.changePlanGrants("expire_access");
    const error = await fixture.program.raised("ask", "hello");
    assert.match(error.message, /401/);
    assert.deepEqual(await refreshes(fixture), [0, 0]);
  });
}

const FAULTY = [
  ..."two_audiences wrong_audience wrong_party wrong_issuer wrong_nonce no_nonce expired no_subject".split(" "),
  ..."alg_none alg_hs256 unknown_key wrong_signature".split(" "),
];

if (client.id === "chatgpt-auth") {
  testOf("revokes when it signs out, and stays registered", async ({ program, sandbox }) => {
    await program.value("sign_in");
    assert.equal(await program.value("sign_out"), true);
    assert.equal((await sandbox.counts())["plan.revoke"], 1);
    assert.equal((await sandbox.registrations()).length, 1);
    assert.match((await program.raised("access_token")).message, /signed out/);
  });

  testOf("refuses every ID token with a fault, and takes the unusual ones", async ({ program, sandbox }) => {
    for (const fault of FAULTY) {
      await sandbox.set({ plan_usage: { id_token: fault } });
      const error = await program.raised("sign_in");
      assert.match(error.message, /^invalid_/, fault);
    }
    for (const unusual of ["string_audience", "two_audiences_with_party"]) {
      await sandbox.set({ plan_usage: { id_token: unusual } });
      await program.value("sign_in");
    }
    await sandbox.set({ plan_usage: { id_token: "other_subject" } });
    assert.match((await program.raised("sign_in")).message, /account_mismatch/);
  });
}
