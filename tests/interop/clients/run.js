// Runs each file of tests in an enclosure, two at a time, and prints what came of every client and case.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endGroup } from "./client.js";
import { enclosure } from "./enclosed.js";
import { table } from "./table.js";

const AT_ONCE = 2;
const OPTIONS = ["--test", "--test-reporter=spec", "--test-force-exit", "--test-timeout=120000"];

const folder = mkdtempSync(join(tmpdir(), "usher-clients-"));
const running = new Set();
const clear = () => {
  running.forEach(endGroup);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
};
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
])
  process.once(signal, () => {
    clear();
    process.exit(code);
  });

try {
  const enclosed = enclosure(folder);
  const all = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.js"));
  const files = process.argv.length > 2 ? process.argv.slice(2) : all;
  const lane = async () => {
    for (let file = files.shift(); file; file = files.shift()) await runFile(enclosed, file);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  console.log(`\n${table(folder)}\n`);
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
} finally {
  clear();
}

/** Runs the tests of `file`; what they say is printed in one piece. */
async function runFile(enclosed, file) {
  const [program, ...args] = [...enclosed, process.execPath, ...OPTIONS, file];
  const env = { ...process.env, USHER_CLIENTS_FOLDER: folder };
  const cwd = import.meta.dirname;
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child.pid);
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => (said += text));
  const closed = once(child, "close");
  const [code] = await once(child, "exit");
  // What a test left behind would hold the pipes open.
  endGroup(child.pid);
  await closed;
  running.delete(child.pid);
  process.stdout.write(said);
  if (code !== 0) process.exitCode = 1;
}
