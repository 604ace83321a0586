// What must hold after the day of use, and the figures of it.

import { mostWithin } from "./disk.js"
import { growth, newEndings, printEndings, printSample } from "./figures.js"

/** How each kind of request ends. What came during a sleep is read in few pieces, of which a slow reader may take all. */
const EXPECTED = { streamed: ["200"], complete: ["200"], long: ["200"], lists: ["200"], leaves: ["left"], "reads slowly": ["left", "200"] }
/** How one may end while the network or the provider is away, or connections break. */
const DISTURBED = /^(200|left|50[234]|200 with an error in it|broken: (?!HANGS|ECONNREFUSED).*)$/
const MAX_HOME_BYTES = 50_000_000
/** The time from a write to the store to the next, less what the watcher may see the first one late. */
const WRITES_APART_MS = 950
/** Less than the gateway waits after a refresh that failed, which it counts in whole seconds. */
const BURST_MS = 4000

const mb = (bytes) => `${(bytes / 1_000_000).toFixed(2)} MB`
const reasons = ({ refreshes }, reason) => refreshes.filter(({ body }) => body.refresh_reason === reason).length

/** Memory, handles and threads are as before the day. */
const checkResources = (day) => {
  const failures = growth(day.before.memory, day.after.memory)
  for (const name of ["handles", "threads"]) {
    if (day.after[name] > day.before[name]) failures.push(`${day.after[name]} ${name} after ${day.before[name]}`)
  }
  return failures
}

const isAmong = (times, { begin, end }) => times.some((one) => begin <= one.end && end >= one.begin)
const isDisturbed = ({ disturbances }, visit) => isAmong(disturbances, visit)

/** Every request ended as expected. */
const checkEndings = (day) => {
  const wrong = day.visits.filter((visit) => {
    const { kind, ending } = visit
    return !EXPECTED[kind].includes(ending) && !(isDisturbed(day, visit) && DISTURBED.test(ending))
  })
  const counts = newEndings()
  for (const { kind, ending, hour, begin, end } of wrong) {
    counts.record(kind, `${ending}, in hour ${Math.floor(hour)}`)
    console.log(`unexpected: ${kind} ${ending}, at ${hour.toFixed(2)} for ${end - begin} ms`)
  }
  return counts.sorted().map(([key, count]) => `${count} x ${key}`)
}

/** Every request was counted once, as it ended. */
const checkActivity = (day) => {
  const { sent, visits, activity } = day
  const ended = (ending) => visits.filter((visit) => visit.ending === ending && visit.kind !== "lists")
  const left = ended("left")
  // A response that a client left while connections broke may have failed before that was noticed.
  const surely = left.filter((visit) => !isDisturbed(day, visit))
  // After a sleep the rest of a response comes at once: the gateway may have sent all of it when its client leaves.
  const late = left.filter((visit) => isAmong(day.sleepTimes, visit)).length
  const complete = ended("200").length
  const expected = { requests: [sent, sent], completed: [complete, complete + late], stopped: [surely.length - late, left.length] }
  return Object.entries(expected)
    .filter(([name, [least, most]]) => activity[name] < least || activity[name] > most)
    .map(([name, [least, most]]) => `${activity[name]} requests are counted as ${name}, not ${least} to ${most}`)
}

/** Tokens were renewed, each time once, and nobody was signed out. */
const checkSignIn = (day) => {
  const { refreshes, expiries, status } = day
  const failures = []
  const close = refreshes.filter(({ at_ms: at }, place) => place > 0 && at - refreshes[place - 1].at_ms < BURST_MS).length
  if (close > 0) failures.push(`${close} refreshes came right after another`)
  if (reasons(day, "unauthorized_recovery") !== expiries.length) failures.push(`${reasons(day, "unauthorized_recovery")} refreshes for ${expiries.length} tokens that were refused`)
  if (reasons(day, "proactive_expiry") < 5) failures.push("tokens were not renewed before they expired")
  if (!status.account?.email || status.attention !== null) failures.push(`signed out: ${JSON.stringify(status)}`)
  return failures
}

/** Nothing is written while nothing happens, seldom while something does, and little in all. */
const checkDisk = ({ quiet, writes, home }) => {
  const failures = []
  for (const { bytes, files } of quiet) {
    if (bytes > 0 || files.length > 0) failures.push(`${bytes} bytes were written in a quiet hour, to ${files.join(", ")}`)
  }
  if (quiet.some(({ seconds }) => seconds < 1)) failures.push("a quiet hour was too short")
  if (writes.length === 0) failures.push("no write to the store was seen")
  const most = mostWithin(WRITES_APART_MS, writes)
  if (most > 1) failures.push(`the store was written to ${most} times in a second`)
  if (home > MAX_HOME_BYTES) failures.push(`the home has ${mb(home)}`)
  return failures
}

/** Returns what did not hold. */
export const checkAll = (day) => {
  const failures = [...checkResources(day), ...checkEndings(day), ...checkActivity(day), ...checkSignIn(day), ...checkDisk(day)]
  if (day.exit !== 0) failures.push(`the gateway exited with ${day.exit}`)
  return failures
}

/** Prints the figures of the day. */
export const printAll = (day, endings) => {
  const { sent, visits, activity, counts, refreshes, quiet, writes } = day
  printEndings(endings)
  const line = (name, value) => console.log(`${name.padEnd(40)}${value}`)
  const longest = Math.max(...visits.map(({ begin, end }) => end - begin)) / 1000
  console.log("")
  line("hours of the day", day.hours.toFixed(1))
  line("sleeps, network or provider away", `${day.sleepTimes.length}, ${day.cuts}`)
  line("requests sent, with the warm-up", sent)
  line("requests counted", `${activity.requests}: ${activity.completed} completed, ${activity.stopped} stopped, ${activity.failed} failed`)
  line("requests at the providers", counts.responses + counts["compatible.chat_completions"])
  line("the longest request, sleeps included", `${longest.toFixed(1)} s`)
  line("refreshes", `${refreshes.length}: ${reasons(day, "proactive_expiry")} before the token expired, ${reasons(day, "unauthorized_recovery")} after it was refused`)
  printSample("before", day.before)
  printSample("after", day.after)
  const peak = (name) => Math.max(...day.samples.map((sample) => sample[name]))
  printSample("peak", { memory: peak("memory"), handles: peak("handles"), threads: peak("threads") })
  line("written in quiet hours", quiet.map(({ seconds, bytes }) => `${bytes} bytes in ${seconds.toFixed(0)} s`).join(", "))
  line("written in all", mb(day.bytes))
  line("writes to the store", `${writes.length}; at most ${mostWithin(WRITES_APART_MS, writes)} in a second`)
  line("size of the home", mb(day.home))
}
