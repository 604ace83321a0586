// A day of use at 100 times its speed, through the built `usher serve`: 10,000 requests of several programs, hours in
// which none come, bursts, clients that leave, a network that comes and goes, sleeps of the computer, and tokens that
// expire. `./dev soak --day` runs it. The gateway's own times stay as they are, so it is held to the same limits within
// a hundredth of the time.

import { checkAll, printAll } from "./day-checks.js"
import { watchDisk } from "./disk.js"
import { conclude, newEndings, pause, settled } from "./figures.js"
import { start } from "./gateway.js"
import { startNetwork } from "./network.js"
import { agent, pick, visit } from "./traffic.js"

/** How many times faster than a day; a trial may be faster, but then the quiet hours are hardly longer than a write. */
const SPEED = Number(process.argv[2] ?? 100)
const HOUR_MS = 3_600_000 / SPEED
/** Requests in each hour of the day: 10,000. The first is the hour after midnight. */
const HOURS = [0, 0, 0, 0, 0, 0, 0, 100, 500, 1000, 1300, 1100, 300, 800, 1300, 1200, 900, 600, 200, 0, 400, 250, 50, 0]
/** How many of the requests of the first busy hour come before the computer wakes. */
const WAITING = 40
/** Half of the requests come in bursts of so many. */
const BURST = 25
/** As many as in the busiest hour, and as fast: what a heap has used once at its peak stays in it in part. */
const WARM_UP = 1300
/** Longer than the gateway waits before it writes down what it counted last, and before it gives memory back. */
const WRITTEN_AFTER_MS = 12_000
/** An access token is renewed five minutes before it expires (protocol §3.2); so many seconds later than that with ours. */
const [MARGIN_S, FRESH_S] = [300, 40]
/** How long after a failed refresh clients are answered the same. */
const BACKOFF_MS = 6_000
/** How long it may take until requests have met all faults. */
const FAULTS_MS = 30_000

/** Its plan has windows, of which the day uses about half: what responses say of them changes all the time. */
const [ACCOUNT, GROWTH_FACTOR] = ["pia", 0.01]

/** How often each kind of request comes. Lists, which are not counted, come besides. Token counts do not: what is loaded for
 * them for a minute is more than all else, and would hide growth; they are part of the soak. */
const WEIGHTS = { streamed: 40, complete: 25, long: 6, leaves: 15, "reads slowly": 4 }
const BAG = Object.entries(WEIGHTS).flatMap(([name, weight]) => Array(weight).fill(name))
const LISTS_SHARE = 0.05

const gateway = await start({ through: startNetwork, account: ACCOUNT })
await gateway.slowly(1)
await gateway.growth(ACCOUNT, GROWTH_FACTOR)
const disk = watchDisk(gateway.home)
const begun = { handles: gateway.sample().handles }
const day = { sent: 0, visits: [], disturbances: [], quiet: [], samples: [], expiries: [], sleepTimes: [], cuts: 0 }
const running = new Set()
/** When the day begins. */
let midnight
const hourOf = (time) => (time - midnight) / HOUR_MS

/** Sends a request of `kind` and notes how it ended. */
const send = (kind) => {
  if (kind !== "lists") day.sent += 1
  const sent = { kind, begin: Date.now() }
  const ended = visit(gateway, kind).then((ending) => {
    day.visits.push({ ...sent, ending, end: Date.now(), hour: hourOf(sent.begin) })
    running.delete(ended)
  })
  running.add(ended)
}
const sendAny = () => {
  send(pick(BAG))
  if (Math.random() < LISTS_SHARE) send("lists")
}
const sendMany = (count) => Array.from({ length: count }, sendAny)

const allEnded = async () => {
  while (running.size > 0) await Promise.all(running)
}

/** Returns a sample after a rest, with no more handles than `earlier` if they are given back. */
const rested = async (earlier) => {
  agent.destroy()
  await pause(WRITTEN_AFTER_MS)
  return settled(gateway, earlier)
}

/** Spreads requests over some time: half of them evenly, half in bursts. */
const spread = async (count, ms) => {
  const evenly = Array.from({ length: Math.ceil(count / 2) }, () => ({ after: Math.random() * ms, many: 1 }))
  const bursts = []
  for (let left = Math.floor(count / 2); left > 0; left -= BURST) bursts.push({ after: Math.random() * ms, many: Math.min(BURST, left) })
  const since = Date.now()
  for (const { after, many } of [...evenly, ...bursts].sort((one, other) => one.after - other.after)) {
    await pause(since + after - Date.now())
    sendMany(many)
  }
}

/** Waits until an hour of the day. */
const at = (hour) => pause(midnight + hour * HOUR_MS - Date.now())

/** Requests that run during `work`, or until some time after it, may fail. */
const disturb = async (work, after = 0) => {
  const disturbance = { begin: Date.now(), end: Infinity }
  day.disturbances.push(disturbance)
  await work()
  disturbance.end = Date.now() + after
}
const fallAsleep = () => {
  day.sleepTimes.push({ begin: Date.now(), end: Infinity })
  gateway.sleep()
}
const wake = () => {
  gateway.wake()
  day.sleepTimes.at(-1).end = Date.now()
}
const sleep = async (ms) => {
  fallAsleep()
  await pause(ms)
  wake()
}
const cutNetwork = async (ms) => {
  day.cuts += 1
  await gateway.network.cut()
  await pause(ms)
  await gateway.network.restore()
}
/** The server refuses the token before it expires. */
const expireTokens = async () => {
  day.expiries.push(Date.now())
  await gateway.expireTokens()
}
/** The provider fails some requests in each of the ways in which a connection can break. */
const breakConnections = async () => {
  for (const kind of ["drop_before", "drop_after", "reset_mid_body"]) {
    for (const where of ["responses", "compatible.chat_completions"]) await gateway.fault(where, { kind }, 5)
  }
  const deadline = Date.now() + FAULTS_MS
  while ((await gateway.faults()).length > 0 && Date.now() < deadline) await pause(200)
}

/** Measures what is written between two hours in which no request comes. */
const quiet = async (from, to) => {
  await at(from)
  await allEnded()
  await pause(WRITTEN_AFTER_MS)
  const [since, before] = [Date.now(), gateway.bytesWritten()]
  await at(to)
  const files = disk.changedSince(since)
  day.quiet.push({ seconds: (Date.now() - since) / 1000, bytes: gateway.bytesWritten() - before, files })
}

const night = async () => {
  await quiet(0, 2.9)
  await at(3)
  fallAsleep()
  await gateway.tokensLast(MARGIN_S + FRESH_S)
  await at(6.9)
  sendMany(WAITING)
  await at(7)
  // The network comes back later than the programs, also for the refresh that they wait for.
  await disturb(async () => {
    await gateway.fault("token.refresh_token", { kind: "drop_before" })
    await Promise.all([cutNetwork(3000), wake()])
  }, BACKOFF_MS)
}

/** What happens besides requests, by the hour. */
const EVENTS = [
  [9.3, () => disturb(() => cutNetwork(2000))],
  [10.4, expireTokens],
  [12.2, () => sleep(HOUR_MS / 3)],
  [13.2, () => disturb(breakConnections)],
  [14.3, () => disturb(() => cutNetwork(HOUR_MS / 4))],
  [16.4, async () => {
    await expireTokens()
    await sleep(3000)
  }],
  [17.5, () => disturb(async () => gateway.network.reset())],
  [22.5, () => sleep(3000)],
]

const events = async () => {
  for (const [hour, happen] of EVENTS) {
    await at(hour)
    await happen()
  }
}
const requests = async () => {
  for (const [hour, count] of HOURS.entries()) {
    await at(hour)
    console.log(`${String(hour).padStart(2)}:00  ${day.sent} sent, ${running.size} running`)
    const left = count - (hour === 7 ? WAITING : 0)
    if (left > 0) await spread(left, HOUR_MS * 0.95)
  }
}

let over = false
const sampling = async () => {
  while (!over) {
    day.samples.push({ hour: hourOf(Date.now()), ...gateway.sample() })
    await pause(HOUR_MS / 10)
  }
}

// The day before: the token is refused, and the next one expires while the computer sleeps.
await gateway.tokensLast(Math.round((5.3 * HOUR_MS) / 1000))
await expireTokens()
await spread(WARM_UP, HOUR_MS)
await allEnded()
day.before = await rested(begun)
day.bytesBefore = gateway.bytesWritten()

midnight = Date.now()
const sampled = sampling()
await Promise.all([requests(), events(), night(), quiet(19, 20), quiet(23, 24)])
over = true
await sampled
await allEnded()
day.after = await rested(day.before)
day.bytes = gateway.bytesWritten() - day.bytesBefore
day.hours = hourOf(Date.now())
// The first use of each pass, which is written at once, was before.
day.writes = disk.writes.filter((at) => at >= midnight)
day.home = gateway.sizeOfHome()
day.refreshes = await gateway.received("token.refresh_token")
day.counts = await gateway.counts()
day.status = JSON.parse(await gateway.usher(["status", "--json"]))
day.activity = JSON.parse(await gateway.usher(["activity", "--json"])).activity.total
disk.stop()
day.exit = await gateway.stop()

const endings = newEndings()
for (const { kind, ending } of day.visits) endings.record(kind, ending)
printAll(day, endings)
conclude(checkAll(day))
