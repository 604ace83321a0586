// Continue with ChatGPT in the built window, and the other sign-in of the same person beside it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { stage } from "./page.js";
import { startBrowser } from "./person.js";
import { inWindow } from "./window.js";

let person;
before(async () => {
  person = await startBrowser();
});
after(() => person?.close());

test(
  "one person's two sign-ins, each with what it is for",
  inWindow(async ({ sandbox, app, page }) => {
    const url = await app.opens(() => page.press("[data-testid=continue]"));
    assert.ok(url.startsWith(`${sandbox.issuer}/api/accounts/authorize?`), url);
    await page.reads("#t-panel", /Continue with ChatGPT/);
    await app.screenshot("plan-usage-waiting-light");
    const answer = await person.allow(url, "Ada Plus", "Sign in and use my plan");
    assert.match(answer.text, /ada@example\.com, ChatGPT plan/);
    await page.reads(".dialog", /You.re using your ChatGPT plan/);
    await app.screenshot("plan-usage-welcome-light");
    await page.press(".dialog .btn-primary");
    await page.reads("[data-testid=row-plan-use]", /Using ChatGPT plan/);
    await page.press("#test");
    await page.reads(stage("answer"), /answered “ready”/);
    await app.screenshot("plan-usage-tested-light");
    const counts = await sandbox.counts();
    assert.equal(counts["plan.responses"], 1);
    assert.equal(counts.responses, undefined, "nothing was asked by the other way");

    const other = await app.opens(() => page.press("[data-testid=row-no-tools] .btn"));
    assert.ok(other.startsWith(`${sandbox.issuer}/oauth/authorize?`), other);
    await person.allow(other, "Ada Plus");
    const { document } = await app.usher("accounts");
    const routes = document.accounts.map(({ email, route, active }) => [email, route, active]);
    assert.deepEqual(routes, [
      ["ada@example.com", "plan_usage", true],
      ["ada@example.com", "codex_client", false],
    ]);
    await app.screenshot("both-sign-ins-light");
  }),
);
