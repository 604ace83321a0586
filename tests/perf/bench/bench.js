// Measures the built programs and, for comparison, an empty window of the same Tauri in the same run. Prints the
// figures and the missed goals; a figure never fails a test.
//
// Needs a separate display and session bus (`./dev bench` provides both), and
// USHER_BIN, USHER_DESKTOP_BIN, USHER_SANDBOX_BIN, BARE_BIN, DIST (the built page).
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, watch, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";

import { signIn } from "../soak/sign-in.js";
import { conclude, median, report } from "./report.js";

const startRounds = 7;
const memoryRounds = 3;
const statusRounds = 40;
const stopRounds = 10;
// Time until the scroll bar of the page has faded.
const settleMs = 10_000;
const idleMs = 10_000;
/** How long nothing may be written while the window is closed. */
const closedMs = 60_000;
const ticksPerSecond = 100;

const home = mkdtempSync(path.join(tmpdir(), "usher-bench-"));
/** Returns `pid` and all its descendants. */
function tree(pid) {
  const parents = new Map();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${entry}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
      parents.set(Number(entry), Number(fields[1]));
    } catch {
      // The process ended meanwhile.
    }
  }
  const found = [pid];
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child);
  return found;
}

const proportionalMiB = (pid) => {
  const kib = tree(pid).map((one) => /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, "utf8"))[1]);
  return kib.reduce((sum, one) => sum + Number(one), 0) / 1024;
};
const processorSeconds = (pid) => {
  const ticks = tree(pid).map((one) => {
    const fields = readFileSync(`/proc/${one}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, one) => sum + one, 0) / ticksPerSecond;
};

async function idlePercent(pid, ms = idleMs) {
  const before = processorSeconds(pid);
  await pause(ms);
  return ((processorSeconds(pid) - before) / (ms / 1000)) * 100;
}
const writtenBytes = (pid) =>
  tree(pid).reduce((sum, one) => sum + Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${one}/io`, "utf8"))[1]), 0);

/** Starts a window; resolves when its page reports the first paint. */
async function startBare() {
  const begun = performance.now();
  const child = spawn(process.env.BARE_BIN, [], { stdio: ["ignore", "pipe", "ignore"] });
  for await (const line of createInterface({ input: child.stdout })) if (line === "painted") break;
  return { child, ms: performance.now() - begun };
}

async function startUsher(environment) {
  const logs = path.join(environment.USHER_HOME, "logs");
  mkdirSync(logs, { recursive: true });
  const painted = () =>
    readdirSync(logs)
      .map((name) => readFileSync(path.join(logs, name), "utf8").split(" painted").length - 1)
      .reduce((sum, one) => sum + one, 0);
  const before = painted();
  const begun = performance.now();
  const child = spawn(process.env.USHER_DESKTOP_BIN, [], {
    stdio: "ignore",
    env: { ...process.env, ...environment, USHER_LOG: "usher_app::commands::program=info" },
  });
  await new Promise((resolve) => {
    const watcher = watch(logs, () => {
      if (painted() === before) return;
      watcher.close();
      resolve();
    });
  });
  return { child, ms: performance.now() - begun };
}

async function end({ child }) {
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

/** Returns memory and load of a window that does nothing, and ends it. */
async function settledWindow(window) {
  await pause(settleMs);
  const memory = proportionalMiB(window.child.pid);
  const idle = await idlePercent(window.child.pid);
  await end(window);
  return { memory, idle };
}

/** Measures both windows alternately, so that the load of the machine is the same. The first round is a warm-up. */
async function windows(environment, signedIn) {
  const times = { bare: [], usher: [] };
  for (let round = -1; round < startRounds; round++) {
    for (const [name, start] of [["bare", startBare], ["usher", () => startUsher(environment)]]) {
      const window = await start();
      if (round >= 0) times[name].push(window.ms);
      await end(window);
    }
  }
  report("bare window: start to painted, median", median(times.bare), " ms");
  report("Usher: start to painted, median", median(times.usher), " ms");
  report("  ratio", median(times.usher) / median(times.bare), "", { most: 1.05 });

  // A bare window keeps a second buffer of its page in some runs and not in others: 8 MiB.
  const seen = { bare: [], usher: [] };
  for (let round = 0; round < memoryRounds; round++) {
    for (const [name, start] of [["bare", startBare], ["usher", () => startUsher(environment)]]) {
      seen[name].push(await settledWindow(await start()));
    }
  }
  const { memory: fullMemory } = await settledWindow(await startUsher(signedIn));
  const medianOf = (name, figure) => median(seen[name].map((one) => one[figure]));
  const [bareMemory, memory] = [medianOf("bare", "memory"), medianOf("usher", "memory")];
  report("bare window: memory (PSS, all processes)", bareMemory, " MiB");
  report("Usher: memory (PSS, all processes)", memory, " MiB");
  report("  ratio", memory / bareMemory, "", { most: 0.8 });
  report("Usher, signed in: memory", fullMemory, " MiB");
  report("bare window: processor while idle for 10 s", medianOf("bare", "idle"), " %");
  report("Usher: processor while idle for 10 s", medianOf("usher", "idle"), " %", { most: 0.5 });
}

/** Measures what goes on when the window is closed with the gateway on. */
async function closed(environment) {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  const settings = path.join(environment.USHER_HOME, "config.toml");
  writeFileSync(settings, `version = 1\n[gateway]\nenabled = true\nkeep_running = true\nport = ${port}\n`);
  const window = await startUsher(environment);
  const address = `http://127.0.0.1:${port}/healthz`;
  while (!(await fetch(address).catch(() => null))) await pause(50);
  await end(window);
  await pause(settleMs);
  const { process: pid } = JSON.parse(readFileSync(path.join(environment.USHER_HOME, "background.json"), "utf8"));
  const memory = proportionalMiB(pid);
  const written = writtenBytes(pid);
  const idle = await idlePercent(pid, closedMs);
  report("window closed: memory (PSS, all processes)", memory, " MiB", { most: 40 });
  report("window closed: processor while idle for a minute", idle, " %", { most: 0.05 });
  report("window closed: written to disk meanwhile", writtenBytes(pid) - written, " bytes", { most: 0 });
  spawnSync(process.env.USHER_BIN, ["background", "--quit"], { env: { ...process.env, ...environment }, stdio: "ignore" });
}

/** Measures `usher status` of a signed-in home, as a shell runs it. */
function status(environment) {
  const env = { ...process.env, ...environment };
  const times = Array.from({ length: statusRounds }, () => {
    const begun = performance.now();
    const { status: exit } = spawnSync(process.env.USHER_BIN, ["status", "--json"], { env, stdio: "ignore" });
    if (exit !== 0) throw new Error(`usher status exited with ${exit}`);
    return performance.now() - begun;
  });
  const floor = Array.from({ length: statusRounds }, () => {
    const begun = performance.now();
    spawnSync("/bin/true", [], { env, stdio: "ignore" });
    return performance.now() - begun;
  });
  report("/bin/true, median", median(floor), " ms");
  report("usher status, median", median(times), " ms", { most: 15 });
}

/** Measures the time from Ctrl-C in a running test until the server has seen the disconnect. */
async function stop(environment, issuer) {
  const control = (path, body) =>
    fetch(new URL(`/control/${path}`, issuer), body && { method: "POST", body: JSON.stringify(body), headers: json });
  const json = { "content-type": "application/json" };
  const env = { ...process.env, ...environment };
  const times = [];
  for (let round = 1; round <= stopRounds; round++) {
    await control("faults", { at: "responses", fault: { kind: "hang_after", events: 3 } });
    const test = spawn(process.env.USHER_BIN, ["test", "--json"], { env, stdio: "ignore" });
    const ended = once(test, "exit");
    await control(`wait?name=responses&at_least=${round}&timeout_ms=30000`);
    const begun = performance.now();
    test.kill("SIGINT");
    const noticed = await control(`wait?name=responses.cancelled&at_least=${round}&timeout_ms=30000`);
    if (!noticed.ok) throw new Error("the sandbox never noticed that the test was stopped");
    times.push(performance.now() - begun);
    await ended;
  }
  report("Stop in a test until upstream is closed, worst", Math.max(...times), " ms", { most: 200 });
}

function sizes() {
  const built = (...names) => readFileSync(path.join(process.env.DIST, ...names));
  const page = built("index.html").toString();
  const scripts = readdirSync(path.join(process.env.DIST, "assets")).filter((name) => name.endsWith(".js"));
  const zipped = (names) =>
    [built("before-paint.js"), ...names.map((name) => built("assets", name))].reduce(
      (sum, script) => sum + gzipSync(script, { level: 9 }).length / 1000,
      0,
    );
  // Counted as in `ui/scripts/check-size.js`: the rest is loaded with the screens that need it.
  const first = zipped(scripts.filter((name) => page.includes(name)));
  report("JavaScript for the first paint, gzipped", first, " kB", { most: 60 });
  report("JavaScript in all, gzipped", zipped(scripts), " kB");
  for (const [name, file] of [["usher", process.env.USHER_BIN], ["usher-desktop", process.env.USHER_DESKTOP_BIN]]) {
    report(`${name}: size of the program`, statSync(file).size / 1_000_000, " MB");
  }
}

const sandbox = spawn(process.env.USHER_SANDBOX_BIN, ["--json", "--device-interval", "0"], {
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  const [line] = await once(createInterface({ input: sandbox.stdout }), "line");
  const { issuer, chatgpt, platform } = JSON.parse(line);
  const environment = {
    USHER_ISSUER_URL: issuer,
    USHER_CHATGPT_URL: chatgpt,
    USHER_PLATFORM_URL: platform,
    USHER_SECRETS: "file",
  };
  const signedIn = { ...environment, USHER_HOME: path.join(home, "signed-in") };
  await signIn(process.env.USHER_BIN, signedIn, issuer, "ada");
  sizes();
  status(signedIn);
  await stop(signedIn, issuer);
  await windows({ ...environment, USHER_HOME: path.join(home, "first-run") }, signedIn);
  await closed(signedIn);
} finally {
  sandbox.kill("SIGTERM");
  rmSync(home, { recursive: true, force: true });
}
conclude();
