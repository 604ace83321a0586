// Runs clients as programs that end by themselves or are ended by a test.
import { spawn } from "node:child_process";
import { once } from "node:events";

/** Runs a program to its end; returns its output and exit status. */
export async function run(command, options) {
  return start(command, options).ended;
}

// A test that fails leaves no program behind.
const running = new Set();
process.once("exit", () => running.forEach(endGroup));

/** Kills a process group, if it still exists. */
export function endGroup(leader) {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // It has already ended.
  }
}

/** Splits strings, which are options of the command line, from objects, which change the environment of the home. */
export function withOptions(home, all) {
  const env = Object.assign({}, home.env, ...all.filter((one) => typeof one !== "string"));
  return { options: all.filter((one) => typeof one === "string"), home: { ...home, env } };
}

/** Starts a program in its own process group, as a shell does. */
export function start([program, ...args], { env, work }) {
  const child = spawn(program, args, { env, cwd: work, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child.pid);
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"])
    child[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
  const ended = once(child, "close").then(([code, signal]) => {
    running.delete(child.pid);
    return { ...output, code, signal };
  });
  // Ctrl-C is sent to the complete group.
  const interrupt = () => process.kill(-child.pid, "SIGINT");
  return { ended, interrupt, kill: () => endGroup(child.pid) };
}

/** Parses the lines that are JSON objects. */
export function events(text) {
  return text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}
