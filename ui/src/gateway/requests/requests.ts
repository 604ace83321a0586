// Rows of the request table: the latest, newest first.

import type { PassView, RequestUpdate, RequestView } from "../../ipc/bindings";

export const maxRows = 200;

/** The icon of each status, and its colour. */
export const statusIcons = {
  answering: ["busy", undefined],
  done: ["check", "ok"],
  stopped: ["minus", undefined],
  not_in_pass: ["error", "error"],
  limit_reached: ["warn", "warn"],
  failed: ["error", "error"],
} as const;

/** Merges new and updated requests into the rows. A full snapshot replaces them. */
export function mergeRequests(
  rows: readonly RequestView[],
  { requests, whole }: RequestUpdate,
): RequestView[] {
  const all = new Map(whole ? [] : rows.map((row) => [row.id, row]));
  for (const row of requests) all.set(row.id, row);
  return [...all.values()].toSorted((one, other) => other.id - one.id).slice(0, maxRows);
}

/**
 * Returns the rows that a held list shows: none newer than `newest`. Without it, all of them. A row in the list goes on
 * changing; it only keeps its place.
 */
export function heldRows(rows: readonly RequestView[], newest: number | null): readonly RequestView[] {
  return newest === null ? rows : rows.filter((row) => row.id <= newest);
}

/** Returns the newest request of a pass, not of an older pass of the same name. */
export const latestOf = (pass: PassView, rows: readonly RequestView[]): RequestView | null =>
  rows.find((row) => row.pass === pass.name && row.since >= pass.created_at) ?? null;

/** Returns the last use of a pass: the core's record, or a newer request. */
export function lastUsedAt(pass: PassView, rows: readonly RequestView[]): number | null {
  const newest = latestOf(pass, rows);
  const known = pass.last_used_at;
  return newest && newest.since > (known ?? 0) ? newest.since : known;
}
