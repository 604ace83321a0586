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
import { WindowPage } from "./page.js";
import { stop } from "./processes.js";

/** Screenshots of the run; ignored by git. */
export const OUT = path.join(import.meta.dirname, "out");

let given = 0;

/**
 * Returns different free ports. They are none of those that the system gives to programs which ask for any: such a
 * one may be given to another program before it is used.
 */
export async function freePorts(count) {
  const ports = [];
  while (ports.length < count) {
    const port = 10_000 + ((process.pid * 50 + given++) % 20_000);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

async function isFree(port) {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}

/** Waits until the driver and the web view's driver behind it respond. */
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

/** Returns the built program that a variable names. */
function program(variable) {
  const found = process.env[variable];
  if (!found) throw new Error(`${variable} is not set: run the tests by ./dev test`);
  return found;
}

/** Creates a shell script that replaces a program on the PATH. */
const putProgram = (bin, name, script) => writeFile(path.join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

/** Variables that the window sets for its own web view; another program with one of them would become slow. */
const drawing = ["JSC_useJIT", "GDK_GL", "WEBKIT_DISABLE_DMABUF_RENDERER", "__EGL_VENDOR_LIBRARY_FILENAMES"];

/** A fake browser that only records what it is asked to open, or that it got variables of the window. */
async function notingBrowser(bin, folder) {
  const notes = path.join(folder, "opened");
  await mkdir(notes);
  const got = drawing.map((name) => `\${${name}}`).join("");
  const check = `[ -z "${got}" ] || set -- "variables of the window: ${got}"`;
  await putProgram(bin, "xdg-open", `${check}\nprintf '%s\\n' "$1" >"${notes}/.$$" && mv "${notes}/.$$" "${notes}/$$"`);
  return notes;
}

/** Returns the first new file in a folder as text. */
async function firstIn(folder) {
  for await (const { filename } of watch(folder, { signal: AbortSignal.timeout(60_000) })) {
    if (!filename || filename.startsWith(".")) continue;
    const file = path.join(folder, filename);
    const text = await readFile(file, "utf8");
    await rm(file);
    return text.trim();
  }
}

/** The address that a browser started with `address` ends at: a sign-in starts it with a page that sends it on, once. */
async function sentOn(address) {
  if (!/^http:\/\/127\.0\.0\.1:\d+\/start\//.test(address)) return address;
  return (await fetch(address, { redirect: "manual" })).headers.get("location");
}

/** Waits until finite animations have ended and are painted; returns the page's size. */
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
 * Takes a screenshot of the part of the display with the window. Not by the driver: it cannot
 * copy what a web view draws without a GPU, and hangs.
 */
const photograph = (area, file) => promisify(execFile)("scrot", ["--overwrite", "--autoselect", area, file]);

/** Returns how often a window of this home has logged `word`. */
async function logged(home, word) {
  const logs = path.join(home, "logs");
  const texts = (await readdir(logs)).map((name) => readFile(path.join(logs, name), "utf8"));
  return (await Promise.all(texts)).join("").split(` ${word}\n`).length - 1;
}

/** Runs an action and waits until a window of this home logs `word` for it, or `ended` resolves. */
async function untilLogged(home, word, act, ended = new AbortController().signal) {
  const before = await logged(home, word);
  const last = Date.now() + 60_000;
  await act();
  // Changes of the file are sometimes not reported on a busy computer, so it is read again and again.
  while ((await logged(home, word)) === before && !ended.aborted) {
    if (Date.now() > last) throw new Error(`"${word}" is not in the log after 60 s`);
    await pause(50);
  }
}

/** Opens the app against a sandbox, see `startSandbox`, and never against OpenAI. */
export async function openApp(sandbox, { dark = false, beforeStart = async () => {} } = {}) {
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
    // No sign-ins of other programs except those that a test creates.
    HOME: folder,
    CODEX_HOME: codexHome,
    OPENAI_API_KEY: "",
    // The window follows the system's language.
    LANGUAGE: "en",
    USHER_SECRETS: "file",
    USHER_LOG: "trace",
    // Files that the web view keeps outside its own folder are found there.
    XDG_CACHE_HOME: path.join(folder, "cache"),
    XDG_CONFIG_HOME: path.join(folder, "config"),
    XDG_DATA_HOME: path.join(folder, "data"),
    PATH: `${bin}:${process.env.PATH}`,
    BROWSER: path.join(bin, "xdg-open"),
    GTK_THEME: dark ? "Adwaita:dark" : "Adwaita",
    // As a window inherits it that was started again after an update.
    JSC_useJIT: "0",
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
    // What goes on when a window is closed.
    await promisify(execFile)(program("USHER_BIN"), ["background", "--quit"], { env }).catch(() => {});
    // A process left behind by the web view would keep them open, and the tests running.
    for (const stream of [driver.stdout, driver.stderr]) stream.destroy();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  // A page can be read before the window manager has its window.
  const requestClose = async () => {
    for (const last = Date.now() + 60_000; Date.now() < last; await pause(50)) {
      const [code] = await once(spawn("wmctrl", ["-c", "Usher"], { env, stdio: "ignore" }), "exit");
      if (code === 0) return;
    }
    throw new Error("the window manager has no window to close after 60 s");
  };
  try {
    await beforeStart(home);
    await ready(port, driver);
    const open = (started = application) =>
      remote({
        hostname: "127.0.0.1",
        port,
        path: "/",
        logLevel: "error",
        connectionRetryCount: 0,
        waitforInterval: 50,
        capabilities: {
          "wdio:enforceWebDriverClassic": true,
          browserName: "wry",
          "tauri:options": { application: started },
        },
      });
    let browser = await open();
    return {
      get browser() {
        return browser;
      },
      /** The folder of everything that the app can leave behind, including its home. */
      folder,
      home,
      /** The Codex CLI's home; it does not exist until a test creates it. */
      codexHome,
      /** Output of the app and its driver, and errors of commands. */
      output: () => output,
      screenshot: async (name) => {
        const { width, height } = await settled(browser);
        await photograph(`0,0,${width},${height}`, path.join(OUT, `${name}.png`));
      },
      /** Runs an action that opens the user's browser; returns the address. */
      opens: async (act) => {
        const noted = firstIn(notes);
        await act();
        return sentOn(await noted);
      },
      /** Replaces a program on the app's PATH with a shell script. */
      putProgram: (name, script) => putProgram(bin, name, script),
      /** Runs another program as the person does beside the app: with their PATH, but not the addresses of the sandbox. */
      run: (name, ...words) => {
        const own = { ...env, ANTHROPIC_API_KEY: undefined, ANTHROPIC_AUTH_TOKEN: undefined };
        for (const variable of Object.keys(sandbox.environment)) delete own[variable];
        const running = promisify(execFile)(name, words, { env: own, cwd: folder, timeout: 120_000 });
        running.child.stdin.end();
        return running;
      },
      /** Starts the command line on the same home. */
      start: (...words) => {
        const command = spawn(program("USHER_BIN"), words, { env, stdio: ["ignore", "pipe", "pipe"] });
        command.stderr.on("data", keep);
        return command;
      },
      /** Asks the window manager to close the window. */
      requestClose,
      /** Closes the window, by default through the window manager; resolves once the app has noticed. */
      closeWindow: (close = requestClose) => untilLogged(home, "closing", close),
      /** Opens the app again under the driver, after its window was closed. */
      reopen: async () => {
        await browser.deleteSession().catch(() => {});
        browser = await open();
        return new WindowPage(browser);
      },
      /** Opens the app again with an argument, which the driver would not hand on. */
      reopenWith: async (argument) => {
        await browser.deleteSession().catch(() => {});
        await putProgram(bin, "with-argument", `exec '${application}' "$@" '${argument}'`);
        browser = await open(path.join(bin, "with-argument"));
        return new WindowPage(browser);
      },
      /** Starts the app a second time, with arguments as the desktop does with a link. */
      startWith: (...words) => spawn(application, words, { env, stdio: "ignore" }),
      /** Starts the app again on the same home, without a driver; resolves once its page has painted or it ended. */
      startAgain: async () => {
        const ended = new AbortController();
        let again;
        const start = () => {
          again = spawn(application, [], { env, stdio: "ignore" }).once("exit", () => ended.abort());
        };
        await untilLogged(home, "painted", start, ended.signal);
        return again;
      },
      /** Runs the command line on the same home; returns its exit code and JSON. */
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
