// The main flows in the built window, with a real browser beside it: sign in, choose a model, test,
// stop a test, disconnect; with changes by the command line. In both themes.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { stage } from "./page.js";
import { startBrowser } from "./person.js";
import { leaks, secretsOf } from "./secrets.js";
import { signInByCommandLine } from "./sign-in.js";
import { inWindow, openWindow } from "./window.js";

const account = "[data-testid=row-account]";
const all = (...states) => states.join(" ");

let person;
before(async () => {
  person = await startBrowser();
});
after(() => person?.close());

/** Runs a command and returns when it ended. */
async function byCommandLine(app, ...words) {
  const { code, document } = await app.usher(...words);
  assert.equal(code, 0, JSON.stringify(document));
  return Date.now();
}

/** Prints a duration for information only; `./dev bench` has the limits. */
const took = (t, what, from, to) => t.diagnostic(`${what}: ${to - from} ms`);

describe("the main job", () => {
  let sandbox, app, page, close;
  before(async () => {
    ({ sandbox, app, page, close } = await openWindow());
  });
  after(() => close?.());

  test("signs in through the browser", async () => {
    await page.reads("#t-panel", /Sign in to OpenAI once/);
    await app.screenshot("first-run-light");
    // The token must be refreshed in ten seconds, so that the token stage does it.
    await sandbox.set({ access_token_lifetime_s: 310 });
    const url = await app.opens(() => page.press("[data-testid=sign-in]"));
    assert.ok(url.startsWith(`${sandbox.issuer}/oauth/authorize?`), url);
    await page.reads("#t-panel", /Sign in with OpenAI/);
    await page.reads(".steps", /The OpenAI page was opened/);
    await app.screenshot("waiting-light");

    const answer = await person.allow(url, "Ada Plus");
    assert.match(answer.address, /^http:\/\/127\.0\.0\.1:145[57]\/auth\/callback\?/);
    assert.match(answer.text, /You can close this tab and go back to Usher/);

    await page.reads(account, /ada@example\.com/);
    await page.reads(account, /Plus/);
    await page.reads("#model-note", /^11 models\. Refreshed just now\./);
    await page.reads("#model-name", /^GPT-6\.2-Sol$/);
    await page.reads("[data-testid=row-usage]", /5-hour window/);
    assert.equal(await page.has("#t-panel"), true, "the focus is on the title");
    await app.screenshot("signed-in-light");
    assert.equal((await sandbox.counts())["token.authorization_code"], 1);
  });

  test("chooses a model by keyboard", async () => {
    await page.tabTo("#model");
    await app.browser.keys("Enter");
    await page.$("[data-testid=model-list]").waitForDisplayed();
    await app.screenshot("model-open-light");
    await app.browser.keys([..."gpt-6-sol"]);
    await page.reads("#models", /^GPT-6-Sol/);
    await app.screenshot("model-search-light");
    await app.browser.keys("Enter");
    await page.reads("#model-name", /^GPT-6-Sol$/);
    // Nobody chose an effort, so it is the new model's default.
    await page.reads("[data-testid=row-effort] label.on", /^Medium$/);
    assert.equal(await page.has("#model"), true, "the focus is back on the button");
    await page.$("[data-testid=model-list]").waitForExist({ reverse: true });
    const status = await app.usher("status");
    assert.equal(status.document.model.id, "gpt-6-sol");
    assert.equal(status.document.account.email, "ada@example.com");
  });

  test("tests the connection, each stage shown as it happens", async () => {
    const { expires_at: expires } = (await app.usher("status")).document;
    // The refresh starts five minutes before expiry, by the clock, without an event.
    await pause(Math.max(0, (expires - 299) * 1000 - Date.now()));
    const second = 1000;
    await sandbox.set({
      access_token_lifetime_s: 691_200,
      delays_ms: { "token.refresh_token": second, models: second, responses: second },
    });
    await page.noteStages();
    await page.press("#test");
    await page.reads(stage("answer"), /Waiting for GPT-6-Sol/);
    await app.screenshot("test-running-light");
    await page.reads(stage("answer"), /GPT-6-Sol answered “ready”/);
    assert.deepEqual(await page.stages(), [
      all("waiting", "waiting", "waiting", "waiting"),
      all("running", "waiting", "waiting", "waiting"),
      all("passed", "waiting", "waiting", "waiting"),
      all("passed", "running", "waiting", "waiting"),
      all("passed", "passed", "waiting", "waiting"),
      all("passed", "passed", "running", "waiting"),
      all("passed", "passed", "passed", "waiting"),
      all("passed", "passed", "passed", "running"),
      all("passed", "passed", "passed", "passed"),
    ]);
    for (const slow of ["token", "models", "answer"]) {
      assert.match(await page.text(`${stage(slow)} .stage-time`), /^[1-9][.\d]* s$/, slow);
    }
    assert.match(await page.text("[data-testid=row-test]"), /Passed in [3-9][.\d]* s/);
    await app.screenshot("test-passed-light");
    assert.equal((await sandbox.counts())["token.refresh_token"], 1);
  });

  test("stops a test: the connection is closed", async (t) => {
    await sandbox.set({ delays_ms: {} });
    await sandbox.fault("responses", { kind: "hang_after", events: 1 });
    await page.press("#test");
    await sandbox.counted("responses", 2);
    await page.reads("#test", /^Stop$/);
    await app.browser.execute(() => {
      const noted = () => (window.__pressed = Date.now());
      document.querySelector("#test").addEventListener("click", noted, { capture: true, once: true });
    });
    await page.press("#test");
    await sandbox.counted("responses.cancelled");
    const closed = await sandbox.lastAt("responses.cancelled");
    const pressed = await app.browser.execute(() => window.__pressed);
    took(t, "from Stop until the sandbox sees the connection closed", pressed, closed);
    await page.reads("[data-testid=row-test]", /Stopped\./);
    assert.equal(await page.$(stage("answer")).getAttribute("data-status"), "stopped");
    await app.screenshot("test-stopped-light");
  });

  test("shows what the command line chooses", async (t) => {
    const done = await byCommandLine(app, "use", "gpt-6-luna", "--effort", "high");
    took(t, "until the window shows it", done, await page.reads("#model-name", /^GPT-6-Luna$/));
    await page.reads("[data-testid=row-effort] label.on", /^High$/);
  });

  test("disconnects", async () => {
    await page.press("#disconnect");
    await page.reads("[data-testid=disconnect-dialog]", /Disconnect ada@example\.com\?/);
    assert.equal(await page.has("[data-cancel]"), true, "the focus is on Cancel");
    await app.screenshot("disconnect-light");
    await page.press(".dialog .btn-danger");
    await page.reads("#t-panel", /Sign in to OpenAI once/);
    await page.reads(".notice", /Disconnected\s+OpenAI has ended the sign-in for ada@example\.com/);
    await app.screenshot("disconnected-light");
    assert.equal((await sandbox.counts()).revoke, 1);
    assert.equal((await app.usher("status")).code, 3);
  });

  test("shows the command line signing in and out", async (t) => {
    await signInByCommandLine(app, person);
    const ended = Date.now();
    took(t, "until the window shows the sign-in", ended, await page.reads(account, /ada@example\.com/));
    await page.reads("#model-name", /^GPT-6-Luna$/);
    const done = await byCommandLine(app, "logout", "--yes");
    took(t, "until the window shows that it ended", done, await page.reads("#t-panel", /Sign in to OpenAI once/));
    assert.equal((await sandbox.counts()).revoke, 2);
    await page.keptItsPolicy();
  });

  test("leaves none of its secrets behind", async () => {
    const secrets = secretsOf(await sandbox.requests());
    // Two sign-ins with a state, a code, a verifier and both tokens each, and one refresh.
    assert.ok(secrets.length >= 12, `${secrets.length} secrets passed`);
    await app.browser.deleteSession();
    assert.deepEqual(await leaks(app.folder, app.output(), secrets), []);
    const logged = await leaks(app.folder, app.output(), ["usher_net::client: sending"]);
    assert.ok(logged.some((file) => file.startsWith("home/logs/")), `the search finds what is there: ${logged}`);
  });
});

test(
  "the same in the dark theme",
  inWindow(
    async ({ app, page }) => {
      await page.reads("#t-panel", /Sign in to OpenAI once/);
      assert.equal(await app.browser.execute(() => matchMedia("(prefers-color-scheme: dark)").matches), true);
      await app.screenshot("first-run-dark");
      const url = await app.opens(() => page.press("[data-testid=sign-in]"));
      await page.reads(".steps", /The OpenAI page was opened/);
      await app.screenshot("waiting-dark");
      await person.allow(url, "Ada Plus");
      await page.reads("#model-note", /^11 models\. Refreshed just now\./);
      await page.reads("[data-testid=row-usage]", /5-hour window/);
      await app.screenshot("signed-in-dark");
      await page.press("#model");
      await page.$("[data-testid=model-list]").waitForDisplayed();
      await app.screenshot("model-open-dark");
      await app.browser.keys("Escape");
      await page.press("#test");
      await page.reads(stage("answer"), /answered “ready”/);
      await app.screenshot("test-passed-dark");
      await page.press("#disconnect");
      await page.reads("[data-testid=disconnect-dialog]", /Disconnect ada@example\.com\?/);
      await app.screenshot("disconnect-dark");
      await page.press(".dialog .btn-danger");
      await page.reads("#t-panel", /Sign in to OpenAI once/);
      await page.reads(".notice", /Disconnected/);
      await app.screenshot("disconnected-dark");
    },
    { dark: true },
  ),
);
