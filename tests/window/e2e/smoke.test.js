// The built window opens, enforces its content policy, and works by keyboard.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { after, before, test } from "node:test";
import { openApp } from "./app.js";
import { WindowPage } from "./page.js";
import { startSandbox } from "./sandbox.js";

let sandbox;
let app;
/** Another server: any request that reaches it got past the policy. */
let otherServer;
let reached = [];

before(async () => {
  otherServer = createServer((request, response) => {
    reached.push(request.url);
    response.end("reached");
  }).listen(0, "127.0.0.1");
  await once(otherServer, "listening");
  sandbox = await startSandbox();
  app = await openApp(sandbox, {
    beforeStart: async (home) => {
      await mkdir(home, { recursive: true });
      await writeFile(path.join(home, "config.toml"), 'language = "ja"\n');
    },
  });
});
after(async () => {
  await app?.close();
  await sandbox?.close();
  otherServer?.close();
});

const address = (name) => `http://127.0.0.1:${otherServer.address().port}/${name}`;

test("the page is the embedded one", async () => {
  assert.equal(await app.browser.getTitle(), "Usher");
  assert.match(await app.browser.getUrl(), /^tauri:\/\/localhost(\/|$)/);
  await app.screenshot("opened");
});

test("the window opens in the language of the settings, and changes it within the policy", async () => {
  const { browser } = app;
  const page = new WindowPage(browser);
  const language = () => browser.execute(() => document.documentElement.lang);
  assert.equal(await language(), "ja");
  assert.match(await browser.getUrl(), /^tauri:\/\/localhost\/ja\//);
  await page.press("[data-testid=go-preferences]");
  await page.reads("#t-panel", /^環境設定$/);
  await app.screenshot("japanese");
  await (await page.$("#language")).selectByAttribute("value", "en");
  await browser.waitUntil(async () => (await language()) === "en");
  await page.reads("#t-panel", /^Preferences$/);
  await browser.waitUntil(async () => (await page.value("#language")) === "en");
  assert.deepEqual(await browser.execute(() => window.__cspViolations), []);
  await page.press("[data-testid=provider-chatgpt]");
});

test("a pop-over opens and closes by keyboard, in its place, within the policy", async () => {
  const { browser } = app;
  const trigger = await browser.$("[data-testid=learn-more]");
  await trigger.waitForDisplayed();
  await browser.execute((element) => element.focus(), trigger);
  await browser.keys("Enter");
  const content = await browser.$("[data-testid=learn-more-text]");
  await content.waitForDisplayed();
  await app.screenshot("pop-over");
  // Positioned by script through style properties: directly below or above its button.
  const gap = await browser.execute(
    (button, text) => {
      const [around, placed] = [button.getBoundingClientRect(), text.getBoundingClientRect()];
      return Math.max(placed.top - around.bottom, around.top - placed.bottom);
    },
    trigger,
    content,
  );
  assert.ok(gap >= 0 && gap < 24, `the pop-over is ${gap} px away from its button`);
  await browser.keys("Escape");
  await content.waitForDisplayed({ reverse: true });
  assert.equal(await browser.execute((element) => document.activeElement === element, trigger), true);
  // The page records violations from before its first script.
  assert.deepEqual(await browser.execute(() => window.__cspViolations), []);
});

test("a granted command responds, any other is rejected", async () => {
  const invoke = (name) =>
    app.browser.execute(
      (command) =>
        // Not `error`: WebDriver treats a result with that name as its own failure.
        window.__TAURI_INTERNALS__.invoke(command).then(
          (value) => ({ value }),
          (refusal) => ({ refusal }),
        ),
      name,
    );
  const granted = await invoke("passes");
  assert.ok(Array.isArray(granted.value), JSON.stringify(granted));
  for (const refused of ["no_such_command", "plugin:opener|open_url", "plugin:window-state|filename", "plugin:app|version"]) {
    const answer = await invoke(refused);
    assert.match(String(answer.refusal), /not allowed|not found/i, `${refused}: ${JSON.stringify(answer)}`);
  }
});

test("nothing external is loaded, and no inline script or style runs", async () => {
  const blocked = await app.browser.execute(async (fetched, pictured) => {
    const seen = [];
    const note = (event) => seen.push(event.effectiveDirective || event.violatedDirective);
    document.addEventListener("securitypolicyviolation", note);
    await fetch(fetched).catch(() => {});
    const image = new Image();
    image.src = pictured;
    const script = document.createElement("script");
    script.textContent = "window.__inlineRan = true";
    document.head.append(script);
    const div = document.createElement("div");
    div.setAttribute("style", "position:fixed");
    document.body.append(div);
    const byMarkup = getComputedStyle(div).position;
    div.style.position = "fixed";
    const byProperty = getComputedStyle(div).position;
    await new Promise((later) => setTimeout(later, 200));
    document.removeEventListener("securitypolicyviolation", note);
    div.remove();
    script.remove();
    return { seen, inlineRan: window.__inlineRan === true, byMarkup, byProperty };
  }, address("fetched"), address("pictured"));
  assert.deepEqual(reached, []);
  assert.equal(blocked.inlineRan, false);
  assert.equal(blocked.byMarkup, "static", "a style attribute is refused");
  assert.equal(blocked.byProperty, "fixed", "a style set by property is allowed");
  for (const directive of ["connect-src", "img-src", "script-src", "style-src"]) {
    assert.ok(blocked.seen.some((seen) => seen.startsWith(directive)), `${directive} in ${blocked.seen}`);
  }
});

test("the page cannot navigate to another address", async () => {
  await app.browser.execute((opened, led) => {
    window.open(opened);
    location.href = led;
  }, address("opened"), address("led"));
  await app.browser.pause(500);
  assert.deepEqual(reached, []);
  assert.equal((await app.browser.getWindowHandles()).length, 1);
  assert.match(await app.browser.getUrl(), /^tauri:\/\/localhost(\/|$)/);
});

test("the window keeps its files in its home", async () => {
  assert.ok((await stat(path.join(app.home, "web-view"))).isDirectory());
});
