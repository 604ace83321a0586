// The upstream and every measured program in front of it, each started as its documentation describes.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, connect } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";

const here = import.meta.dirname;
const started = [];

/** Starts a program that `endAll` ends. */
function start(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"], ...options });
  started.push(child);
  return child;
}

const firstLine = async (child) => (await once(createInterface({ input: child.stdout }), "line"))[0];

/** Ends all started programs by their handles. */
export async function endAll() {
  for (const child of started.splice(0).toReversed()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(late);
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Waits until a program listens at `port`, by trying repeatedly. */
async function listening(port, child) {
  while (child.exitCode === null) {
    const socket = connect(port, "127.0.0.1");
    const listening = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (listening) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`it ended with ${child.exitCode} before it listened at ${port}`);
}

export async function upstream() {
  const child = start(process.env.LOAD_BIN, ["upstream"]);
  const url = `http://127.0.0.1:${await firstLine(child)}`;
  const set = async (events, microseconds = 0) => {
    await (await fetch(`${url}/set/${events}/${microseconds}`, { method: "POST" })).text();
  };
  return { pid: child.pid, url, set };
}

/** nginx as its manual recommends for streams: no buffering, persistent connections. */
export async function nginx(folder, behind) {
  const port = await freePort();
  const file = path.join(folder, "nginx.conf");
  writeFileSync(
    file,
    `daemon off; worker_processes 1; error_log stderr crit; pid ${folder}/nginx.pid;
     events { worker_connections 4096; }
     http {
       access_log off; client_max_body_size 64m; client_body_buffer_size 4m; keepalive_requests 10000000;
       ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ")}
       upstream behind { server ${new URL(behind).host}; keepalive 1024; keepalive_requests 10000000; }
       server {
         listen 127.0.0.1:${port} backlog=4096;
         location / {
           proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection "";
           proxy_buffering off; proxy_request_buffering off;
         }
       }
     }`,
  );
  const child = start("nginx", ["-c", file, "-p", folder]);
  await listening(port, child);
  return { name: "nginx", pid: child.pid, url: `http://127.0.0.1:${port}` };
}

/** `usher serve` of `program` on a separate home, with the upstream as an OpenAI-compatible service. */
export function usher(folder, behind, name = "usher", program = process.env.USHER_BIN) {
  // Without the variables that name more certificates: they make a start read them, 280 files on some systems.
  const { SSL_CERT_FILE: _file, SSL_CERT_DIR: _folder, ...inherited } = process.env;
  const env = { ...inherited, USHER_HOME: path.join(folder, name), USHER_SECRETS: "file" };
  const run = (args) => {
    const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: "utf8" });
    if (status !== 0) throw new Error(`usher ${args.join(" ")} exited with ${status}: ${stderr}`);
    return stdout.trim();
  };
  const provider = "openai-compatible:load";
  run(["providers", "add", "openai-compatible", "--name", "load", "--base-url", `${behind}/v1`, "--wire", "responses"]);
  run(["models", "--provider", provider]);
  const key = run(["pass", "new", "bench", "--provider", provider]);
  return {
    name,
    key,
    /** Starts it; `ms` is the time until the first response. */
    async serve() {
      const port = await freePort();
      const begun = performance.now();
      const child = start(program, ["serve", "--port", String(port), "--json"], { env });
      await listening(port, child);
      const listens = performance.now() - begun;
      const url = `http://127.0.0.1:${port}`;
      const response = await fetch(`${url}/v1/responses`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "load", input: "hi" }),
      });
      await response.text();
      if (!response.ok) throw new Error(`usher responded with ${response.status}`);
      return { pid: child.pid, url, listens, answers: performance.now() - begun, child };
    },
  };
}

/** Codex's own proxy for the Responses API. */
export async function codexProxy(folder, behind) {
  const port = await freePort();
  const program = path.join(here, "node_modules/.bin/codex");
  const env = { ...process.env, CODEX_HOME: path.join(folder, "codex") };
  mkdirSync(env.CODEX_HOME, { recursive: true });
  const args = ["responses-api-proxy", "--port", String(port), "--upstream-url", `${behind}/v1/responses`];
  const child = start(program, args, { env, stdio: ["pipe", "ignore", "ignore"] });
  child.stdin.end("sk-load\n");
  await listening(port, child);
  return { name: "codex responses-api-proxy", pid: child.pid, url: `http://127.0.0.1:${port}` };
}

export async function claudeCodeRouter(folder, behind) {
  const port = await freePort();
  const home = path.join(folder, "router");
  mkdirSync(path.join(home, ".claude-code-router"), { recursive: true });
  const provider = { name: "load", api_base_url: `${behind}/v1/chat/completions`, api_key: "sk-load", models: ["load"] };
  writeFileSync(
    path.join(home, ".claude-code-router/config.json"),
    JSON.stringify({ PORT: port, HOST: "127.0.0.1", LOG: false, Providers: [provider], Router: { default: "load,load" } }),
  );
  const program = path.join(here, "node_modules/@musistudio/claude-code-router/dist/cli.js");
  const child = start(process.execPath, [program, "start"], {
    env: { ...process.env, HOME: home, SERVICE_PORT: String(port) },
    stdio: ["ignore", "ignore", "ignore"],
  });
  await listening(port, child);
  return { name: "claude-code-router", pid: child.pid, url: `http://127.0.0.1:${port}` };
}

export async function liteLlm(folder, behind) {
  const config = path.join(folder, "litellm.yaml");
  writeFileSync(
    config,
    JSON.stringify({
      model_list: [{ model_name: "load", litellm_params: { model: "openai/load", api_base: `${behind}/v1`, api_key: "sk-load" } }],
      general_settings: { master_key: "sk-load" },
      litellm_settings: { telemetry: false },
    }),
  );
  const child = start(process.env.LITELLM_PYTHON, [path.join(here, "../../interop/litellm/server.py"), config]);
  const { base_url: url } = JSON.parse(await firstLine(child));
  return { name: "LiteLLM", pid: child.pid, url, key: "sk-load" };
}

/** Returns resident memory and its peak in MiB of a process and its children, from `/proc`. */
export function memory(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const of = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)[1]) / 1024;
  const all = children.map((child) => memory(Number(child)));
  return {
    now: all.reduce((sum, one) => sum + one.now, of("VmRSS")),
    peak: all.reduce((sum, one) => sum + one.peak, of("VmHWM")),
  };
}

/** Resets the peak (proc(5), `clear_refs`). */
export function forgetPeak(pid) {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  for (const child of children) forgetPeak(Number(child));
}
