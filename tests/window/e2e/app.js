// Starts the built window under WebDriver, in a home of its own, and stops by process id what it
// started. `./dev test` provides the display, the session bus and the program's path.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, readdir, rm, watch, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { remote } from "webdriverio";
import { stop } from "./processes.js";

/** Pictures of the run; ignored by git. */
export const OUT = path.join(import.meta.dirname, "out");

/** Ports that are free now, all different. */
async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/** Waits until the driver, and the web view's own driver behind it, answer. */
async function ready(port, driver, milliseconds = 60_000) {
  const deadline = Date.now() + milliseconds;
  while (Date.now() < deadline) {
    if (driver.exitCode !== null) throw new Error(`${driver.spawnfile} ended with ${driver.exitCode}`);
    const answer = await fetch(`http://127.0.0.1:${port}/status`, { signal: AbortSignal.timeout(1000) }).catch(() => null);
    if (answer?.ok) return;
    await pause(50);
  }
  throw new Error(`no driver answers on port ${port} after ${milliseconds} ms`);
}

/** A built program by the variable that names it. */
function program(variable) {
  const found = process.env[variable];
  if (!found) throw new Error(`${variable} is not set: run the tests by ./dev test`);
  return found;
}

/** Puts a program in front of the system's that is played by a script of the shell. */
const putProgram = (bin, name, script) => writeFile(path.join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

/** The app's browser, which only notes what it is to open. */
async function notingBrowser(bin, folder) {
  const notes = path.join(folder, "opened");
  await mkdir(notes);
  await putProgram(bin, "xdg-open", `printf '%s\\n' "$1" >"${notes}/.$$" && mv "${notes}/.$$" "${notes}/$$"`);
  return notes;
}

/** The first new file in a folder, as text. */
async function firstIn(folder) {
  for await (const { filename } of watch(folder, { signal: AbortSignal.timeout(60_000) })) {
    if (!filename || filename.startsWith(".")) continue;
    const file = path.join(folder, filename);
    const text = await readFile(file, "utf8");
    await rm(file);
    return text.trim();
  }
}

/** What appears has appeared and is painted; what turns goes on turning. Answers with the page's size. */
function settled(browser) {
  return browser.execute(async () => {
    const frame = () => new Promise((painted) => requestAnimationFrame(painted));
    await frame();
    const ending = document.getAnimations().filter((animation) => animation.effect.getTiming().iterations !== Infinity);
    await Promise.all(ending.map((animation) => animation.finished.catch(() => {})));
    await frame();
    await frame();
    return { width: innerWidth, height: innerHeight };
  });
}

/**
 * A picture of a part of the display, where the window lies in the corner. Not by the driver: it cannot
 * copy what a web view draws without the graphics processor, and waits for ever.
 */
const photograph = (area, file) => promisify(execFile)("scrot", ["--overwrite", "--autoselect", area, file]);

/** How often a window of this home has written `word` into its log. */
async function logged(home, word) {
  const logs = path.join(home, "logs");
  const texts = (await readdir(logs)).map((name) => readFile(path.join(logs, name), "utf8"));
  return (await Promise.all(texts)).join("").split(` ${word}\n`).length - 1;
}

/** Does something, and waits until a window of this home writes `word` into its log for it, or `ended` comes. */
async function untilLogged(home, word, act, ended = new AbortController().signal) {
  const before = await logged(home, word);
  const signal = AbortSignal.any([ended, AbortSignal.timeout(60_000)]);
  const changes = watch(path.join(home, "logs"), { signal })[Symbol.asyncIterator]();
  let change = changes.next();
  act();
  try {
    for (; (await logged(home, word)) === before; change = changes.next()) await change;
  } catch (error) {
    if (!ended.aborted) throw error;
  }
  change.catch(() => {});
  await changes.return();
}

/** Opens the app against a sandbox, see `startSandbox`, and never against OpenAI. */
export async function openApp(sandbox, { dark = false } = {}) {
  const application = program("USHER_DESKTOP_BIN");
  await mkdir(OUT, { recursive: true });
  const folder = await mkdtemp(path.join(tmpdir(), "usher-e2e-"));
  const bin = path.join(folder, "bin");
  await mkdir(bin);
  const notes = await notingBrowser(bin, folder);
  const [home, codexHome] = [path.join(folder, "home"), path.join(folder, "codex")];
  const env = {
    ...process.env,
    ...sandbox.environment,
    USHER_HOME: home,
    // No sign-ins of other programs but those that a test puts there.
    HOME: folder,
    CODEX_HOME: codexHome,
    OPENAI_API_KEY: "",
    USHER_SECRETS: "file",
    USHER_LOG: "trace",
    // Whatever the web view keeps beside its own folder is found there.
    XDG_CACHE_HOME: path.join(folder, "cache"),
    XDG_CONFIG_HOME: path.join(folder, "config"),
    XDG_DATA_HOME: path.join(folder, "data"),
    PATH: `${bin}:${process.env.PATH}`,
    BROWSER: path.join(bin, "xdg-open"),
    GTK_THEME: dark ? "Adwaita:dark" : "Adwaita",
  };
  const [port, nativePort] = await freePorts(2);
  const driver = spawn("tauri-driver", ["--port", port, "--native-port", nativePort].map(String), {
    stdio: ["ignore", "pipe", "pipe"],
    env,
  });
  let output = "";
  const keep = (piece) => (output += piece);
  for (const stream of [driver.stdout, driver.stderr]) stream.on("data", keep);
  driver.stderr.pipe(process.stderr, { end: false });
  const clean = async () => {
    await stop(driver);
    // A process that the web view left behind would keep them open, and the tests with them.
    for (const stream of [driver.stdout, driver.stderr]) stream.destroy();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await ready(port, driver);
    const browser = await remote({
      hostname: "127.0.0.1",
      port,
      path: "/",
      logLevel: "error",
      connectionRetryCount: 0,
      waitforInterval: 50,
      capabilities: {
        "wdio:enforceWebDriverClassic": true,
        browserName: "wry",
        "tauri:options": { application },
      },
    });
    return {
      browser,
      /** Everything that the app can leave behind lies below, its home too. */
      folder,
      home,
      /** Where the Codex CLI would keep its sign-in; not there until a test makes it. */
      codexHome,
      /** What the app and its driver have printed, and what commands complained of. */
      output: () => output,
      screenshot: async (name) => {
        const { width, height } = await settled(browser);
        await photograph(`0,0,${width},${height}`, path.join(OUT, `${name}.png`));
      },
      /** Does something that makes the app open the person's browser; answers with the address. */
      opens: async (act) => {
        const noted = firstIn(notes);
        await act();
        return noted;
      },
      /** A program that the app finds before the system's, played by a script of the shell. */
      putProgram: (name, script) => putProgram(bin, name, script),
      /** Starts the command line on the same home. */
      start: (...words) => {
        const command = spawn(program("USHER_BIN"), words, { env, stdio: ["ignore", "pipe", "pipe"] });
        command.stderr.on("data", keep);
        return command;
      },
      /** Closes the window as a person does, by the window manager; answers once the app knows of it. */
      closeWindow: () =>
        untilLogged(home, "closing", () => spawn("wmctrl", ["-c", "Usher"], { env, stdio: "ignore" })),
      /** Starts the app once more on the same home, without a driver; answers once its page has painted, or it ended. */
      startAgain: async () => {
        const ended = new AbortController();
        let again;
        const start = () => {
          again = spawn(application, [], { env, stdio: "ignore" }).once("exit", () => ended.abort());
        };
        await untilLogged(home, "painted", start, ended.signal);
        return again;
      },
      /** Runs the command line on the same home; answers with its exit code and its document. */
      usher: (...words) =>
        new Promise((resolve, reject) => {
          execFile(program("USHER_BIN"), [...words, "--json"], { env }, (error, stdout, stderr) => {
            keep(stderr);
            if (error && typeof error.code !== "number") reject(error);
            else resolve({ code: error?.code ?? 0, document: JSON.parse(stdout) });
          });
        }),
      close: async () => {
        await browser.deleteSession().catch(() => {});
        await clean();
      },
    };
  } catch (error) {
    await clean();
    throw error;
  }
}
