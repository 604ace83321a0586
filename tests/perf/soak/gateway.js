// Starts the sandbox, a home that is signed in to it, and `usher serve` in that home.

import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"

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

export const start = async () => {
  const sandbox = await started(program("USHER_SANDBOX_BIN"), ["--json", "--exit-with-stdin"], {})
  const { issuer, chatgpt, platform, compatible } = sandbox.first
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
  // An enterprise account, because its plan has no usage windows that the traffic would use up.
  await usher(["login", "--access-token-stdin"], "at-sandbox-eve")
  const service = async (name, kind) => {
    const add = ["providers", "add", "openai-compatible", "--name", name, "--base-url", `${compatible}/${kind}`]
    await usher([...add, "--api-key-stdin"], "sk-sandbox-own-0001")
    await usher(["test", "--provider", `openai-compatible:${name}`])
    return usher(["pass", "new", name, "--provider", `openai-compatible:${name}`])
  }
  const plan = await usher(["pass", "new", "plan", "--provider", "chatgpt"])
  const passes = { plan, chat: await service("chat", "chat-only") }
  // A separate service for the requests to a hanging provider.
  const hanging = await service("hanging", "responses-only")
  const gateway = await started(program("USHER_BIN"), ["serve", "--port", "0", "--json"], env)
  const address = new URL(gateway.first.address)
  const control = (path, body) =>
    fetch(`${new URL(issuer).origin}/control/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    })

  return {
    host: address.hostname,
    port: Number(address.port),
    passes,
    hanging,
    usher,
    fault: (at, fault) => control("faults", { at, fault }),
    slowly: (ms) => control("settings", { event_delay_ms: ms }),
    forget: () => control("reset", {}),
    isRunning: () => gateway.child.exitCode === null,
    sample: () => sample(gateway.child.pid),
    stop: async () => {
      gateway.child.kill("SIGTERM")
      if (gateway.child.exitCode === null) await once(gateway.child, "exit")
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
