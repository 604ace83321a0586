// usher:// links and the built window: given to a second start, to the first, and by programs that mean harm.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { instanceNameOf } from "./single-instance.js";
import { inWindow, openWindow } from "./window.js";

const run = promisify(execFile);
const title = "#t-panel";
const proposal = "usher://add?name=My%20GPU&base_url=https%3A%2F%2Fgpu.example%2Fv1&wire=responses&timeout=90";

/** Starts the app a second time with a link, as the desktop does; resolves with its exit code. */
async function follow(app, link) {
  const [code] = await once(app.startWith(link), "exit");
  return code;
}

const settings = (app) => readFile(path.join(app.home, "config.toml"), "utf8").catch(() => "");

test("a link opens a panel of the window that is open", (t) =>
  inWindow(async ({ app, page }) => {
    await page.reads(title, /Sign in to OpenAI once/);
    assert.equal(await follow(app, "usher://open/gateway"), 0);
    await page.reads(title, /^Gateway$/);
    assert.equal(await follow(app, "usher://open/preferences"), 0);
    await page.reads(title, /^Preferences$/);
  })(t));

test("a service is added after all of it was shown, and only by the click", (t) =>
  inWindow(async ({ app, page, sandbox }) => {
    await page.reads(title, /Sign in to OpenAI once/);
    assert.equal(await follow(app, proposal), 0);
    await page.reads("[data-testid=deep-link] [data-link=address]", /^https:\/\/gpu\.example\/v1$/);
    await page.reads("[data-testid=deep-link] [data-link=name]", /^My GPU$/);
    await app.screenshot("deep-link");
    assert.doesNotMatch(await settings(app), /gpu/);
    await app.browser.keys("Enter");
    await page.gone("[data-testid=deep-link]");
    assert.doesNotMatch(await settings(app), /gpu/, "the focus was on Cancel");

    await follow(app, proposal);
    await page.press("[data-testid=deep-link] .btn-primary");
    await page.reads(title, /My GPU/);
    const written = await settings(app);
    assert.match(written, /base_url = "https:\/\/gpu\.example\/v1"/);
    assert.match(written, /timeout = 90/);
    assert.match(written, /wire = "responses"/);
    assert.deepEqual(await sandbox.requests(), [], "nothing was sent");
  })(t));

test("links that mean harm change nothing and say why", (t) =>
  inWindow(async ({ app, page }) => {
    await page.reads(title, /Sign in to OpenAI once/);
    const before = await settings(app);
    for (const [link, cause] of [
      [`${proposal}&key=sk-planted`, /never a key or a header/],
      [`${proposal}&name=Other`, /name twice/],
      ["usher://add?name=x1&base_url=http%3A%2F%2Fgpu.example", /[Pp]lain http/],
      ["usher://add?name=x1&base_url=https%3A%2F%2Fapi.openai.com%40gpu.example", /user name or password/],
      ["usher://add?name=OpenAI&base_url=https%3A%2F%2Fgpu.example", /name of another/],
      ["usher://sign-out", /only open a panel or add a service/],
      [`usher://open/${"a".repeat(5000)}`, /longer than/],
    ]) {
      assert.equal(await follow(app, link), 0);
      await page.reads("[data-testid=deep-link-rejected] [data-link=cause]", cause);
      assert.equal((await page.text("[data-testid=deep-link-rejected]")).includes("sk-planted"), false);
      await page.press("[data-testid=deep-link-rejected] [data-close]");
      await page.gone("[data-testid=deep-link-rejected]");
    }
    // A program that calls the window itself gets no further than the question.
    const name = instanceNameOf(app.home);
    const object = `/${name.replaceAll(".", "/").replaceAll("-", "_")}`;
    const call = ["--session", "--dest", name, "--object-path", object, "--method", "org.SingleInstance.DBus.ExecuteCallback"];
    await run("gdbus", ["call", ...call, `['x', '${proposal}']`, "/"]);
    await page.reads("[data-testid=deep-link] [data-link=name]", /^My GPU$/);
    assert.equal(await settings(app), before);
  })(t));

test("a link starts the window and is shown there", async () => {
  const { app, page, close } = await openWindow();
  try {
    await page.reads(title, /Sign in to OpenAI once/);
    await app.closeWindow();
    const opened = await app.reopenWith(proposal);
    await opened.reads("[data-testid=deep-link] [data-link=name]", /^My GPU$/);
    await opened.keptItsPolicy();
  } finally {
    await close();
  }
});
