// The sandbox that stands in for OpenAI, one per test file.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { stop } from "./processes.js";

/** Starts the sandbox on a free port; `environment` points the app to it. */
export async function startSandbox() {
  const program = process.env.USHER_SANDBOX_BIN;
  if (!program) throw new Error("USHER_SANDBOX_BIN is not set: run the tests by ./dev test");
  const child = spawn(program, ["--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const [first] = await Promise.race([
    once(lines, "line"),
    once(child, "exit").then(([code]) => {
      throw new Error(`the sandbox ended with ${code} before it listened`);
    }),
  ]);
  const { issuer, chatgpt, platform, compatible } = JSON.parse(first);

  /** Sends a request to the control endpoint, see crates/sandbox/README.md. */
  async function control(path, body) {
    const request = body && { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const answer = await fetch(new URL(`/control/${path}`, issuer), request);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the sandbox refused ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }

  return {
    issuer,
    /** The base URL of an OpenAI-compatible service. */
    service: (kind) => `${compatible}/${kind}`,
    environment: { USHER_ISSUER_URL: issuer, USHER_CHATGPT_URL: chatgpt, USHER_PLATFORM_URL: platform },
    set: (settings) => control("settings", settings),
    /** Makes the next requests fail; 0 times is until the reset. */
    fault: (at, fault, times = 1) => control("faults", { at, times, fault }),
    /** Returns tokens of `account` without a sign-in, as another program has them. */
    issue: (account) => control("issue", { account }),
    /** Moves the sandbox's clock. */
    advance: (seconds) => control("advance", { seconds }),
    /** The apps that are registered by Sign in with ChatGPT. */
    registrations: () => control("plan/registrations"),
    /** Changes the sign-ins of these apps. */
    changePlanGrants: (op) => control("plan/grants", { op }),
    counts: () => control("counts"),
    requests: () => control("requests"),
    /** Resets faults, counts and requests. */
    reset: () => control("reset", {}),
    /** Resolves when `name` reached the count; rejects after thirty seconds. */
    counted: (name, atLeast = 1) => control(`wait?name=${name}&at_least=${atLeast}&timeout_ms=30000`),
    /** Returns when `name` was counted last, by the wall clock; never too early. */
    async lastAt(name) {
      await fetch(new URL("/now", issuer));
      const now = Date.now();
      const at = async (mark) => (await control(`marks?name=${mark}`)).at(-1).at_ms;
      return now - (await at("other")) + (await at(name));
    },
    close: () => stop(child),
  };
}
