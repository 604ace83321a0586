// What the usage rows show of each window, and what is worth saying aloud. Pure.

import type { UsageView, UsageWindow } from "../ipc/bindings";

export const highThreshold = 80;

/** One per window and run: saying it again after a reset is right, saying it twice before is not. */
export const windowKey = (window: UsageWindow): string =>
  `${window.meter ?? ""}/${window.window_seconds}/${window.resets_at ?? ""}`;

export const isHigh = (window: UsageWindow): boolean => window.used_percent >= highThreshold;

/** Windows that passed the mark since the last time, without those that were said already. */
export function newlyHigh(view: UsageView, said: ReadonlySet<string>): UsageWindow[] {
  return view.windows.filter((window) => isHigh(window) && !said.has(windowKey(window)));
}

export interface Limit {
  /** Length of the window that is used up, if one is. */
  windowSeconds: number | null;
  resetsAt: number | null;
}

/** The limit that is reached: by the server's word, its window by what is used up. */
export function limitOf(
  view: UsageView | null,
  retryAt: number | null,
  refused: boolean,
  now: number,
): Limit | null {
  const said = view?.limit_reached ?? null;
  const until = said?.resets_at ?? null;
  // What was said before the reset is over with it.
  const reached = until !== null && until <= now ? null : said;
  if (!reached && !refused) return null;
  const resetsAt = reached?.resets_at ?? retryAt;
  const full = (view?.windows ?? []).filter((window) => window.used_percent >= 100 && window.meter === null);
  const window = full.find((one) => one.resets_at === resetsAt) ?? full.at(-1) ?? null;
  return { windowSeconds: window?.window_seconds ?? null, resetsAt: resetsAt ?? window?.resets_at ?? null };
}
