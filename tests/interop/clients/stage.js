// What every client is put on: the sandbox, a gateway that is signed in to it, and a home of its own.
import { spawn, execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { startSandbox } from "../../window/e2e/sandbox.js";
import { watchOutside } from "./outside.js";

/** Starts everything, in the enclosure that run.js makes. */
export async function openStage() {
  const { USHER_BIN: usher, USHER_CLIENTS_FOLDER: own } = process.env;
  if (!usher || !own) throw new Error("run these tests by ./dev test, or by npm test with USHER_BIN set");
  const outside = await watchOutside();
  const folder = mkdtempSync(join(own, "stage-"));
  const sandbox = await startSandbox();
  const usherHome = { USHER_HOME: join(folder, "usher", "kept"), USHER_SECRETS: "file" };
  const env = environment(folder, "usher", { ...usherHome, ...sandbox.environment });
  const run = (args, input) =>
    execFileSync(usher, args, { env, input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });
  run(["login", "--access-token-stdin"], "at-sandbox-ben");
  run(["login", "--provider", "openai", "--api-key-stdin"], "sk-sandbox-1");
  const service = ["--name", "chat", "--base-url", sandbox.service("chat-only/v1"), "--api-key-stdin"];
  service.push("--wire", "chat_completions");
  run(["providers", "add", "openai-compatible", ...service], "sk-sandbox-1");
  const pass = run(["pass", "new", "clients"]).trim();
  const stdio = ["ignore", "pipe", "inherit"];
  const gateway = spawn(usher, ["serve", "--port", "0", "--json"], { env, stdio });
  const ended = once(gateway, "exit");
  const [first] = await Promise.race([
    once(createInterface({ input: gateway.stdout }), "line"),
    ended.then(([code]) => Promise.reject(new Error(`usher serve ended with ${code} before it listened`))),
  ]);
  const { address } = JSON.parse(first);

  return {
    sandbox,
    outside,
    address,
    pass,
    /** A pass for one model of another provider. */
    passFor: (provider, model) =>
      run(["pass", "new", model, "--provider", provider, "--model", model]).trim(),
    /** What the command line is told to find this Usher. */
    usherHome,
    /** An empty home, and the environment of a client in it. */
    home(name, variables) {
      const env = environment(folder, name, variables);
      const work = join(env.HOME, "work");
      mkdirSync(work, { recursive: true });
      return { env, work };
    },
    async close() {
      gateway.kill("SIGTERM");
      const [code] = await ended;
      await sandbox.close();
      outside.close();
      rmSync(folder, { recursive: true, force: true });
      return code;
    },
  };
}

/** Nothing of whoever runs the tests but the path. */
function environment(folder, name, variables = {}) {
  const home = join(folder, name);
  const temporary = join(home, "tmp");
  mkdirSync(temporary, { recursive: true });
  return {
    PATH: process.env.PATH,
    HOME: home,
    TMPDIR: temporary,
    LANG: "C.UTF-8",
    TERM: "dumb",
    ...variables,
  };
}
