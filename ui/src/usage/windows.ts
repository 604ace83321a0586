// Usage windows: which are high, which to announce, which limit is reached. Pure functions.

import type { SpendLimit, UsageView, UsageWindow } from "../ipc/bindings";

export const highThreshold = 80;

/** Identifies a window until its reset, so that it is announced once per period. */
export const windowKey = (window: UsageWindow): string =>
  `${window.meter ?? ""}/${window.window_seconds}/${window.resets_at ?? ""}`;

/** How much of a window or of a spend limit is used, and when it starts again. */
export type Share = Pick<UsageWindow | SpendLimit, "used_percent" | "resets_at">;

/** Returns whether it was reset since it was seen: how much of it is used now is not known. */
export const wasReset = (share: Share, now: number): boolean =>
  share.resets_at !== null && share.resets_at <= now;

/** Returns how many percent are used, as far as is known: none after a reset. */
export const usedAt = (share: Share, now: number): number => (wasReset(share, now) ? 0 : share.used_percent);

export const isHigh = (share: Share, now: number): boolean => usedAt(share, now) >= highThreshold;

/** Returns whether there is anything to show. */
export const hasUsage = (view: UsageView): boolean =>
  view.windows.length > 0 ||
  view.spend_limits.length > 0 ||
  view.credits?.has_credits === true ||
  (view.reset_credits?.available ?? 0) > 0;

/** Returns high windows that were not announced yet. */
export function newlyHigh(view: UsageView, announced: ReadonlySet<string>, now: number): UsageWindow[] {
  return view.windows.filter((window) => isHigh(window, now) && !announced.has(windowKey(window)));
}

/**
 * Returns how much is left of the plan's fullest window, in percent; null where no window is known. A window that was
 * reset since it was seen is empty.
 */
export function percentLeft(view: UsageView | null, now: number): number | null {
  const reached = view?.limit_reached ?? null;
  if (reached && (reached.resets_at === null || reached.resets_at > now)) return 0;
  const windows = (view?.windows ?? []).filter(({ meter }) => meter === null);
  if (windows.length === 0) return null;
  return 100 - Math.max(...windows.map((one) => usedAt(one, now)));
}

export interface Limit {
  /** Length of the exhausted window, if known. */
  windowSeconds: number | null;
  resetsAt: number | null;
}

/** Returns the reached limit: reported by the server, its window found by usage. */
export function limitOf(
  view: UsageView | null,
  retryAt: number | null,
  reported: boolean,
  now: number,
): Limit | null {
  const report = view?.limit_reached ?? null;
  const until = report?.resets_at ?? null;
  // A report from before the reset is obsolete.
  const reached = until !== null && until <= now ? null : report;
  if (!reached && !reported) return null;
  const resetsAt = reached?.resets_at ?? retryAt;
  const full = (view?.windows ?? []).filter((window) => window.used_percent >= 100 && window.meter === null);
  const window = full.find((one) => one.resets_at === resetsAt) ?? full.at(-1) ?? null;
  return { windowSeconds: window?.window_seconds ?? null, resetsAt: resetsAt ?? window?.resets_at ?? null };
}
