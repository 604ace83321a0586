// The stand-in for OpenAI, one for each test file.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { stop } from "./processes.js";

/** Starts it on a free port; `environment` points the app at it. */
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

  /** One request to the control endpoint, see crates/sandbox/README.md. */
  async function control(path, body) {
    const request = body && { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const answer = await fetch(new URL(`/control/${path}`, issuer), request);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the sandbox refused ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }

  return {
    issuer,
    /** The base URL of a service that is compatible with OpenAI's. */
    service: (kind) => `${compatible}/${kind}`,
    environment: { USHER_ISSUER_URL: issuer, USHER_CHATGPT_URL: chatgpt, USHER_PLATFORM_URL: platform },
    set: (settings) => control("settings", settings),
    fault: (at, fault) => control("faults", { at, times: 1, fault }),
    /** Tokens of `account` without a sign-in, as another program has them. */
    issue: (account) => control("issue", { account }),
    counts: () => control("counts"),
    requests: () => control("requests"),
    /** Forgets faults, counts and requests. */
    reset: () => control("reset", {}),
    /** Resolves when `name` was counted so often; rejects after thirty seconds. */
    counted: (name, atLeast = 1) => control(`wait?name=${name}&at_least=${atLeast}&timeout_ms=30000`),
    /** When `name` was counted last, by the wall clock; never earlier than it was. */
    async lastAt(name) {
      await fetch(new URL("/now", issuer));
      const now = Date.now();
      const at = async (mark) => (await control(`marks?name=${mark}`)).at(-1).at_ms;
      return now - (await at("other")) + (await at(name));
    },
    close: () => stop(child),
  };
}
