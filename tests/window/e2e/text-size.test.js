// The built window in the text size of the desktop, announced as a desktop does it, and changed while the window is open.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { openWindow } from "./window.js";

let desktop, app, page, close;

/** Announces a resolution; 96 is text of normal size. */
async function announce(dpi) {
  const announced = once(desktop.lines, "line");
  desktop.process.stdin.write(`${dpi}\n`);
  await announced;
}

before(async () => {
  const script = path.join(import.meta.dirname, "text-size.py");
  const process = spawn("/usr/bin/python3", [script], { stdio: ["pipe", "pipe", "inherit"] });
  desktop = { process, lines: createInterface({ input: process.stdout }) };
  await announce(192);
  ({ app, page, close } = await openWindow());
});
after(async () => {
  await close?.();
  desktop.process.stdin.end();
  await once(desktop.process, "exit");
});

const width = () => app.browser.execute(() => innerWidth);
/** Returns what is wider than its place, of the page and of the panel. */
const cutOff = () =>
  app.browser.execute(() =>
    [document.documentElement, ...document.querySelectorAll(".panel, .page")]
      .filter((one) => one.scrollWidth > one.clientWidth + 1)
      .map((one) => `${one.className || one.tagName}: ${one.scrollWidth} in ${one.clientWidth}`),
  );

test("text of twice the size fills the window, is not cut off and can be used", async () => {
  await page.reads("#t-panel", /Sign in to OpenAI once/);
  await app.browser.waitUntil(async () => (await width()) === 480);
  assert.deepEqual(await cutOff(), []);
  // The driver presses where the button would be in a page of normal size.
  assert.ok(await page.has("[data-testid=sign-in]"));
  assert.match(await app.opens(() => app.browser.keys("Enter")), /^http:/);
  await page.reads("[data-testid=screen-sign-in] h1", /Sign in with OpenAI/);
  assert.deepEqual(await cutOff(), []);
});

test("another size is taken over at once", async () => {
  await announce(96);
  await app.browser.waitUntil(async () => (await width()) === 960);
  await announce(120);
  await app.browser.waitUntil(async () => (await width()) === 768);
  assert.deepEqual(await cutOff(), []);
});
