// A program in programs/ that uses a package: it runs one case after another.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Starts a program. It requests `model`, unless a case has another one. */
export function startProgram([program, ...args], { env, work }, model) {
  const child = spawn(program, args, { env, cwd: work, stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  /** Runs a case; returns its `value`, or the error as `raised`. */
  async function outcome(name, given, other = model) {
    child.stdin.write(`${JSON.stringify({ name, given, model: other })}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${args.at(-1)} ended in the middle of ${name}`);
    return JSON.parse(value);
  }

  return {
    async value(name, given, other) {
      const { value, raised } = await outcome(name, given, other);
      if (raised) throw new Error(`${name} raised ${JSON.stringify(raised)}`);
      return value;
    },
    async raised(name, given) {
      const { value, raised } = await outcome(name, given);
      if (!raised) throw new Error(`${name} raised nothing and gave ${JSON.stringify(value)}`);
      return raised;
    },
    outcome,
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
