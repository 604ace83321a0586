// The requests of the table: the newest first, and no more than the last ones.

import type { PassView, RequestNews, RequestView } from "../ipc/bindings";

export const maxRows = 200;

/** The rows with what is new, or newer, of them. */
export function mergeRequests(rows: readonly RequestView[], { requests, whole }: RequestNews): RequestView[] {
  const all = new Map(whole ? [] : rows.map((row) => [row.id, row]));
  for (const row of requests) all.set(row.id, row);
  return [...all.values()].toSorted((one, other) => other.id - one.id).slice(0, maxRows);
}

/** When the pass was used last: what the core has written down, or a newer row says. */
export function lastUsedAt(pass: PassView, rows: readonly RequestView[]): number | null {
  const newest = rows.find((row) => row.pass === pass.name && row.since >= pass.created_at);
  const known = pass.last_used_at;
  return newest && newest.since > (known ?? 0) ? newest.since : known;
}
