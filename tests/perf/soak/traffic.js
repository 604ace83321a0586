// Kinds of traffic: each kind is one client's request, and resolves to a word for its result.

import http from "node:http"
import net from "node:net"

import { pause } from "./figures.js"

export const pick = (list) => list[Math.floor(Math.random() * list.length)]
/** Longer than any request takes; one that takes longer hangs. */
const TIMEOUT_MS = 60_000

export const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })

/** Sends one request. Disconnects after `disconnectAfter` chunks; waits `slow` ms before each chunk. */
const send = (gateway, { method = "POST", path, pass, headers = {}, body, disconnectAfter = Infinity, slow = 0 }) =>
  new Promise((resolve) => {
    const sent = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body)
    const options = { host: gateway.host, port: gateway.port, method, path, agent, headers: { authorization: `Bearer ${pass}`, ...headers } }
    if (sent !== undefined) options.headers["content-length"] ??= Buffer.byteLength(sent)
    const request = http.request(options, async (response) => {
      let [chunks, tail] = [0, ""]
      try {
        for await (const chunk of response) {
          chunks += 1
          tail = (tail + chunk.toString("utf8")).slice(-2000)
          if (chunks >= disconnectAfter) return resolve("left")
          if (slow) await pause(slow)
        }
        const troubled = response.statusCode === 200 && /"type":"response.failed"|event: error|"error":\{/.test(tail)
        resolve(troubled ? "200 with an error in it" : String(response.statusCode))
      } catch (error) {
        resolve(`broken: ${error.code}`)
      }
    })
    const begun = Date.now()
    request.setTimeout(TIMEOUT_MS, () => {
      const seconds = Math.round((Date.now() - begun) / 1000)
      request.destroy(Object.assign(new Error(), { code: `HANGS at ${path} after ${seconds} s` }))
    })
    request.on("error", (error) => resolve(`broken: ${error.code}`))
    request.end(sent)
  })

const userMessage = (text) => [{ role: "user", content: text }]
const dialects = {
  responses: (text, stream) => ({ path: "/v1/responses", body: { model: "", input: text, stream } }),
  chat: (text, stream) => ({ path: "/v1/chat/completions", body: { model: "", messages: userMessage(text), stream } }),
  messages: (text, stream) => ({
    path: "/v1/messages?beta=true",
    headers: { "anthropic-version": "2023-06-01" },
    body: {
      model: "claude-opus-5-5",
      max_tokens: 900,
      stream,
      messages: userMessage(text),
      tools: [{ name: "read", description: "Reads a file", input_schema: { type: "object" } }],
    },
  }),
}
const generate = (gateway, text, stream, more = {}) => {
  const pass = pick(Object.values(gateway.passes))
  return send(gateway, { pass, ...pick(Object.values(dialects))(text, stream), ...more })
}

const FAULTS = [
  { kind: "cut", after_events: 1, clean: true },
  { kind: "cut", after_events: 6 },
  { kind: "event", after_events: 5, event: { type: "response.failed", response: { error: { code: "server_is_overloaded" } } } },
  { kind: "status", status: 500 },
  { kind: "status", status: 529, body: "busy" },
  { kind: "refuse", status: 429, code: "rate_limit_exceeded" },
  { kind: "refuse", status: 400, code: "invalid_encrypted_content" },
  { kind: "usage_limit" },
  { kind: "html_challenge" },
  { kind: "delay", ms: 700 },
  { kind: "drop_before" },
  { kind: "drop_after" },
  { kind: "reset_mid_body" },
]

/** Sends bytes on a new connection; resolves to the gateway's status. */
const raw = (gateway, bytes, leave) =>
  new Promise((resolve) => {
    const socket = net.connect(gateway.port, gateway.host, () => socket.write(bytes))
    let reply = ""
    socket.on("data", (chunk) => (reply += chunk))
    socket.on("close", () => resolve(reply.slice(9, 12) || "closed"))
    socket.on("error", () => {})
    if (leave) setTimeout(() => socket.destroy(), leave)
  })

const BAD = [
  (gateway) => send(gateway, { ...dialects.responses("hi", true), pass: "wrong" }),
  (gateway) => send(gateway, { path: "/v1/responses", pass: gateway.passes.plan, body: "{" }),
  (gateway) => send(gateway, { path: "/v1/nothing", method: "GET", pass: gateway.passes.plan }),
  (gateway) => send(gateway, { path: "/v1/models", method: "GET", pass: gateway.passes.plan, headers: { origin: "https://evil.example" } }),
  (gateway) => send(gateway, { path: "/v1/responses", pass: gateway.passes.plan, headers: { "content-encoding": "zstd" }, body: "nothing" }),
  (gateway) => raw(gateway, "GET / HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n"),
  (gateway) => raw(gateway, `POST /v1/responses HTTP/1.1\r\nhost: ${gateway.host}:${gateway.port}\r\ncontent-le`, 300),
  (gateway) => raw(gateway, `GET / HTTP/1.1\r\nhost: a\r\nx: ${"a".repeat(100_000)}\r\n\r\n`),
  (gateway) => raw(gateway, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
]

let revoked = 0
const KINDS = {
  streamed: (gateway) => generate(gateway, "count to 200", true),
  complete: (gateway) => generate(gateway, "count to 60", false),
  long: (gateway) => generate(gateway, `${"All that was said before. ".repeat(4000)} count to 20`, true),
  leaves: (gateway) => generate(gateway, "count to 4000", true, { disconnectAfter: 2 }),
  "reads slowly": (gateway) => generate(gateway, "count to 4000", true, { slow: 40, disconnectAfter: 60 }),
  counts: (gateway) => send(gateway, { path: "/v1/messages/count_tokens", pass: gateway.passes.plan, body: dialects.messages("hello ".repeat(800)).body }),
  lists: (gateway) => send(gateway, { method: "GET", path: pick(["/v1/models", "/v1/models?client_version=0.171.0", "/healthz"]), pass: gateway.passes.plan }),
  "meets a fault": async (gateway) => {
    await gateway.fault(pick(["responses", "compatible.chat_completions"]), pick(FAULTS))
    return generate(gateway, "count to 30", Math.random() < 0.7)
  },
  "leaves a provider that hangs": async (gateway) => {
    await gateway.fault("compatible.responses", { kind: "hang_after", events: 3 })
    return send(gateway, { pass: gateway.hanging, ...dialects.responses("hi", true), disconnectAfter: 1 })
  },
  "asks wrongly": (gateway) => pick(BAD)(gateway),
  "is revoked": async (gateway) => {
    const name = `short-${(revoked += 1)}`
    const pass = await gateway.usher(["pass", "new", name, "--provider", "chatgpt"])
    const sent = send(gateway, { pass, ...dialects.responses("count to 100000", true) })
    await gateway.usher(["pass", "revoke", name])
    return sent
  },
}
const WEIGHTS = { streamed: 30, complete: 15, long: 6, leaves: 10, "reads slowly": 6, counts: 8, lists: 6, "meets a fault": 12, "leaves a provider that hangs": 2, "asks wrongly": 12, "is revoked": 1 }
const BAG = Object.entries(WEIGHTS).flatMap(([name, weight]) => Array(weight).fill(name))

/** Sends one request of `kind`, and resolves to its result. */
export const visit = (gateway, kind) => KINDS[kind](gateway)

/** Sends one request after the other until `over`, and calls `record(kind, result)` for each. */
export const caller = async (gateway, over, record) => {
  while (!over()) {
    const kind = pick(BAG)
    record(kind, await visit(gateway, kind))
  }
}
