// Reads one case per line of standard input, and writes one line with its result.
import { createInterface } from "node:readline";
import { mock } from "node:test";

const write = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

/** Opens the address in the browser of the test, which ends up at the client's listener. */
export const openBrowser = (url) => write({ open: url });

/** Runs the requested cases and writes the value, or the error that was raised. */
export async function serve(cases) {
  const all = { move_clock: moveClock, ...cases };
  for await (const line of createInterface({ input: process.stdin })) {
    const { name, given } = JSON.parse(line);
    try {
      write({ value: await all[name](given) });
    } catch (error) {
      write({ raised: { kind: error.constructor.name, message: error.message } });
    }
  }
}

/** Sets the program's clock `seconds` ahead of the computer's. It then stands still. */
function moveClock(seconds) {
  mock.timers.reset();
  mock.timers.enable({ apis: ["Date"], now: Date.now() + seconds * 1000 });
}
