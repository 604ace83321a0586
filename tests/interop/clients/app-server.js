// Drives `codex app-server`, which the Codex desktop app starts, by JSON-RPC over its pipes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { endGroup } from "./client.js";

/** Starts it and introduces the caller as the app. */
export async function startAppServer(codex, { env, work }) {
  const child = spawn(codex, ["app-server"], { env, cwd: work, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  const ended = once(child, "exit");
  const [answers, notes] = [new Map(), []];
  let stderr = "";
  let completed;
  let last = 0;
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  createInterface({ input: child.stdout }).on("line", (line) => {
    const message = JSON.parse(line);
    if (answers.has(message.id)) return answers.get(message.id)(message);
    notes.push(message);
    if (message.method === "turn/completed") completed?.(message.params.turn);
  });
  const send = (message) => child.stdin.write(`${JSON.stringify(message)}\n`);

  async function call(method, params = {}) {
    const id = (last += 1);
    const answered = new Promise((resolve) => answers.set(id, resolve));
    send({ id, method, params });
    const { result, error } = await Promise.race([
      answered,
      ended.then(([code]) => Promise.reject(new Error(`codex app-server ended with ${code}: ${stderr}`))),
    ]);
    if (error) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  await call("initialize", { clientInfo: { name: "codex_desktop", title: "Codex", version: "1" } });
  send({ method: "initialized" });
  return {
    call,
    /** Runs a turn to its end; returns it with all items. */
    async turn(threadId, text) {
      const done = new Promise((resolve) => (completed = resolve));
      await call("turn/start", { threadId, input: [{ type: "text", text }] });
      const turn = await done;
      const items = notes.filter((note) => note.method === "item/completed").map((note) => note.params.item);
      return { status: turn.status, error: turn.error, items };
    },
    async close() {
      endGroup(child.pid);
      await ended;
    },
  };
}
