// Usher beside the clients of clients.js, at the same sandbox: a 401 doesn't cost it its sign-in.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { usherClient } from "./clients.js";
import { startFixture } from "./fixture.js";

/** Defines a test with a fixture of its own, in which Usher reaches no other host. */
function testOf(name, body) {
  test(`usher: ${name}`, async () => {
    const fixture = await startFixture(usherClient);
    try {
      await body(fixture);
      assert.deepEqual(fixture.otherHosts(), []);
    } finally {
      await fixture.close();
    }
  });
}

const clientIds = async (sandbox) => (await sandbox.registrations()).map(({ client_id }) => client_id);

testOf("registers itself, asks, and lists models", async ({ program, sandbox }) => {
  assert.match((await program.raised("sign_in", [], { decision: "deny" })).message, /access_denied/);
  const issued = await program.value("sign_in", []);
  assert.deepEqual(await clientIds(sandbox), [issued]);
  await program.value("ask");
  assert.ok((await program.value("models")).includes("gpt-6.2-sol"));
});

testOf("signs in again as the same app", async ({ program, sandbox }) => {
  const issued = await program.value("sign_in", []);
  assert.equal(await program.value("sign_in", ["--account", "ada@example.com"]), issued);
  await program.value("ask");
  // The registration outlives the sign-in.
  assert.equal(await program.value("sign_out"), "yes");
  assert.equal(await program.value("sign_in", []), issued);
  assert.deepEqual(await clientIds(sandbox), [issued]);
});

testOf("asks for the plan again when the person wants it", async ({ program, sandbox }) => {
  const issued = await program.value("sign_in", [], { decision: "sign_in_only" });
  assert.match((await program.raised("ask")).message, /plan_use_not_allowed/);
  await program.value("sign_in", ["--account", "ada@example.com", "--allow-plan"]);
  await program.value("ask");
  assert.deepEqual(await clientIds(sandbox), [issued]);
});

testOf("sends one request into a limit", async ({ program, sandbox }) => {
  await program.value("sign_in", []);
  await sandbox.set({ plan_usage: { limit_reached: { ada: "before_stream" } } });
  assert.match((await program.raised("ask")).message, /limit/);
  assert.equal((await sandbox.counts())["plan.responses"], 1);
});

testOf("keeps its sign-in when a 401 comes before earliest_refresh_at", async ({ program, sandbox }) => {
  // The clock of a program can't be moved from outside, so the gate is nine seconds after the sign-in.
  await sandbox.set({ plan_usage: { access_token_lifetime_s: 10 } });
  await program.value("sign_in", []);
  await sandbox.changePlanGrants("expire_access");
  assert.match((await program.raised("ask")).message, /upstream_error/);
  const { "plan.token.refresh_token": early, "plan.models": rejected } = await sandbox.counts();
  assert.deepEqual([early, rejected > 1], [undefined, true]);

  while (await program.value("ask").then(() => false, () => true)) await pause(500);
  const { "plan.token.refresh_token": refreshes, "plan.refresh_too_early": tooEarly } = await sandbox.counts();
  assert.deepEqual([refreshes, tooEarly], [1, undefined]);
});
