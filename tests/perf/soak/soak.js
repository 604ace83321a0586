// Sends mixed traffic through the built `usher serve` for some time: its memory must not grow, no handles may leak and
// no request may hang. `./dev soak [MINUTES]` runs it.

import { start } from "./gateway.js"
import { agent, caller } from "./traffic.js"

const CALLERS = 8
const SAMPLE_MS = 10_000
/** How much more the last third may use than the second one. */
const [GROWTH, GROWTH_KIB] = [0.1, 3 * 1024]
/** Idle connections to providers stay open for some time. */
const SETTLE_MS = 120_000

const minutes = Number(process.argv[2] ?? 30)
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const mean = (list) => list.reduce((sum, one) => sum + one, 0) / list.length
const mib = (kib) => `${(kib / 1024).toFixed(1)} MiB`

const gateway = await start()
await gateway.slowly(1)
const before = gateway.sample()
const samples = []
const endings = new Map()
const record = (kind, ending) => {
  const key = `${kind}: ${ending}`
  endings.set(key, (endings.get(key) ?? 0) + 1)
}

const until = Date.now() + minutes * 60_000
const over = () => Date.now() > until || !gateway.isRunning()
const sampling = (async () => {
  while (!over()) {
    await pause(SAMPLE_MS)
    // The sandbox records every request.
    await gateway.forget()
    if (gateway.isRunning()) samples.push(gateway.sample())
  }
})()
await Promise.all([sampling, ...Array.from({ length: CALLERS }, () => caller(gateway, over, record))])

const failures = []
let after = before
if (gateway.isRunning()) {
  agent.destroy()
  const deadline = Date.now() + SETTLE_MS
  do {
    await pause(1000)
    after = gateway.sample()
  } while (after.handles > before.handles && Date.now() < deadline)
  if (after.handles > before.handles) failures.push(`${after.handles - before.handles} handles are not given back`)
} else {
  failures.push("the gateway ended")
}
const code = await gateway.stop()
if (code !== 0) failures.push(`the gateway exited with ${code}`)

const third = Math.floor(samples.length / 3)
const memory = samples.map((sample) => sample.memory)
const [second, last] = [mean(memory.slice(third, -third)), mean(memory.slice(-third))]
if (third === 0) failures.push("too short to compare")
else if (last - second > Math.max(second * GROWTH, GROWTH_KIB)) failures.push(`memory grew from ${mib(second)} to ${mib(last)}`)

const served = [...endings.values()].reduce((sum, one) => sum + one, 0)
for (const [key, count] of [...endings].sort()) {
  console.log(`${String(count).padStart(8)}  ${key}`)
  // A fault hits the next request to a provider, of any kind; these kinds send none, and none may hang.
  if (/HANGS|ECONNREFUSED|^(counts|lists|asks wrongly): (5|broken)/.test(key)) failures.push(key)
}

const row = (name, { memory, handles, threads }) =>
  console.log(`${name.padEnd(8)}${mib(memory).padStart(12)}${String(handles).padStart(9)} handles${String(threads).padStart(5)} threads`)
const peak = (name) => Math.max(...samples.map((sample) => sample[name]))
console.log(`\n${served} visits in ${minutes} minutes, ${Math.round(served / minutes)} a minute`)
row("before", before)
if (samples.length > 0) {
  row("first", samples[0])
  row("last", samples.at(-1))
  row("peak", { memory: peak("memory"), handles: peak("handles"), threads: peak("threads") })
  console.log(`second third ${mib(second)}, last third ${mib(last)}`)
}
row("after", after)
for (const failure of failures) console.error(`error: ${failure}`)
process.exit(failures.length > 0 ? 1 : 0)
