// Attacks the built `usher serve` as any program on the computer could, and measures what that costs: silent connections,
// bodies that together or unpacked are too large, lists of nothing, and answers of a service without an end.
// `./dev soak` runs it before its traffic.

import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import http from "node:http"
import net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"

const MIB = 1024 * 1024
/** Twice the budget of all bodies together: the allocator keeps some of what was freed. */
const MEMORY_LIMIT_MIB = 2 * 512
/** A good pass is answered within a second; a loaded machine is slower. */
const ANSWER_MS = 5000
/** Processor time for an event in pieces of one byte; read from the beginning each time it would take minutes. */
const PIECES_CPU_S = 60

const failures = []
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const program = process.env.USHER_BIN
if (!program) throw new Error("USHER_BIN is not set; run ./dev soak")

/** A service whose answer is what `answer` writes. */
let answer = (response) => response.end("{}")
const service = http.createServer((request, response) => {
  request.resume()
  if (request.method === "GET") return response.end(JSON.stringify({ object: "list", data: [{ id: "m1" }] }))
  answer(response)
})
service.listen(0, "127.0.0.1")
await once(service, "listening")

const home = mkdtempSync(join(tmpdir(), "usher-bounds-"))
const env = { HOME: home, USHER_HOME: home, USHER_SECRETS: "file" }
const usher = async (args, input = "") => {
  const child = spawn(program, args, { env, stdio: "pipe" })
  child.stdin.end(input)
  const [output, errors, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")])
  if (status !== 0) throw new Error(`usher ${args.join(" ")}: ${errors}`)
  return output.trim()
}
const base = `http://127.0.0.1:${service.address().port}`
const add = ["providers", "add", "openai-compatible", "--name", "own", "--base-url", base, "--wire", "chat_completions"]
await usher([...add, "--api-key-stdin"], "sk-bounds-own-0001")
const pass = await usher(["pass", "new", "bounds", "--provider", "openai-compatible:own"])

/** Starts a gateway with `handles` as its soft limit of open files. */
const start = async (handles) => {
  const limited = handles ? `ulimit -Sn ${handles}; ` : ""
  const child = spawn("sh", ["-c", `${limited}exec "$0" serve --port 0 --json`, program], { env, stdio: ["pipe", "pipe", "inherit"] })
  const [line] = await once(createInterface({ input: child.stdout }), "line")
  const { hostname: host, port } = new URL(JSON.parse(line).address)
  const stop = async () => {
    child.kill("SIGTERM")
    if (child.exitCode === null) await once(child, "exit")
  }
  return { pid: child.pid, host, port: Number(port), stop, isRunning: () => child.exitCode === null }
}

/** Resolves when a peer has taken `data`, or has gone. */
const written = (stream, data) => new Promise((resolve) => stream.write(data, resolve))

const field = (pid, name) => Number(readFileSync(`/proc/${pid}/status`, "utf8").match(new RegExp(`^${name}:\\s+(\\d+)`, "m"))[1])
/** Processor time in seconds. */
const cpu = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ")
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Sends a request; resolves to its status, or to the error's code. */
const send = (gateway, { method = "POST", path = "/v1/messages", headers = {}, body }) =>
  new Promise((resolve) => {
    const options = { host: gateway.host, port: gateway.port, method, path, agent: false }
    const request = http.request({ ...options, headers: { authorization: `Bearer ${pass}`, ...headers } }, async (response) => {
      try {
        for await (const chunk of response) void chunk
        resolve(response.statusCode)
      } catch (error) {
        resolve(error.code)
      }
    })
    request.on("error", (error) => resolve(error.code))
    request.end(body)
  })

/** Runs an attack; reports the most memory that the gateway had meanwhile, and its processor time. */
const measure = async (name, gateway, attack) => {
  writeFileSync(`/proc/${gateway.pid}/clear_refs`, "5")
  const [begun, before] = [Date.now(), cpu(gateway.pid)]
  const outcome = await attack()
  if (!gateway.isRunning()) {
    failures.push(`${name}: the gateway ended`)
    return 0
  }
  const [peak, seconds] = [field(gateway.pid, "VmHWM") / 1024, cpu(gateway.pid) - before]
  const counts = new Map()
  for (const one of [outcome].flat()) counts.set(one, (counts.get(one) ?? 0) + 1)
  console.log(`${name.padEnd(44)}${peak.toFixed(0).padStart(6)} MiB${seconds.toFixed(1).padStart(7)} s of processor${((Date.now() - begun) / 1000).toFixed(1).padStart(7)} s  ${[...counts].map(([key, count]) => `${count} x ${key}`).join(", ")}`)
  if (peak > MEMORY_LIMIT_MIB) failures.push(`${name}: ${peak.toFixed(0)} MiB of memory`)
  return seconds
}

for (const [handles, count] of [[1024, 1100], [1024, 2048], [0, 1100], [0, 2048]]) {
  for (const begins of ["", "POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\n"]) {
    const gateway = await start(handles)
    const sockets = Array.from({ length: count }, () => {
      const socket = net.connect(gateway.port, gateway.host, () => begins && socket.write(begins))
      return socket.on("error", () => {})
    })
    await pause(1500)
    const sent = Date.now()
    const status = await Promise.race([send(gateway, { method: "GET", path: "/v1/models" }), pause(ANSWER_MS).then(() => "no answer")])
    const name = `${count} ${begins ? "half heads" : "silent connections"}, ${handles || "all"} handles`
    console.log(`${name.padEnd(44)}${String(status).padStart(6)} after ${Date.now() - sent} ms`)
    if (status !== 200) failures.push(`${name}: ${status}`)
    for (const socket of sockets) socket.destroy()
    await gateway.stop()
  }
}

const gateway = await start(0)
answer = (response) => {
  response.writeHead(200, { "content-type": "application/json" })
  response.end(JSON.stringify({ choices: [{ index: 0, message: { content: "Hi" }, finish_reason: "stop" }] }))
}
const request = (messages) => `{"model":"m1","max_tokens":9,"messages":${messages}}`
const padding = Buffer.alloc(MIB, "x")
/** Sends 40 of 41 MiB, and waits. Resolves to the status, if there is one. */
const unfinished = () =>
  new Promise((resolve) => {
    const socket = net.connect(gateway.port, gateway.host)
    let received = ""
    socket.on("data", (data) => (received += data))
    socket.on("error", () => {})
    socket.on("close", () => resolve(received.split(" ")[1] ?? "no answer"))
    socket.write(`POST /v1/messages HTTP/1.1\r\nhost: ${gateway.host}:${gateway.port}\r\nx-api-key: ${pass}\r\ncontent-length: ${41 * MIB}\r\n\r\n`)
    let sent = 0
    const next = () => {
      sent += 1
      if (sent <= 40) socket.write(padding, next)
      else setTimeout(() => socket.destroy(), 3000)
    }
    next()
  })
await measure("40 bodies of 40 MiB that do not end", gateway, () => Promise.all(Array.from({ length: 40 }, unfinished)))
/** A zstd frame with `begin`, `length` times the same letter, and `end`: a few bytes for each MiB (RFC 8878 §3.1.1). */
const packed = (begin, length, end) => {
  const BLOCK = 128 * 1024
  const block = (type, size, data, last) => {
    const head = (size << 3) | (type << 1) | last
    return Buffer.concat([Buffer.from([head & 255, (head >> 8) & 255, head >> 16]), Buffer.from(data)])
  }
  const repeated = Array.from({ length: length / BLOCK }, () => block(1, BLOCK, "x", 0))
  const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58])
  return Buffer.concat([frame, block(0, begin.length, begin, 0), ...repeated, block(0, end.length, end, 1)])
}
const short = packed('{"model":"m1","max_tokens":9,"messages":[{"role":"user","content":"', 60 * MIB, '"}]}')
await measure(`32 bodies of ${short.length} bytes, 60 MiB unpacked`, gateway, () =>
  Promise.all(Array.from({ length: 32 }, () => send(gateway, { headers: { "content-encoding": "zstd" }, body: short }))),
)
for (const [name, body] of [
  ["lists of {}", request(`[${"{},".repeat(2 * MIB)}{}]`)],
  ["content of {}", request(`[{"role":"user","content":[${"{},".repeat(2 * MIB)}{}]}]`)],
  ["tools of {}", `{"model":"m1","max_tokens":9,"messages":[],"tools":[${"{},".repeat(2 * MIB)}{}]}`],
  ["lists of []", request(`[${"[],".repeat(2 * MIB)}[]]`)],
]) {
  for (const path of ["/v1/messages", "/v1/chat/completions", "/v1/messages/count_tokens"]) {
    await measure(`${name}, ${path}`, gateway, () => Promise.all(Array.from({ length: 4 }, () => send(gateway, { path, body }))))
  }
}

const hello = JSON.stringify([{ role: "user", content: "Hi" }])
const event = `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, delta: { content: "x".repeat(600 * 1024) }, finish_reason: "stop" }] })}\n\n`
answer = async (response) => {
  response.writeHead(200, { "content-type": "text/event-stream" })
  response.socket.setNoDelay(true)
  for (let at = 0; at < event.length && !response.destroyed; at += 1) {
    response.write(event[at])
    // Many small pieces, not one large one.
    if (at % 512 === 0) await new Promise(setImmediate)
  }
  response.end()
}
for (const path of ["/v1/messages", "/v1/chat/completions"]) {
  const body = `{"model":"m1","max_tokens":9,"stream":true,"messages":${hello}}`
  const seconds = await measure(`an event in pieces of one byte, ${path}`, gateway, () => send(gateway, { path, body }))
  if (seconds > PIECES_CPU_S) failures.push(`an event in pieces of one byte: ${seconds} s of processor`)
}

const large = `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, delta: { content: "x".repeat(64 * 1024) }, finish_reason: null }] })}\n\n`
answer = async (response) => {
  response.writeHead(200, { "content-type": "text/event-stream" })
  for (let sent = 0; sent < 512 * MIB && !response.destroyed; sent += large.length) {
    await written(response, large)
  }
  response.end()
}
for (const path of ["/v1/messages", "/v1/responses"]) {
  const body = path === "/v1/responses" ? '{"model":"m1","input":"Hi"}' : `{"model":"m1","max_tokens":9,"messages":${hello}}`
  await measure(`an answer of 512 MiB to be collected, ${path}`, gateway, () => send(gateway, { path, body }))
}
answer = async (response) => {
  response.writeHead(200, { "content-type": "text/event-stream" })
  response.write("data: ")
  for (let sent = 0; sent < 256 && !response.destroyed; sent += 1) {
    await written(response, padding)
  }
  response.end()
}
await measure("an event of 256 MiB", gateway, () => send(gateway, { body: `{"model":"m1","max_tokens":9,"stream":true,"messages":${hello}}` }))
await gateway.stop()
service.close()
service.closeAllConnections()
rmSync(home, { recursive: true, force: true })
for (const failure of failures) console.error(`error: ${failure}`)
process.exit(failures.length > 0 ? 1 : 0)
