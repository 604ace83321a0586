// Reads one case per line of standard input, and writes one line with its result.
import { createInterface } from "node:readline";

/** The model of the running case. */
export let model;

/** Runs the requested cases and writes the value, or the error that was raised. */
export async function serve(cases) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { name, given, ...options } = JSON.parse(line);
    model = options.model;
    let result;
    try {
      result = { value: await cases[name](given) };
    } catch (error) {
      result = { raised: raised(error) };
    }
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
}

/** Returns the fields of an error of either package that a caller sees. */
export function raised(error) {
  return {
    kind: error.constructor.name,
    status: error.status ?? null,
    message: error.message,
    type: error.error?.error?.type ?? error.type ?? null,
    code: error.code ?? null,
    retry_after: error.headers?.get?.("retry-after") ?? null,
  };
}
