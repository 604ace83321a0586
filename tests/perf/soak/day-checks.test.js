// Each check of the day of use fails when what it checks is broken.

import assert from "node:assert/strict"
import { test } from "node:test"

import { checkAll, printAll } from "./day-checks.js"
import { newEndings } from "./figures.js"

const REFRESH_MS = 40_000

/** A day in which all holds. */
const good = () => {
  const visits = [
    { kind: "streamed", begin: 0, end: 1, ending: "200", hour: 9 },
    { kind: "leaves", begin: 2, end: 3, ending: "left", hour: 9 },
    { kind: "long", begin: 100, end: 110, ending: "502", hour: 10 },
    { kind: "lists", begin: 4, end: 5, ending: "200", hour: 11 },
  ]
  const refreshes = ["proactive_expiry", "proactive_expiry", "proactive_expiry", "proactive_expiry", "proactive_expiry", "unauthorized_recovery"]
  return {
    sent: 3,
    visits,
    disturbances: [{ begin: 105, end: 120 }],
    quiet: [{ seconds: 60, bytes: 0, files: [] }],
    samples: [{ memory: 30_000, handles: 20, threads: 5 }],
    expiries: [1],
    sleepTimes: [{ begin: 1000, end: 1100 }],
    cuts: 1,
    hours: 24,
    exit: 0,
    before: { memory: 20_000, handles: 10, threads: 3 },
    after: { memory: 21_000, handles: 10, threads: 3 },
    bytes: 1_000_000,
    writes: [0, 10_000],
    home: 1_000_000,
    refreshes: refreshes.map((refresh_reason, place) => ({ at_ms: place * REFRESH_MS, body: { refresh_reason } })),
    counts: { responses: 2, "compatible.chat_completions": 1 },
    status: { account: { email: "eve@example.com" }, attention: null },
    activity: { requests: 3, completed: 1, stopped: 1, failed: 1 },
  }
}

test("a slow reader that gets all after a sleep passes", () => {
  const day = good()
  day.visits.push({ kind: "reads slowly", begin: 5, end: 9, ending: "200", hour: 12 })
  day.sent += 1
  day.activity.requests += 1
  day.activity.completed += 1
  assert.deepEqual(checkAll(day), [])
})

test("a client that leaves after a sleep may have been sent all", () => {
  const day = good()
  day.sleepTimes.push({ begin: 2, end: 2 })
  day.activity.completed += 1
  day.activity.stopped -= 1
  assert.deepEqual(checkAll(day), [])
})

test("a good day passes and can be printed", (t) => {
  t.mock.method(console, "log", () => {})
  assert.deepEqual(checkAll(good()), [])
  printAll(good(), newEndings())
})

for (const [name, spoil, failure] of [
  ["memory grew", (day) => (day.after.memory += 4000), /memory grew/],
  ["handles", (day) => (day.after.handles += 1), /11 handles after 10/],
  ["threads", (day) => (day.after.threads += 1), /4 threads after 3/],
  ["wrong ending", (day) => (day.visits[0].ending = "500"), /streamed: 500, in hour 9/],
  ["wrong ending after the network is back", (day) => (day.visits[2].begin = 121), /long: 502/],
  ["hangs while the network is away", (day) => (day.visits[2].ending = "broken: HANGS"), /HANGS/],
  ["not answered while the network is away", (day) => (day.visits[2].ending = "401"), /long: 401/],
  ["counted twice", (day) => (day.activity.requests += 1), /4 requests are counted as requests, not 3 to 3/],
  ["counted as another", (day) => (day.activity.completed -= 1), /0 requests are counted as completed, not 1 to 1/],
  ["burst of refreshes", (day) => (day.refreshes[1].at_ms = 100), /right after another/],
  ["refused token renewed twice", (day) => (day.refreshes[0].body.refresh_reason = "unauthorized_recovery"), /2 refreshes for 1/],
  ["never renewed", (day) => day.refreshes.splice(0, 5), /not renewed/],
  ["signed out", (day) => (day.status.account = null), /signed out/],
  ["asks for attention", (day) => (day.status.attention = "sign_in_required"), /signed out/],
  ["quiet hour with bytes", (day) => (day.quiet[0].bytes = 4096), /4096 bytes were written in a quiet hour/],
  ["quiet hour with a file", (day) => day.quiet[0].files.push("state.db"), /state\.db/],
  ["no quiet hour", (day) => (day.quiet[0].seconds = 0), /too short/],
  ["more than one write in a second", (day) => day.writes.push(10_850), /2 times in a second/],
  ["no write", (day) => (day.writes = []), /no write/],
  ["large home", (day) => (day.home = 51_000_000), /51\.00 MB/],
  ["failed at its end", (day) => (day.exit = 1), /exited with 1/],
]) {
  test(`fails: ${name}`, () => {
    const day = good()
    spoil(day)
    assert.ok(checkAll(day).some((one) => failure.test(one)), checkAll(day).join("; ") || "nothing failed")
  })
}
