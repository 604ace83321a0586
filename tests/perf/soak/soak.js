// Sends mixed traffic through the built `usher serve` for some time: its memory must not grow, no handles may leak and
// no request may hang. `./dev soak [MINUTES]` runs it.

import { conclude, growth, mib, newEndings, pause, printEndings, printSample, settled } from "./figures.js"
import { start } from "./gateway.js"
import { agent, caller } from "./traffic.js"

const CALLERS = 8
const SAMPLE_MS = 10_000

const minutes = Number(process.argv[2] ?? 30)
const mean = (list) => list.reduce((sum, one) => sum + one, 0) / list.length

const gateway = await start()
await gateway.slowly(1)
const before = gateway.sample()
const samples = []
const endings = newEndings()

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
await Promise.all([sampling, ...Array.from({ length: CALLERS }, () => caller(gateway, over, endings.record))])

const failures = []
let after = before
if (gateway.isRunning()) {
  agent.destroy()
  after = await settled(gateway, before)
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
else failures.push(...growth(second, last))

printEndings(endings)
for (const [key] of endings.sorted()) {
  // A fault hits the next request to a provider, of any kind; these kinds send none, and none may hang.
  if (/HANGS|ECONNREFUSED|^(counts|lists|asks wrongly): (5|broken)/.test(key)) failures.push(key)
}

const peak = (name) => Math.max(...samples.map((sample) => sample[name]))
console.log(`\n${endings.total()} visits in ${minutes} minutes, ${Math.round(endings.total() / minutes)} a minute`)
printSample("before", before)
if (samples.length > 0) {
  printSample("first", samples[0])
  printSample("last", samples.at(-1))
  printSample("peak", { memory: peak("memory"), handles: peak("handles"), threads: peak("threads") })
  console.log(`second third ${mib(second)}, last third ${mib(last)}`)
}
printSample("after", after)
conclude(failures)
