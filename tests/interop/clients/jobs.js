// Runs test files, each in a network namespace of its own, two at a time, and prints the output of each in one piece.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endGroup } from "./client.js";

const AT_ONCE = 2;
const OPTIONS = ["--test", "--test-reporter=spec", "--test-force-exit", "--test-timeout=120000"];

const running = new Set();

/** Calls `body` with a temporary folder; an error that it throws becomes the exit code. */
export async function inFolder(prefix, body) {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  const cleanUp = () => {
    running.forEach(endGroup);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ])
    process.once(signal, () => {
      cleanUp();
      process.exit(code);
    });
  try {
    await body(folder);
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  } finally {
    cleanUp();
  }
}

/** Returns the jobs whose `name` is in `names`, or all. */
export function chosen(jobs, names) {
  const unknown = names.filter((name) => !jobs.some((job) => job.name === name));
  if (unknown.length > 0) throw new Error(`there is nothing to run for ${unknown.join(", ")}`);
  return names.length > 0 ? jobs.filter((job) => names.includes(job.name)) : jobs;
}

/** Runs `{ file, env }` of each job with the Node program `node` below `namespace`; failures become the exit code. */
export async function runJobs(jobs, { namespace, node, cwd, env }) {
  const waiting = [...jobs];
  const worker = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift())
      await runJob([...namespace, node, ...OPTIONS, job.file], { cwd, env: { ...process.env, ...env, ...job.env } });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function runJob([program, ...args], options) {
  const child = spawn(program, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child.pid);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => (output += text));
  const closed = once(child, "close");
  const [code] = await once(child, "exit");
  // Programs that a test left behind would keep the pipes open.
  endGroup(child.pid);
  await closed;
  running.delete(child.pid);
  process.stdout.write(output);
  if (code !== 0) process.exitCode = 1;
}
