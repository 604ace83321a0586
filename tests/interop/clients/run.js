// Runs each test file in its own network namespace, two at a time, and prints the outcome of every client and case.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endGroup } from "./client.js";
import { namespaceCommand } from "./network-namespace.js";
import { nodeForClients } from "./packages.js";
import { table } from "./table.js";

const AT_ONCE = 2;
const OPTIONS = ["--test", "--test-reporter=spec", "--test-force-exit", "--test-timeout=120000"];

const folder = mkdtempSync(join(tmpdir(), "usher-clients-"));
const running = new Set();
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
  const namespace = namespaceCommand(folder);
  const node = nodeForClients();
  const all = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.js"));
  const files = process.argv.length > 2 ? process.argv.slice(2) : all;
  const worker = async () => {
    for (let file = files.shift(); file; file = files.shift()) await runFile(namespace, node, file);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  console.log(`\n${table(folder)}\n`);
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
} finally {
  cleanUp();
}

/** Runs the tests of `file` and prints their output in one piece. */
async function runFile(namespace, node, file) {
  const [program, ...args] = [...namespace, node, ...OPTIONS, file];
  const env = { ...process.env, USHER_CLIENTS_FOLDER: folder };
  const cwd = import.meta.dirname;
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
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
