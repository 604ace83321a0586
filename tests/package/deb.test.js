// Installs the built .deb on this system over an older one, uses it as a person does, and removes it. Run by `./dev package --test`
// as root; each test goes on where the one before it ended.
import assert from "node:assert/strict";
import { once } from "node:events";
import { access, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { freePorts } from "../window/e2e/app.js";
import { startBrowser } from "../window/e2e/person.js";
import { signInByCommandLine } from "../window/e2e/sign-in.js";
import { openWindow } from "../window/e2e/window.js";
import { built, install, older, output, processes, run, uninstall } from "./package.js";

const OLDER = "0.0.9";
/** Without PACKAGE_MAINTAINER there is no address of a maintainer, which Debian's changelog has to name too. */
const accepted = process.env.PACKAGE_MAINTAINER ? [] : ["malformed-contact", "syntax-error-in-debian-changelog"];

const exists = (file) => access(file).then(() => true, () => false);

/** Returns the lines of a command of a shell that has loaded the completions of `usher`, for a typed line. */
const completionsOf = (...typed) =>
  output(
    "bash",
    "-c",
    `. /usr/share/bash-completion/completions/usher
     COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
     _usher "$1" "\${COMP_WORDS[COMP_CWORD]}" "$1"; printf '%s\\n' "\${COMPREPLY[@]}"`,
    "bash",
    ...typed,
  );

describe("the .deb package", () => {
  let folder, deb, version, person, app, page, sandbox, close, address, key;
  before(async () => {
    assert.deepEqual(await processes(), [], "an installed Usher runs");
    folder = await mkdtemp(path.join(tmpdir(), "usher-package-"));
    deb = await built("deb");
    version = await output("dpkg-deb", "--field", deb, "Version");
    person = await startBrowser();
    process.env.USHER_BIN = "/usr/bin/usher";
    process.env.USHER_DESKTOP_BIN = "/usr/bin/usher-desktop";
  });
  after(async () => {
    await close?.().catch(() => {});
    await person?.close();
    await uninstall("purge").catch(() => {});
    await rm(folder, { recursive: true, force: true });
  });

  const send = (signal) =>
    fetch(`${address}/v1/responses`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "", input: "count to 3", stream: true }),
      signal,
    });

  /** Asks the gateway for a short response. */
  async function ask() {
    const response = await send();
    return [response.status, await response.text()];
  }

  /** Begins a response that does not end, and counts the chunks of it. */
  async function openStream() {
    await sandbox.fault("responses", { kind: "hang_after", events: 3 });
    const aborting = new AbortController();
    const stream = { chunks: 0, ended: false, close: () => aborting.abort() };
    const { body } = await send(aborting.signal);
    const read = async () => {
      for await (const _ of body) stream.chunks += 1;
    };
    read().catch(() => {}).finally(() => (stream.ended = true));
    return stream;
  }

  test("it says what it needs and what it is", async () => {
    const field = (name) => output("dpkg-deb", "--field", deb, name);
    const needs = (await field("Depends")).split(", ").map((one) => one.split(" ")[0]);
    for (const library of ["libc6", "libgtk-3-0", "libwebkit2gtk-4.1-0"]) assert.ok(needs.includes(library), needs.join());
    assert.equal(needs.some((one) => one.includes("appindicator")), false, "the tray has no library");
    assert.equal(await field("Package"), "usher");
    assert.match(await field("Maintainer"), /Usher/);
    // Shown by programs that install packages, line by line.
    assert.match(await field("Description"), /^Sign in to OpenAI once[^\n]*\n .*window and the command line/s);
  });

  // It takes minutes for debug programs, which are ten times as large.
  const skip = path.basename(process.env.PROGRAMS ?? "") === "debug" && "only for release programs";
  test("Debian's own check finds no error and warns of nothing", { skip }, async () => {
    const suppressed = accepted.length > 0 ? ["--suppress-tags", accepted.join()] : [];
    await run("lintian", ["--fail-on", "error,warning", ...suppressed, deb]);
  });

  test("an older version is installed, and its window opened from it", async () => {
    await install(await older(deb, version, OLDER, folder));
    assert.equal(await output("usher", "--version"), `usher ${OLDER}`);
    const [port] = await freePorts(1);
    address = `http://127.0.0.1:${port}`;
    ({ sandbox, app, page, close } = await openWindow());
    await writeFile(path.join(app.home, "config.toml"), `# mine\n[gateway]\nport = ${port}\n`);
    await signInByCommandLine(app, person);
    await page.reads("[data-testid=row-account]", /ada@example\.com/);
    assert.ok((await processes()).some(({ exe }) => exe === "/usr/bin/usher-desktop"));
  });

  test("a second start brings the open window forward, and ends", async () => {
    const before = await output("wmctrl", "-l");
    assert.deepEqual(await once(app.startWith(), "exit"), [0, null]);
    assert.equal(await output("wmctrl", "-l"), before, "one window");
    assert.equal((await processes()).filter(({ exe }) => exe.endsWith("usher-desktop")).length, 1);
  });

  test("the desktop knows the window by its entry, and the links by it", async () => {
    const [window] = (await output("wmctrl", "-l")).split(" ");
    const entry = await readFile("/usr/share/applications/Usher.desktop", "utf8");
    const [, windowClass] = /^StartupWMClass=(.*)$/m.exec(entry);
    assert.ok((await output("xprop", "-id", window, "WM_CLASS")).includes(`"${windowClass}"`));
    await run("desktop-file-validate", ["/usr/share/applications/Usher.desktop"]);
    await run("update-desktop-database", ["/usr/share/applications"]);
    assert.match(await output("gio", "mime", "x-scheme-handler/usher"), /Usher\.desktop/);
    await run("appstreamcli", ["validate", "--no-net", "/usr/share/metainfo/app.usher.Usher.metainfo.xml"]);
    for (const size of ["32x32/apps/usher-desktop.png", "128x128/apps/usher-desktop.png", "scalable/apps/usher-desktop.svg"]) {
      assert.ok(await exists(`/usr/share/icons/hicolor/${size}`), size);
    }
  });

  test("manual pages and completions are found", async () => {
    assert.match(await output("man", "--where", "usher"), /\/usr\/share\/man\/man1\/usher\.1\.gz$/);
    assert.match(await output("man", "usher-tools-connect"), /usher.tools.connect/);
    assert.deepEqual((await completionsOf("usher", "lo")).split("\n").sort(), ["lock", "login", "logout"]);
    for (const file of ["zsh/vendor-completions/_usher", "fish/vendor_completions.d/usher.fish", "doc/usher/copyright"]) {
      assert.ok((await readFile(`/usr/share/${file}`, "utf8")).length > 500, file);
    }
  });

  test("the gateway of the older version runs, and Usher starts at login", async () => {
    await page.press("[data-testid=go-gateway]");
    await page.press("#gateway-switch");
    await page.reads("[data-testid=gateway-address]", new RegExp(`^${address}$`));
    await app.usher("pass", "new", "nightly");
    key = (await app.run("/usr/bin/usher", "pass", "print", "nightly")).stdout.trim();
    assert.equal((await ask())[0], 200);
    await page.press("[data-testid=go-preferences]");
    await page.press("label[for=start-at-login], #start-at-login");
    const entry = await readFile(path.join(app.folder, "config/autostart", await autostart()), "utf8");
    assert.match(entry, /^TryExec=\/usr\/bin\/usher-desktop$/m, "an entry without its program does nothing");
  });

  const autostart = async () => {
    const entries = path.join(app.folder, "config/autostart");
    for (;;) {
      // It is written under another name first.
      const name = (await readdir(entries).catch(() => [])).find((one) => one.endsWith(".desktop"));
      if (name) return name;
      await pause(50);
    }
  };

  test("an upgrade ends no running request, and keeps settings and sign-in", async () => {
    const stream = await openStream();
    await install(deb);
    assert.equal(await output("usher", "--version"), `usher ${version}`);
    // The gateway goes on with it: a comment comes every fifteen seconds.
    const { chunks } = stream;
    while (stream.chunks === chunks && !stream.ended) await pause(100);
    assert.equal(stream.ended, false);
    stream.close();
    // Window and gateway of the older version go on until the window is opened again.
    assert.deepEqual([...new Set((await processes()).map(({ exe }) => exe))].sort(), [
      "/usr/bin/usher (deleted)",
      "/usr/bin/usher-desktop (deleted)",
    ]);
    assert.equal((await ask())[0], 200);
    const { document } = await app.usher("status");
    assert.equal(document.account.email, "ada@example.com");
    assert.equal(document.gateway.running, true);
    assert.match(await readFile(path.join(app.home, "config.toml"), "utf8"), /^# mine\n/);
  });

  test("the window of the new version replaces the gateway of the older one", async () => {
    app.requestClose();
    await page.reads("[data-testid=closing]", /Keep the gateway running\?/);
    await app.closeWindow(() => page.press("[data-testid=closing] [data-keep]").catch(() => undefined));
    page = await app.reopen();
    await page.reads("[data-testid=row-account]", /ada@example\.com/);
    for (;;) {
      const exes = (await processes()).map(({ exe }) => exe);
      if (exes.includes("/usr/bin/usher") && !exes.some((exe) => exe.endsWith("(deleted)"))) break;
      await pause(100);
    }
    while ((await ask().catch(() => [0]))[0] !== 200) await pause(100);
  });

  test("removed, it leaves no process, no file of its own and all files of the person", async () => {
    const owned = (await output("dpkg", "--listfiles", "usher")).split("\n");
    await app.browser.deleteSession();
    const kept = () => output("find", app.home, path.join(app.folder, "config/autostart"), "-name", "*.toml", "-o", "-name", "secrets*", "-o", "-name", "*.desktop");
    const before = await kept();
    assert.match(before, /config\.toml/);
    assert.match(before, /secrets\.usher/);
    assert.ok((await processes()).length > 0, "the gateway runs");
    const { stdout } = await uninstall("remove");
    assert.match(stdout, /usher tools restore/);
    assert.deepEqual(await processes(), []);
    await assert.rejects(fetch(`${address}/healthz`));
    assert.equal(await kept(), before);
    // Folders that other packages have too stay.
    const left = [];
    for (const file of owned) if (await stat(file).then((found) => !found.isDirectory(), () => false)) left.push(file);
    assert.deepEqual(left, []);
    assert.equal(await exists("/usr/share/doc/usher"), false);
    // It has no configuration of the system's, so that there is nothing more to purge.
    await assert.rejects(output("dpkg-query", "--status", "usher"));
  });

  test("installed again, it has sign-in and settings, which a purge leaves too", async () => {
    await install(deb);
    const { document } = await app.usher("status");
    assert.equal(document.account.email, "ada@example.com");
    page = await app.reopen();
    await page.reads("[data-testid=row-account]", /ada@example\.com/);
    await page.keptItsPolicy();
    await app.browser.deleteSession();
    await uninstall("purge");
    assert.deepEqual(await processes(), []);
    for (const file of ["config.toml", "secrets.usher"]) assert.ok(await exists(path.join(app.home, file)), file);
  });
});
