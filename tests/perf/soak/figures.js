// What both kinds of load compare and print.

/** How much more memory may be used later. */
const [GROWTH, GROWTH_KIB] = [0.1, 3 * 1024]

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
export const mib = (kib) => `${(kib / 1024).toFixed(1)} MiB`

/** Returns what is wrong when memory went from `before` to `after` KiB, or nothing. */
export const growth = (before, after) =>
  after - before > Math.max(before * GROWTH, GROWTH_KIB) ? [`memory grew from ${mib(before)} to ${mib(after)}`] : []

/** Prints a sample of the gateway in one line. */
export const printSample = (name, { memory, handles, threads }) =>
  console.log(`${name.padEnd(16)}${mib(memory).padStart(12)}${String(handles).padStart(9)} handles${String(threads).padStart(5)} threads`)

/** Counts how requests ended, by their kind. */
export const newEndings = () => {
  const counts = new Map()
  return {
    record: (kind, ending) => {
      const key = `${kind}: ${ending}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    },
    sorted: () => [...counts].sort(),
    total: () => [...counts.values()].reduce((sum, one) => sum + one, 0),
  }
}

export const printEndings = (endings) => {
  for (const [key, count] of endings.sorted()) console.log(`${String(count).padStart(8)}  ${key}`)
}

/** Waits until `gateway` has no more handles than `before`, for a while. Returns the last sample. */
export const settled = async (gateway, before) => {
  // Idle connections to providers stay open for some time.
  const deadline = Date.now() + 120_000
  let after
  do {
    await pause(1000)
    after = gateway.sample()
  } while (after.handles > before.handles && Date.now() < deadline)
  return after
}

/** Prints what failed, and ends this process with the status for it. */
export const conclude = (failures) => {
  for (const failure of failures) console.error(`error: ${failure}`)
  process.exit(failures.length > 0 ? 1 : 0)
}
