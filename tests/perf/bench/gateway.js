// Measures the gateway, the upstream alone, nginx and similar programs in one run. Rounds alternate, so that the load
// of the machine is the same; the result is the difference to the upstream alone, or the ratio to nginx.
//
// Needs USHER_BIN and LOAD_BIN (release builds), LITELLM_PYTHON, and nginx. `--only usher` omits the others. With
// OLDER_USHER_BIN, two processes of an older build are measured in turns with this one, and every figure is compared
// with theirs.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

import { writeBodies } from "./bodies.js";
import * as contenders from "./contenders.js";
import { conclude, heading, median, older, report } from "./report.js";

const rounds = 5;
const idleMs = 10_000;
/** A little longer than the gateway needs to release memory after its last request. */
const quietMs = 11_000;
const dropMs = 61_000;
const alone = process.argv.includes("--only");
const olderProgram = process.env.OLDER_USHER_BIN;
const folder = mkdtempSync(path.join(tmpdir(), "usher-bench-"));
const run = promisify(execFile);

/** A measured path: the program, the dialect, and its expected speed (1 is fast, 0.01 is slow). */
const way = (who, dialect, at, pace = 1) => ({ name: `${who.name}: ${dialect}`, who, dialect, url: who.url + at, pace });

async function drive(one, size, kind, options) {
  const args = ["drive", one.url, one.who.bodies[one.dialect][size], kind];
  args.push(...Object.entries(options).map(([name, value]) => `${name}=${value}`));
  const env = { ...process.env, USHER_LOAD_KEY: one.who.key ?? "none" };
  const { stdout } = await run(process.env.LOAD_BIN, args, { env });
  return JSON.parse(stdout);
}

/** Returns the list from another beginning: who comes first in a round is at an advantage, or not. */
const rotated = (list, by) => list.map((_, place) => list[(place + by) % list.length]);

/** Runs `measure` for each path alternately; returns the median of the rounds by name. The first round is a warm-up. */
async function inTurns(ways, measure) {
  const seen = new Map(ways.map((one) => [one.name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const one of rotated(ways, round)) {
      const value = await measure(one);
      if (round > 0) seen.get(one.name).push(value);
    }
  }
  return (name) => {
    const values = seen.get(name);
    return Object.fromEntries(Object.keys(values[0]).map((key) => [key, median(values.map((value) => value[key]))]));
  };
}

async function smallRequests(ways, floor, kept) {
  heading("A small request, not streamed (one connection)");
  const counted = (one) => Math.max(30, Math.round(3000 * one.pace));
  const times = await inTurns(ways, async (one) => {
    const { all } = await drive(one, "small", "latency", { count: counted(one) });
    return { p50: all.p50 / 1000, p99: all.p99 / 1000 };
  });
  const direct = times("direct: responses");
  const added = (name) => ({ p50: times(name).p50 - direct.p50, p99: times(name).p99 - direct.p99 });
  report("direct: p50", direct.p50, " ms");
  report("direct: p99", direct.p99, " ms");
  const nginx = floor && added(floor);
  for (const { name, who } of ways.slice(1)) {
    const passes = kept.passes === name && nginx;
    const crosses = kept.crosses.includes(name);
    report(`${name}: added p50`, added(name).p50, " ms", passes ? { most: 2 * nginx.p50 } : crosses ? { most: 0.4 } : {});
    report(`${name}: added p99`, added(name).p99, " ms", passes ? { most: 3 * nginx.p99 } : {});
    who.seen = true;
  }
}

async function throughput(ways, floor, kept) {
  heading("Small requests at 32 connections");
  const rates = await inTurns(ways, async (one) => {
    const { answered, seconds } = await drive(one, "small", "rate", { connections: 32, ms: 1000 });
    return { rate: answered / seconds };
  });
  for (const { name } of ways) {
    const least = kept.passes === name && floor && 0.5 * rates(floor).rate;
    report(name, rates(name).rate, " /s", least ? { least } : {});
  }
}

async function firstEvents(ways, kept, upstream) {
  heading("The first event of a stream");
  await upstream.set(20);
  const times = await inTurns(ways, async (one) => {
    const { first } = await drive(one, "stream", "latency", { count: Math.max(20, Math.round(1000 * one.pace)) });
    return { p50: first.p50 / 1000 };
  });
  for (const { name } of ways.slice(1)) {
    const later = times(name).p50 - times("direct: responses").p50;
    report(`${name}: later`, later, " ms", kept.passes === name ? { most: 0.4 } : {});
  }
}

async function events(ways, kept, upstream) {
  heading("Events of two streams at full speed");
  const rates = await inTurns(ways, async (one) => {
    await upstream.set(Math.max(2000, Math.round(150_000 * one.pace)));
    const { events: seen, seconds } = await drive(one, "stream", "streams", { connections: 2 });
    return { rate: seen / seconds };
  });
  for (const { name } of ways) {
    const least = kept.passes === name ? 1_000_000 : kept.crosses.includes(name) ? 500_000 : undefined;
    report(name, rates(name).rate, " /s", least ? { least } : {});
  }
}

async function bigBodies(ways, kept, upstream) {
  heading("A body of 2 MB");
  // A translated response is collected from a stream; a short one, because the request body is measured.
  await upstream.set(20);
  const times = await inTurns(ways, async (one) => {
    const { all } = await drive(one, "big", "latency", { count: Math.max(3, Math.round(20 * one.pace)) });
    return { p50: all.p50 / 1000 };
  });
  for (const { name } of ways.slice(1)) {
    const most = kept.passes === name ? 2 : kept.crosses.includes(name) ? 12 : undefined;
    report(`${name}: added`, times(name).p50 - times("direct: responses").p50, " ms", most ? { most } : {});
  }
}

async function delays(ways, kept, upstream) {
  // Each stream starts a little later than the one before, because the last of 16 simultaneous ones waits for the others.
  heading("Delay of single events: 16 streams, an event every 16 ms each, in turns");
  await upstream.set(100, 16_000);
  const times = await inTurns(ways, async (one) => {
    const { delay } = await drive(one, "stream", "streams", { connections: 16, apart: 1000 });
    return { p50: delay.p50 / 1000, p99: delay.p99 / 1000 };
  });
  const direct = times("direct: responses");
  report("direct: p50", direct.p50, " ms");
  report("direct: p99", direct.p99, " ms");
  for (const { name } of ways.slice(1)) {
    report(`${name}: added p50`, times(name).p50 - direct.p50, " ms");
    const most = kept.crosses.includes(name) ? 0.3 : undefined;
    report(`${name}: added p99`, times(name).p99 - direct.p99, " ms", most ? { most } : {});
  }
}

async function manyStreams(ways, kept, upstream) {
  heading("512 streams of 100 events, 50 ms between two (5 s at best), and the memory that they take");
  await upstream.set(100, 50_000);
  for (const one of ways) {
    if (one.who.pid) contenders.forgetPeak(one.who.pid);
    const { seconds } = await drive(one, "stream", "streams", { connections: 512 });
    const ours = [kept.passes, ...kept.crosses].includes(one.name);
    report(one.name, seconds, " s", ours ? { most: 5.1 } : {});
    if (one.who.pid) report(`${one.name}: peak`, contenders.memory(one.who.pid).peak, " MiB", ours ? { most: 45 } : {});
  }
}

const processorMs = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

/** Starts and ends each gateway in turns, and reports how long it takes to listen and to respond. */
async function starts(gateways) {
  const seen = new Map(gateways.map((one) => [one, []]));
  for (let round = 0; round <= 2 * rounds; round++) {
    for (const gateway of rotated(gateways, round)) {
      const { listens, answers, child } = await gateway.serve();
      if (round > 0) seen.get(gateway).push({ listens, answers });
      child.kill("SIGTERM");
      await new Promise((resolve) => child.once("exit", resolve));
    }
  }
  for (const [{ build }, times] of seen) {
    report(`${build}start until it listens`, median(times.map((one) => one.listens)), " ms");
    report(`${build}start until the first response`, median(times.map((one) => one.answers)), " ms", { most: 50 });
  }
}

/** Has a gateway count the tokens of a large body, which takes memory that it gives back later. */
async function countTokens(gateway, { url }) {
  const counted = await fetch(`${url}/v1/messages/count_tokens`, {
    method: "POST",
    headers: { "x-api-key": gateway.key, "anthropic-version": "2023-06-01", "content-type": "application/json" },
    body: readFileSync(gateway.bodies.messages.big),
  });
  await counted.text();
  if (!counted.ok) throw new Error(`count_tokens answered ${counted.status}`);
}

/** Measures `usher serve` of each build: its start, its idle memory, and its memory after tokens were counted. */
async function upkeep(gateways) {
  await starts(gateways);
  const served = [];
  for (const gateway of gateways) served.push({ gateway, running: await gateway.serve() });
  const reported = (what, value, unit, goal) => {
    for (const one of served) report(`${one.gateway.build}${what}`, value(one), unit, goal);
  };
  const memory = ({ running }) => contenders.memory(running.pid).now;
  reported("memory while idle", memory, " MiB", { most: 20 });
  await pause(quietMs);
  for (const one of served) one.before = processorMs(one.running.pid);
  await pause(idleMs);
  const used = ({ running, before }) => processorMs(running.pid) - before;
  reported("processor while idle for 10 s", used, " ms", { most: 0 });
  for (const { gateway, running } of served) await countTokens(gateway, running);
  reported("memory after a token count of 2 MB", memory, " MiB");
  await pause(dropMs);
  reported("memory a minute after", memory, " MiB", { most: 20 });
  for (const { running } of served) running.child.kill("SIGTERM");
}

async function measureAll() {
  const upstream = await contenders.upstream();
  const own = writeBodies(folder);
  const direct = { name: "direct", url: upstream.url, bodies: own };
  const gateway = contenders.usher(folder, upstream.url);
  gateway.bodies = own;
  const usher = { ...gateway, ...(await gateway.serve()) };
  const nginx = { ...(await contenders.nginx(folder, upstream.url)), bodies: own };
  const passing = [way(direct, "responses", "/v1/responses"), way(nginx, "responses", "/v1/responses")];
  const ours = [
    way(usher, "responses", "/v1/responses"),
    way(usher, "messages", "/v1/messages"),
    way(usher, "chat", "/v1/chat/completions"),
  ];
  const others = [];
  const peers = [nginx, usher];
  for (const begin of olderProgram ? older : []) {
    const before = contenders.usher(folder, upstream.url, `${begin}usher`, olderProgram);
    const served = { ...before, ...(await before.serve()), bodies: own };
    peers.push(served);
    others.push(...ours.map(({ dialect, url }) => way(served, dialect, new URL(url).pathname)));
  }
  if (!alone) {
    const codex = { ...(await contenders.codexProxy(folder, upstream.url)), bodies: own };
    const router = { ...(await contenders.claudeCodeRouter(folder, upstream.url)), bodies: writeBodies(folder, "load,load") };
    const liteLlm = { ...(await contenders.liteLlm(folder, upstream.url)), bodies: own };
    peers.push(codex, router, liteLlm);
    others.push(
      way(codex, "responses", "/v1/responses", 0.02),
      way(router, "messages", "/v1/messages", 0.05),
      way(liteLlm, "chat", "/v1/chat/completions", 0.01),
    );
  }
  const ways = [...passing, ...ours, ...others];
  const floor = passing[1].name;
  const kept = { passes: ours[0].name, crosses: ours.slice(1).map((one) => one.name) };
  await smallRequests(ways, floor, kept);
  await throughput(ways, floor, kept);
  await firstEvents(ways, kept, upstream);
  await events(ways, kept, upstream);
  await bigBodies(ways, kept, upstream);
  await delays(ways, kept, upstream);
  heading("Memory at its peak, through all of the above");
  for (const peer of peers) report(peer.name, contenders.memory(peer.pid).peak, " MiB");
  await manyStreams(ways, kept, upstream);
  await contenders.endAll();
}

try {
  await measureAll();
  const upstream = await contenders.upstream();
  const bodies = writeBodies(folder);
  const again = (build, program) => {
    const home = mkdtempSync(path.join(folder, "again-"));
    return { ...contenders.usher(home, upstream.url, "usher", program), bodies, build };
  };
  heading("usher serve: starting and keeping");
  await upkeep([again(""), ...(olderProgram ? older.map((begin) => again(begin, olderProgram)) : [])]);
} finally {
  await contenders.endAll();
  rmSync(folder, { recursive: true, force: true });
}
conclude();
