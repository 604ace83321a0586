// A client as a program that ends by itself, or that a test ends.
import { spawn } from "node:child_process";
import { once } from "node:events";

/** Runs a program to its end. Gives what it said and how it ended. */
export async function run(command, options) {
  return begin(command, options).ended;
}

// Nothing is left behind by a test that gives up.
const running = new Set();
process.once("exit", () => running.forEach(endGroup));

/** Ends what is left of a process group. */
export function endGroup(leader) {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // Nothing is.
  }
}

/** Options of a command line, and a home whose environment the objects among them change. */
export function apart(home, all) {
  const env = Object.assign({}, home.env, ...all.filter((one) => typeof one !== "string"));
  return { options: all.filter((one) => typeof one === "string"), home: { ...home, env } };
}

/** Begins to run a program, in a process group of its own, as a shell does. */
export function begin([program, ...args], { env, work }) {
  const child = spawn(program, args, { env, cwd: work, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child.pid);
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"])
    child[name].setEncoding("utf8").on("data", (text) => (said[name] += text));
  const ended = once(child, "close").then(([code, signal]) => {
    running.delete(child.pid);
    return { ...said, code, signal };
  });
  // Ctrl-C goes to the whole group.
  return { ended, interrupt: () => process.kill(-child.pid, "SIGINT") };
}

/** The JSON of each line that is some. */
export function events(text) {
  return text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}
