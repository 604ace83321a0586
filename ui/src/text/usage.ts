// Texts of the plan's usage and its windows.

import * as f from "./format";

/** Formats "in 2 h 12 min". Beyond a day a date is shown instead. */
export function inTime(secondsLeft: number): string {
  const { hours, minutes } = f.hoursAndMinutes(secondsLeft);
  if (hours === 0) return `in ${minutes} min`;
  return minutes === 0 ? `in ${hours} h` : `in ${hours} h ${minutes} min`;
}

const windowNames: Record<number, string> = { 18_000: "5-hour", 86_400: "Daily", 604_800: "Weekly" };

/** Returns the name of a usage window by its length, to precede "window" and "limit". */
export function windowName(seconds: number): string {
  const known = windowNames[seconds];
  if (known) return known;
  if (seconds % 86_400 === 0) return `${f.count(seconds / 86_400)}-day`;
  if (seconds >= 3_600) return `${f.count(Math.round(seconds / 3_600))}-hour`;
  return `${f.count(Math.max(1, Math.round(seconds / 60)))}-minute`;
}

export const usage = {
  heading: "Plan usage",
  window: (seconds: number) => `${windowName(seconds)} window`,
  windowOf: (meter: string, seconds: number) => `${meter}, ${windowName(seconds).toLowerCase()} window`,
  used: (percent: number) => `${f.percentOf(percent)} used`,
  valueText: (now: number, percent: number, unix: number) =>
    unix - now < 86_400
      ? `${f.percentOf(percent)} used, resets at ${f.clock(unix)}`
      : `${f.percentOf(percent)} used, resets ${f.weekdayOnly(unix)} at ${f.clock(unix)}`,
  resets: (now: number, unix: number) =>
    unix - now < 86_400
      ? `Resets at ${f.clock(unix)}, ${inTime(unix - now)}`
      : `Resets ${f.weekdayAndDay(unix)}, ${f.clock(unix)}`,
  little: (now: number, unix: number) =>
    unix - now < 86_400
      ? `Almost used up. Resets at ${f.clock(unix)}, ${inTime(unix - now)}`
      : `Almost used up. Resets ${f.weekdayAndDay(unix)}, ${f.clock(unix)}`,
  starting: "Starts with your next request",
  refreshing: "Refreshing",
  loading: "Loading the usage of your plan.",
  credits: (balance: string) => `Credits: ${balance}`,
  creditsUnlimited: "Credits: unlimited",
  highAnnounced: (now: number, percent: number, seconds: number, unix: number | null) => {
    const used = `${f.percentOf(percent)} of the ${windowName(seconds).toLowerCase()} window is used.`;
    if (unix === null) return used;
    return unix - now < 86_400
      ? `${used} It resets at ${f.clock(unix)}.`
      : `${used} It resets ${f.weekdayOnly(unix)} at ${f.clock(unix)}.`;
  },
};
