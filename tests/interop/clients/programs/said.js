// One case for each line of the standard input, and one line for what came of it.
import { createInterface } from "node:readline";

/** The model of the case that runs. */
export let model;

/** Runs the cases that are asked for: a value, or what was raised. */
export async function serve(cases) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { name, given, ...asked } = JSON.parse(line);
    model = asked.model;
    let said;
    try {
      said = { value: await cases[name](given) };
    } catch (error) {
      said = { raised: raised(error) };
    }
    process.stdout.write(`${JSON.stringify(said)}\n`);
  }
}

/** What a caller learns from an error of either package. */
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
