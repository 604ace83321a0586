// What callers do: each kind is one caller's visit, and resolves to a word about how it ended.

import http from "node:http"
import net from "node:net"

const pick = (list) => list[Math.floor(Math.random() * list.length)]
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Longer than any visit takes; one that lasts longer hangs. */
const PATIENCE_MS = 60_000

export const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })

/** Sends one request. `leaveAfter` pieces the caller goes; `slow` ms it waits before each piece. */
const ask = (gateway, { method = "POST", path, pass, headers = {}, body, leaveAfter = Infinity, slow = 0 }) =>
  new Promise((resolve) => {
    const sent = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body)
    const options = { host: gateway.host, port: gateway.port, method, path, agent, headers: { authorization: `Bearer ${pass}`, ...headers } }
    if (sent !== undefined) options.headers["content-length"] ??= Buffer.byteLength(sent)
    const request = http.request(options, async (response) => {
      let [pieces, tail] = [0, ""]
      try {
        for await (const piece of response) {
          pieces += 1
          tail = (tail + piece.toString("utf8")).slice(-2000)
          if (pieces >= leaveAfter) return resolve("left")
          if (slow) await pause(slow)
        }
        const troubled = response.statusCode === 200 && /"type":"response.failed"|event: error|"error":\{/.test(tail)
        resolve(troubled ? "200 with an error in it" : String(response.statusCode))
      } catch (error) {
        resolve(`broken: ${error.code}`)
      }
    })
    const begun = Date.now()
    request.setTimeout(PATIENCE_MS, () => {
      const seconds = Math.round((Date.now() - begun) / 1000)
      request.destroy(Object.assign(new Error(), { code: `HANGS at ${path} after ${seconds} s` }))
    })
    request.on("error", (error) => resolve(`broken: ${error.code}`))
    request.end(sent)
  })

const says = (text) => [{ role: "user", content: text }]
const dialects = {
  responses: (text, stream) => ({ path: "/v1/responses", body: { model: "", input: text, stream } }),
  chat: (text, stream) => ({ path: "/v1/chat/completions", body: { model: "", messages: says(text), stream } }),
  messages: (text, stream) => ({
    path: "/v1/messages?beta=true",
    headers: { "anthropic-version": "2023-06-01" },
    body: {
      model: "claude-opus-5-5",
      max_tokens: 900,
      stream,
      messages: says(text),
      tools: [{ name: "read", description: "Reads a file", input_schema: { type: "object" } }],
    },
  }),
}
const answer = (gateway, text, stream, more = {}) => {
  const pass = pick(Object.values(gateway.passes))
  return ask(gateway, { pass, ...pick(Object.values(dialects))(text, stream), ...more })
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

/** Bytes on a connection of their own; how the gateway took them. */
const raw = (gateway, bytes, leave) =>
  new Promise((resolve) => {
    const socket = net.connect(gateway.port, gateway.host, () => socket.write(bytes))
    let said = ""
    socket.on("data", (piece) => (said += piece))
    socket.on("close", () => resolve(said.slice(9, 12) || "closed"))
    socket.on("error", () => {})
    if (leave) setTimeout(() => socket.destroy(), leave)
  })

const BAD = [
  (gateway) => ask(gateway, { ...dialects.responses("hi", true), pass: "wrong" }),
  (gateway) => ask(gateway, { path: "/v1/responses", pass: gateway.passes.plan, body: "{" }),
  (gateway) => ask(gateway, { path: "/v1/nothing", method: "GET", pass: gateway.passes.plan }),
  (gateway) => ask(gateway, { path: "/v1/models", method: "GET", pass: gateway.passes.plan, headers: { origin: "https://evil.example" } }),
  (gateway) => ask(gateway, { path: "/v1/responses", pass: gateway.passes.plan, headers: { "content-encoding": "zstd" }, body: "nothing" }),
  (gateway) => raw(gateway, "GET / HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n"),
  (gateway) => raw(gateway, `POST /v1/responses HTTP/1.1\r\nhost: ${gateway.host}:${gateway.port}\r\ncontent-le`, 300),
  (gateway) => raw(gateway, `GET / HTTP/1.1\r\nhost: a\r\nx: ${"a".repeat(100_000)}\r\n\r\n`),
  (gateway) => raw(gateway, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
]

let revoked = 0
const VISITS = {
  streamed: (gateway) => answer(gateway, "count to 200", true),
  whole: (gateway) => answer(gateway, "count to 60", false),
  long: (gateway) => answer(gateway, `${"All that was said before. ".repeat(4000)} count to 20`, true),
  leaves: (gateway) => answer(gateway, "count to 4000", true, { leaveAfter: 2 }),
  "reads slowly": (gateway) => answer(gateway, "count to 4000", true, { slow: 40, leaveAfter: 60 }),
  counts: (gateway) => ask(gateway, { path: "/v1/messages/count_tokens", pass: gateway.passes.plan, body: dialects.messages("hello ".repeat(800)).body }),
  lists: (gateway) => ask(gateway, { method: "GET", path: pick(["/v1/models", "/v1/models?client_version=0.169.0", "/healthz"]), pass: gateway.passes.plan }),
  "meets a fault": async (gateway) => {
    await gateway.fault(pick(["responses", "compatible.chat_completions"]), pick(FAULTS))
    return answer(gateway, "count to 30", Math.random() < 0.7)
  },
  "leaves a provider that hangs": async (gateway) => {
    await gateway.fault("compatible.responses", { kind: "hang_after", events: 3 })
    return ask(gateway, { pass: gateway.hanging, ...dialects.responses("hi", true), leaveAfter: 1 })
  },
  "asks wrongly": (gateway) => pick(BAD)(gateway),
  "is revoked": async (gateway) => {
    const name = `short-${(revoked += 1)}`
    const pass = await gateway.usher(["pass", "new", name, "--provider", "chatgpt"])
    const asked = ask(gateway, { pass, ...dialects.responses("count to 100000", true) })
    await gateway.usher(["pass", "revoke", name])
    return asked
  },
}
const WEIGHTS = { streamed: 30, whole: 15, long: 6, leaves: 10, "reads slowly": 6, counts: 8, lists: 6, "meets a fault": 12, "leaves a provider that hangs": 2, "asks wrongly": 12, "is revoked": 1 }
const BAG = Object.entries(WEIGHTS).flatMap(([name, weight]) => Array(weight).fill(name))

/** One caller after the other until `over`; `tell(kind, ending)` hears of each. */
export const caller = async (gateway, over, tell) => {
  while (!over()) {
    const kind = pick(BAG)
    tell(kind, await VISITS[kind](gateway))
  }
}
