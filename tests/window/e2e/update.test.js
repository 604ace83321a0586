// New versions in the built window: what is refused, the wait for the last answer, and the start from the new program.
//
// The window runs from a folder that stands in for a mounted AppImage. The new one is bash, which starts the window again by
// the file that BASH_ENV names.
import assert from "node:assert/strict";
import { copyFile, link, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { freePorts } from "./app.js";
import { startBrowser } from "./person.js";
import { signInByCommandLine } from "./sign-in.js";
import { startUpdateServer } from "./update-server.js";
import { openWindow } from "./window.js";

const row = "[data-testid=row-version]";
const old = "the old program";

describe("updates", () => {
  let folder, image, started, server, packageOf, person, sandbox, app, page, close, address, pass;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "usher-update-"));
    const bin = path.join(folder, "mount/usr/bin");
    await mkdir(bin, { recursive: true });
    for (const variable of ["USHER_DESKTOP_BIN", "USHER_BIN"]) {
      const copy = path.join(bin, path.basename(process.env[variable]));
      await link(process.env[variable], copy).catch(() => copyFile(process.env[variable], copy));
      process.env[variable] = copy;
    }
    image = path.join(folder, "Usher.AppImage");
    await writeFile(image, old, { mode: 0o755 });
    started = path.join(folder, "started");
    const script = path.join(folder, "start.sh");
    await writeFile(script, `unset BASH_ENV APPIMAGE APPDIR\nprintf %s "$$" >'${started}'\nexec '${process.env.USHER_DESKTOP_BIN}'\n`);
    Object.assign(process.env, { APPIMAGE: image, APPDIR: path.join(folder, "mount"), BASH_ENV: script });
    packageOf = await readFile("/bin/bash");

    server = await startUpdateServer();
    person = await startBrowser();
    const [port] = await freePorts(1);
    address = `http://127.0.0.1:${port}`;
    ({ sandbox, app, page, close } = await openWindow());
    const settings = `[gateway]\nport = ${port}\nkeep_running = true\n[updates]\nendpoint = "${server.endpoint}"\npublic_key = "${server.publicKey}"\n`;
    await writeFile(path.join(app.home, "config.toml"), settings);
    await signInByCommandLine(app, person);
    await page.reads("[data-testid=row-account]", /ada@example\.com/);
  });
  after(async () => {
    const pid = await readFile(started, "utf8").catch(() => null);
    if (pid) process.kill(Number(pid));
    await close?.();
    await server?.close();
    await person?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const program = () => readFile(image);

  /** Looks for the version that is offered, and says yes to it. */
  async function install() {
    await page.press("#check-updates");
    await page.reads(row, /Version 9\.0\.0 is available\./);
    await page.press("#install-update");
    await page.reads("[data-testid=update-question]", /Install Usher 9\.0\.0\?[^]+No answer is cut off/);
    await page.press("[data-testid=update-question] .btn-primary");
  }

  test("nobody is asked before the person looks", async () => {
    await page.press("[data-testid=go-preferences]");
    await page.reads(row, /Check for updates/);
    assert.deepEqual(server.requests, []);
    server.offer("0.0.1", packageOf);
    await page.press("#check-updates");
    await page.reads(row, /This is the newest version\./);
    server.offer("9.0.0", packageOf);
    await page.press("#check-updates");
    await page.reads(row, /Version 9\.0\.0 is available\./);
    await page.press(`${row} summary`);
    await page.reads(row, /<b>Not bold<\/b>/);
    await app.screenshot("update-found");
    assert.deepEqual(new Set(server.requests.map(({ url }) => url)), new Set(["/latest.json"]));
  });

  test("a package that is not what was signed changes nothing", async () => {
    const wrong = [
      [{ signedFor: Buffer.from("another one") }, /signature verification failed/i],
      [{ byOther: true }, /created with a different key/],
      [{ signedAs: "0.0.1" }, /signed for version 0\.0\.1/],
    ];
    for (const [difference, why] of wrong) {
      server.offer("9.0.0", packageOf, difference);
      await install();
      await page.reads(`${row} .error`, /The new version was not installed\./);
      assert.match(await page.text(`${row} .error`), why);
      assert.equal((await program()).toString(), old);
    }
    await app.screenshot("update-refused");
  });

  test("it waits for the last answer, and can be cancelled until then", async () => {
    await page.press("[data-testid=go-gateway]");
    await page.press("#gateway-switch");
    await page.reads("[data-testid=gateway-address]", new RegExp(`^${address}$`));
    await app.usher("pass", "new", "nightly");
    pass = (await app.run(process.env.USHER_BIN, "pass", "print", "nightly")).stdout.trim();
    await sandbox.fault("responses", { kind: "hang_after", events: 3 });
    const leaving = new AbortController();
    const hanging = await fetch(`${address}/v1/responses`, {
      method: "POST",
      headers: { authorization: `Bearer ${pass}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "", input: "count to 3", stream: true }),
      signal: leaving.signal,
    });
    assert.equal(hanging.status, 200);

    await page.press("[data-testid=go-preferences]");
    server.offer("9.0.0", packageOf);
    await install();
    await page.reads("[data-testid=update-progress]", /Waiting until the last answer has ended: 1 is running\./);
    await app.screenshot("update-waiting");
    await page.press("#cancel-update");
    await page.reads(row, /Cancelled\. Nothing was changed\./);
    assert.equal((await program()).toString(), old);
    assert.equal((await fetch(`${address}/healthz`)).status, 200, "the gateway goes on");

    await install();
    await page.reads("[data-testid=update-progress]", /1 is running\./);
    const before = app.output();
    leaving.abort();
    for (;;) {
      if (await readFile(started, "utf8").catch(() => "")) break;
      await pause(50);
    }
    assert.equal(app.output().slice(before.length).includes("panicked"), false);
    assert.deepEqual(await program(), packageOf);
    assert.equal((await stat(image)).mode & 0o777, 0o755);
  });

  test("window and gateway run again, from the new program", async () => {
    // The window that came back starts the gateway, because the settings have it on.
    while (!(await fetch(`${address}/healthz`).catch(() => null))) await pause(100);
    const { document } = await app.usher("status");
    assert.equal(document.gateway.running, true);
    assert.equal(document.account.email, "ada@example.com");
  });
});
