// Watches what the gateway writes to its home.

import { readFileSync, readdirSync, statSync, watch } from "node:fs"
import { join } from "node:path"

const STORE = "state.db"

/**
 * Watches `home`, which has no folders. A write to the store ends with its log moved into the database and deleted, in
 * this order, so each deletion after a change of the database is one write. Reading deletes the log too, but changes
 * nothing.
 */
export const watchDisk = (home) => {
  const changes = []
  const writes = []
  let changed = false
  const watcher = watch(home, (event, name) => {
    changes.push({ at: Date.now(), name })
    if (event === "change" && name === STORE) changed = true
    if (event === "rename" && name === `${STORE}-wal` && changed) {
      writes.push(Date.now())
      changed = false
    }
  })
  return {
    /** When the store was written to. */
    writes,
    /** The files that changed since `begun`. */
    changedSince: (begun) => [...new Set(changes.filter(({ at }) => at >= begun).map(({ name }) => name))],
    stop: () => watcher.close(),
  }
}

/** Bytes that a process had the system write to disks, since it started. */
export const bytesWritten = (pid) => Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))[1])

/** Bytes of all files in a folder. */
export const sizeOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0)

/** The most of `times` within `ms`, all in milliseconds. */
export const mostWithin = (ms, times) =>
  times.reduce((most, begin) => Math.max(most, times.filter((at) => at >= begin && at < begin + ms).length), 0)
