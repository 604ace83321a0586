// The fixture of every client: the sandbox, a gateway that is signed in to it, and separate homes.
import { spawn, execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { startSandbox } from "../../window/e2e/sandbox.js";
import { monitorConnections } from "./connection-monitor.js";

/** Starts the fixture in the network namespace of run.js. */
export async function startFixture() {
  const { USHER_BIN: usher, USHER_CLIENTS_FOLDER: own } = process.env;
  if (!usher || !own) throw new Error("run these tests by ./dev test, or by npm test with USHER_BIN set");
  const monitor = await monitorConnections();
  const folder = mkdtempSync(join(own, "fixture-"));
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
  const pass = run(["pass", "new", "clients", "--any-provider", "--pay-per-token"]).trim();
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
    monitor,
    address,
    pass,
    /** Creates a pass for one model of another provider. */
    passFor: (provider, model) =>
      run(["pass", "new", model, "--provider", provider, "--model", model]).trim(),
    /** Environment variables with which the command line uses this Usher. */
    usherHome,
    /** Creates a pass of the plan, as a person does. */
    createPass: (name) => run(["pass", "new", name]),
    /** Creates an empty home, and the environment of a client in it. */
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
      monitor.close();
      rmSync(folder, { recursive: true, force: true });
      return code;
    },
  };
}

/** Returns an environment that inherits nothing but PATH. */
function environment(folder, name, variables = {}) {
  const home = join(folder, name);
  const temporary = join(home, "tmp");
  mkdirSync(temporary, { recursive: true });
  return {
    // Programs that are scripts of Node run with the Node of the tests.
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    HOME: home,
    TMPDIR: temporary,
    LANG: "C.UTF-8",
    TERM: "dumb",
    ...variables,
  };
}
