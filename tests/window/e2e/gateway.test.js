// The gateway in the built window: switch on, create a pass, see another program's requests, revoke, switch off.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { freePorts } from "./app.js";
import { startBrowser } from "./person.js";
import { leaks } from "./secrets.js";
import { signInByCommandLine } from "./sign-in.js";
import { openWindow } from "./window.js";

const item = "[data-testid=go-gateway]";
const rows = "[data-testid=requests] tbody";
const question = "wisteria-quagmire-71";

describe("the gateway", () => {
  let person, sandbox, app, page, close, address, pass;
  before(async () => {
    person = await startBrowser();
    ({ sandbox, app, page, close } = await openWindow());
    const [port] = await freePorts(1);
    address = `http://127.0.0.1:${port}`;
    await writeFile(path.join(app.home, "config.toml"), `# mine\n[gateway]\nport = ${port}\n`);
    await signInByCommandLine(app, person);
    await page.reads("[data-testid=row-account]", /ada@example\.com/);
  });
  after(async () => {
    await close?.();
    await person?.close();
  });

  const ask = (input) =>
    fetch(`${address}/v1/responses`, {
      method: "POST",
      headers: { authorization: `Bearer ${pass}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "", input, stream: true }),
    });

  /** Returns the human-readable output of a command. */
  async function printed(...words) {
    const command = app.start(...words);
    let output = "";
    command.stdout.on("data", (piece) => (output += piece));
    await once(command, "close");
    return output.trim();
  }

  test("nothing listens until it is switched on", async () => {
    await assert.rejects(fetch(`${address}/healthz`));
    await page.press(item);
    await page.reads("#t-panel", /^Gateway$/);
    await page.reads(".head-sub", /^Off\. Your tools cannot use Usher\.\s+Change port$/);
    await app.screenshot("gateway-off");
    await page.press("#gateway-switch");
    await page.reads("[data-testid=gateway-address]", new RegExp(`^${address}$`));
    await page.reads(item, /On/);
    assert.deepEqual(await (await fetch(`${address}/healthz`)).json(), { status: "ok" });
    const settings = await readFile(path.join(app.home, "config.toml"), "utf8");
    assert.match(settings, /^# mine\n\[gateway\]\nport = \d+\nenabled = true\n/);
  });

  test("the command line reports who runs the gateway", async () => {
    assert.deepEqual((await app.usher("status")).document.gateway, { running: true, address, locked: false });
    assert.match(await printed("status"), new RegExp(`Gateway +${address}, run by Usher in the background \\(process \\d+\\)`));
    const { code, document } = await app.usher("serve", "--port", "0");
    assert.equal(code, 1);
    assert.match(document.error.message, /^Usher in the background \(process \d+\) already runs the gateway at http:\/\/127\.0\.0\.1:\d+\. Use that one\.$/);
  });

  test("a pass is shown once", async () => {
    await page.press("#new-pass");
    await page.type("#pass-name", "nightly");
    await app.screenshot("pass-new");
    await page.press("[data-testid=new-pass] [data-act]");
    await page.reads("[data-testid=created-pass]", /Copy the pass “nightly” now/);
    await app.screenshot("pass-created");
    pass = await page.value("#created-pass");
    assert.match(pass, /^usher_pass_[\w-]{43}$/);
    // Esc would lose it.
    await app.browser.keys("Escape");
    await page.press("[data-testid=created-pass-done]");
    await page.gone("[data-testid=created-pass]");
    await page.reads("[data-testid=passes] tbody", /^nightly\s+OpenAI \(Personal\), all models\s+.*\s+Never\s+Change\s+Revoke$/);
    const held = await app.browser.execute(() => document.documentElement.outerHTML);
    assert.equal(held.includes(pass), false, "the page still has it");
  });

  test("a request of another program gets a response and is counted", async () => {
    const answer = await ask("count to 3");
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /response\.completed/);
    await page.reads(rows, /nightly\s+GPT-6\.2-Sol\s+Personal\s+\d+\s+\d+\s+[\d.]+ m?s\s+Done$/);
    await page.reads("[data-testid=passes] tbody", /Just now/);
  });

  test("a running request is shown, and ends when its pass is revoked", async () => {
    await sandbox.fault("responses", { kind: "hang_after", events: 3 });
    const hanging = await ask(question);
    await page.reads(`${rows} tr:first-child`, /nightly[^]+Answering$/);
    await app.screenshot("gateway-on");
    await page.press("[data-testid=passes] .act button:last-child");
    await page.reads("[data-testid=revoke-pass]", /Revoke the pass “nightly”\?/);
    await page.press("[data-testid=revoke-pass] .btn-danger");
    await page.reads("[data-testid=screen-gateway]", /No passes yet\./);
    assert.match(await hanging.text(), /the pass was revoked/);
    assert.equal((await ask("count to 3")).status, 401);
    await page.reads(`${rows} tr:first-child`, /Failed$/);
  });

  test("nothing listens after switching off", async () => {
    await page.press("#gateway-switch");
    await page.reads(item, /Off/);
    await assert.rejects(fetch(`${address}/healthz`), /fetch failed/);
    assert.deepEqual((await app.usher("status")).document.gateway, { running: false, address: null, locked: false });
  });

  test("closed during a request, it goes on, and the next window shows it", async () => {
    await page.press("#gateway-switch");
    await page.reads(item, /On/);
    await app.usher("pass", "new", "second");
    pass = await printed("pass", "print", "second");
    await sandbox.fault("responses", { kind: "hang_after", events: 3 });
    const hanging = await ask(question);
    await page.keptItsPolicy();
    await app.requestClose();
    await page.reads("[data-testid=closing]", /for: second\./);
    await app.screenshot("gateway-closing");
    await app.browser.keys("Escape");
    await page.gone("[data-testid=closing]");
    await app.requestClose();
    await page.reads("[data-testid=closing]", /Keep the gateway running\?/);
    // The window takes the driver's answer with it; that it closes is what is waited for.
    await app.closeWindow(() => page.press("[data-testid=closing] [data-keep]").catch(() => undefined));
    assert.equal((await fetch(`${address}/healthz`)).status, 200);
    assert.match(await readFile(path.join(app.home, "config.toml"), "utf8"), /^keep_running = true$/m);
    assert.match(await printed("status"), /run by Usher in the background \(process \d+\)/);

    page = await app.reopen();
    await page.press(item);
    await page.reads(`${rows} tr:first-child`, /second[^]+Answering$/);
    await page.press("#gateway-switch");
    await page.reads(item, /Off/);
    assert.match(await hanging.text(), /the gateway was switched off/);
  });

  test("closed for good, it frees the port at once", async () => {
    await page.press("#gateway-switch");
    await page.reads(item, /On/);
    const settings = path.join(app.home, "config.toml");
    await page.press("[data-testid=go-preferences]");
    await page.press("#keep-running");
    await page.reads("#keep-running-about", /Closing the window stops it/);
    assert.match(await readFile(settings, "utf8"), /^keep_running = false$/m);
    await page.press("#start-at-login");
    const entry = path.join(app.folder, "config", "autostart");
    let login;
    // A file that is still being written has another ending.
    for (const begun = Date.now(); !login; login = (await readdir(entry).catch(() => [])).find((name) => name.endsWith(".desktop"))) {
      assert.ok(Date.now() - begun < 15_000, "nothing starts Usher at login");
    }
    assert.match(await readFile(path.join(entry, login), "utf8"), /^Exec="[^"]+usher-desktop" "--hidden" "--home" "[^"]+"$/m);
    await app.closeWindow();
    // `--quit` finds none, or waits for the end of the one that the window has ended.
    await app.usher("background", "--quit");
    await assert.rejects(fetch(`${address}/healthz`), /fetch failed/);
    assert.match(await readFile(settings, "utf8"), /^enabled = true$/m);
  });

  test("leaves neither the pass nor the prompt behind", async () => {
    assert.deepEqual(await leaks(app.folder, app.output(), [pass, question]), []);
  });
});
