// The fixture of every test: a sandbox at OpenAI's addresses, and a client in an empty home.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { dirname, delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { monitorConnections } from "../clients/connection-monitor.js";
import { startSandbox } from "../../window/e2e/sandbox.js";
import { python } from "./clients.js";
import { ISSUER, startOrigins } from "./origins.js";
import { answer } from "./person.js";
import { record } from "./sent.js";

/** Starts the fixture in the network namespace of run.js. */
export async function startFixture(client) {
  const own = process.env.USHER_CLIENTS_FOLDER;
  if (!own) throw new Error("run these tests by ./dev test, or by npm test with USHER_SANDBOX_BIN set");
  const folder = mkdtempSync(join(own, "fixture-"));
  const monitor = await monitorConnections([53, 80]);
  const sandbox = await startSandbox();
  await sandbox.set({ plan_usage: { issuer: ISSUER } });
  const origins = await startOrigins(own, sandbox.issuer);
  const program = startProgram(client.command, folder, join(own, "client.pem"));
  let ahead = 0;

  return {
    sandbox,
    program,
    /** Lets time pass, for the client and for the sandbox. */
    async advance(seconds) {
      ahead += seconds;
      await sandbox.advance(seconds);
      await program.value("move_clock", ahead);
    },
    /** Returns the hosts that the client tried to reach besides those of the sandbox. */
    otherHosts: () => monitor.take(),
    async close() {
      await program.close();
      record(client.id, await sandbox.requests());
      origins.close();
      monitor.close();
      await sandbox.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a program of programs/, which runs one case after another. */
function startProgram([program, ...args], home, authority) {
  const env = {
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    HOME: home,
    LANG: "C.UTF-8",
    // Packages are installed without compiled modules; they are kept for the next run.
    PYTHONPYCACHEPREFIX: join(dirname(dirname(python)), "pycache"),
    SSL_CERT_FILE: authority,
    REQUESTS_CA_BUNDLE: authority,
    NODE_EXTRA_CA_CERTS: authority,
    USHER_BIN: process.env.USHER_BIN,
  };
  const child = spawn(program, args, { env, cwd: home, stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const send = (message) => child.stdin.write(`${JSON.stringify(message)}\n`);

  /** Runs a case; the person answers as `decides` says when it opens the browser. */
  async function outcome(name, given, decides) {
    send({ name, given });
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${args.at(-1)} ended in the middle of ${name}`);
      const message = JSON.parse(value);
      if (!message.open) return message;
      const landed = await answer(message.open, decides);
      if (message.paste) send({ landed: landed.href });
      else if (!(await fetch(landed)).ok && !landed.searchParams.has("error")) throw new Error(`the client did not take ${landed}`);
    }
  }

  return {
    async value(name, given, decides) {
      const { value, raised } = await outcome(name, given, decides);
      if (raised) throw new Error(`${name} raised ${JSON.stringify(raised)}`);
      return value;
    },
    async raised(name, given, decides) {
      const { value, raised } = await outcome(name, given, decides);
      if (!raised) throw new Error(`${name} raised nothing and gave ${JSON.stringify(value)}`);
      return raised;
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
