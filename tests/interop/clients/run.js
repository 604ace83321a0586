// Runs each test file, and defined.test.js for each client of definitions/, in a network namespace of its own, two at
// a time, and prints the outcome of every client and case. Names of files or of clients as arguments run only these;
// `--write` puts the outcomes on the page of docs.js.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endGroup } from "./client.js";
import { namespaceCommand } from "./network-namespace.js";
import { definitions } from "./definitions.js";
import { commit } from "./docs.js";
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
  const jobs = await jobsOf(process.argv.slice(2).filter((name) => name !== "--write"));
  const worker = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) await runJob(namespace, node, job);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const [outcomes, cases] = [table(folder, "defined"), table(folder, "own")];
  console.log(`\n${outcomes}\n\n${cases}\n`);
  if (process.argv.includes("--write")) commit({ outcomes, cases });
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
} finally {
  cleanUp();
}

/** Returns what is to be run: the longest first, so that two workers end at about the same time. */
async function jobsOf(names) {
  const installed = (await definitions()).filter((client) => client.bin);
  const ofClients = installed
    .sort((a, b) => b.apis.length - a.apis.length)
    .map(({ id }) => ({ name: id, file: "defined.test.js", env: { USHER_CLIENT: id } }));
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.js") && name !== "defined.test.js");
  const jobs = [...ofClients, ...files.map((file) => ({ name: file, file }))];
  const unknown = names.filter((name) => !jobs.some((job) => job.name === name));
  if (unknown.length > 0) throw new Error(`there is nothing to run for ${unknown.join(", ")}`);
  return names.length > 0 ? jobs.filter((job) => names.includes(job.name)) : jobs;
}

/** Runs a test file and prints its output in one piece. */
async function runJob(namespace, node, { file, env: given }) {
  const [program, ...args] = [...namespace, node, ...OPTIONS, file];
  const env = { ...process.env, USHER_CLIENTS_FOLDER: folder, ...given };
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
