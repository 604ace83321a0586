// Starts the sandbox, a home that is signed in to it, and `usher serve` in that home.

import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"

import { bytesWritten, sizeOf } from "./disk.js"
import { signIn } from "./sign-in.js"

const program = (name) => {
  const path = process.env[name]
  if (!path) throw new Error(`${name} is not set; run ./dev soak`)
  return path
}

/** Starts a program and returns it with the first event that it prints. */
const started = async (path, args, env) => {
  const child = spawn(path, args, { env, stdio: ["pipe", "pipe", "inherit"] })
  const [line] = await once(createInterface({ input: child.stdout }), "line")
  return { child, first: JSON.parse(line) }
}

/** Starts all, signed in to `account` of the sandbox: an enterprise one unless another is named, because its plan has no
 * usage windows that the traffic would use up. `through` puts a network between the gateway and the providers at the port
 * of the sandbox. */
export const start = async ({ through = async (port) => ({ port }), account = "eve" } = {}) => {
  const options = ["--json", "--exit-with-stdin", "--device-interval", "0"]
  const sandbox = await started(program("USHER_SANDBOX_BIN"), options, {})
  const origin = new URL(sandbox.first.issuer).origin
  const network = await through(new URL(origin).port)
  const { issuer, platform } = sandbox.first
  // Not the issuer: a sign-in is bound to its address, and the sandbox knows no other than its own.
  const [chatgpt, compatible] = [sandbox.first.chatgpt, sandbox.first.compatible].map((url) => url.replace(origin, `http://127.0.0.1:${network.port}`))
  const home = mkdtempSync(join(tmpdir(), "usher-soak-"))
  const env = {
    HOME: home,
    USHER_HOME: home,
    USHER_SECRETS: "file",
    USHER_ISSUER_URL: issuer,
    USHER_CHATGPT_URL: chatgpt,
    USHER_PLATFORM_URL: platform,
  }
  const usher = async (args, input = "") => {
    const child = spawn(program("USHER_BIN"), args, { env, stdio: "pipe" })
    // A command that ends before it has read its input is no failure.
    child.stdin.on("error", () => {})
    child.stdin.end(input)
    const [output, errors, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")])
    if (status !== 0) throw new Error(`usher ${args.join(" ")}: ${errors}`)
    return output.trim()
  }
  await signIn(program("USHER_BIN"), env, issuer, account)
  const service = async (name, kind) => {
    const add = ["providers", "add", "openai-compatible", "--name", name, "--base-url", `${compatible}/${kind}`]
    await usher([...add, "--api-key-stdin"], "sk-sandbox-own-0001")
    await usher(["test", "--provider", `openai-compatible:${name}`])
    return usher(["pass", "new", name, "--provider", `openai-compatible:${name}`])
  }
  const plan = (name) => usher(["pass", "new", name, "--provider", "chatgpt"])
  const passes = { plan: await plan("plan"), editor: await plan("editor"), agent: await plan("agent"), chat: await service("chat", "chat-only") }
  // A separate service for the requests to a hanging provider.
  const hanging = await service("hanging", "responses-only")
  const gateway = await started(program("USHER_BIN"), ["serve", "--port", "0", "--json"], env)
  // A run that breaks off leaves none behind, asleep or not.
  process.once("exit", () => gateway.child.kill("SIGKILL"))
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1))
  const address = new URL(gateway.first.address)
  const control = async (path, body) => {
    const sent = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }
    const answered = await fetch(`${origin}/control/${path}`, sent)
    if (!answered.ok) throw new Error(`the sandbox answers ${path} with ${await answered.text()}`)
    return answered.json()
  }

  return {
    host: address.hostname,
    port: Number(address.port),
    passes,
    hanging,
    usher,
    home,
    network,
    fault: (at, fault, times = 1) => control("faults", { at, fault, times }),
    /** The faults that no request has met yet. */
    faults: () => control("faults"),
    slowly: (ms) => control("settings", { event_delay_ms: ms }),
    /** Has each response add so many times as much as usual to the windows of an account's plan. */
    growth: (account, factor) => control("settings", { limits: { [account]: { growth_factor: factor } } }),
    /** Has access tokens expire after so many seconds. */
    tokensLast: (seconds) => control("settings", { access_token_lifetime_s: seconds }),
    /** Has the sandbox refuse all access tokens that it has issued. */
    expireTokens: () => control("grants", { op: "expire_access" }),
    /** The requests that the sandbox received at the endpoint `name`. */
    received: (name) => control(`requests?name=${name}`),
    counts: () => control("counts"),
    forget: () => control("reset", {}),
    isRunning: () => gateway.child.exitCode === null,
    /** Stops the process as a sleep of the computer does, until `wake`. */
    sleep: () => gateway.child.kill("SIGSTOP"),
    wake: () => gateway.child.kill("SIGCONT"),
    sample: () => sample(gateway.child.pid),
    bytesWritten: () => bytesWritten(gateway.child.pid),
    sizeOfHome: () => sizeOf(home),
    stop: async () => {
      gateway.child.kill("SIGTERM")
      if (gateway.child.exitCode === null) await once(gateway.child, "exit")
      await network.cut?.()
      sandbox.child.stdin.end()
      rmSync(home, { recursive: true, force: true })
      return gateway.child.exitCode
    },
  }
}

/** Returns memory in KiB, open handles and threads of a process. */
const sample = (pid) => {
  const status = readFileSync(`/proc/${pid}/status`, "utf8")
  const field = (name) => Number(status.match(new RegExp(`^${name}:\\s+(\\d+)`, "m"))[1])
  return { memory: field("VmRSS"), handles: readdirSync(`/proc/${pid}/fd`).length, threads: field("Threads") }
}
