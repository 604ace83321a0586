// A program of programs/ that uses a package: it is asked for one case after another.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Starts one. It asks for `model`, unless a case is asked for with another. */
export function startProgram([program, ...args], { env, work }, model) {
  const child = spawn(program, args, { env, cwd: work, stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  /** What came of a case: `value` or `raised`. */
  async function came(name, given, other = model) {
    child.stdin.write(`${JSON.stringify({ name, given, model: other })}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${args.at(-1)} ended in the middle of ${name}`);
    return JSON.parse(value);
  }

  return {
    async value(name, given, other) {
      const { value, raised } = await came(name, given, other);
      if (raised) throw new Error(`${name} raised ${JSON.stringify(raised)}`);
      return value;
    },
    async raised(name, given) {
      const { value, raised } = await came(name, given);
      if (!raised) throw new Error(`${name} raised nothing and gave ${JSON.stringify(value)}`);
      return raised;
    },
    came,
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
