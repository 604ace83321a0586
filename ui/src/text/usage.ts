// Texts of the plan's usage and its windows.

import * as m from "#messages";

import * as f from "./format";

/** Formats "in 2 h 12 min". Beyond a day a date is shown instead. */
export function inTime(secondsLeft: number): string {
  const { hours, minutes } = f.hoursAndMinutes(secondsLeft);
  if (hours === 0) return m.usage_in_minutes({ minutes });
  return minutes === 0 ? m.usage_in_hours({ hours }) : m.usage_in_hours_and_minutes({ hours, minutes });
}

type WindowTexts = Record<"daily" | "weekly", string> &
  Record<"days" | "hours" | "minutes", (count: string) => string>;

/** Returns the text for a usage window of a length. */
function byLength(seconds: number, texts: WindowTexts): string {
  if (seconds === 86_400) return texts.daily;
  if (seconds === 604_800) return texts.weekly;
  if (seconds % 86_400 === 0) return texts.days(f.count(seconds / 86_400));
  if (seconds >= 3_600) return texts.hours(f.count(Math.round(seconds / 3_600)));
  return texts.minutes(f.count(Math.max(1, Math.round(seconds / 60))));
}

const windowNames: WindowTexts = {
  daily: m.usage_window_daily(),
  weekly: m.usage_window_weekly(),
  days: (count) => m.usage_window_days({ count }),
  hours: (count) => m.usage_window_hours({ count }),
  minutes: (count) => m.usage_window_minutes({ count }),
};

/** The same within a sentence. */
const windowsInline: WindowTexts = {
  daily: m.usage_window_inline_daily(),
  weekly: m.usage_window_inline_weekly(),
  days: (count) => m.usage_window_inline_days({ count }),
  hours: (count) => m.usage_window_inline_hours({ count }),
  minutes: (count) => m.usage_window_inline_minutes({ count }),
};

const windowLimits: WindowTexts = {
  daily: m.usage_limit_daily(),
  weekly: m.usage_limit_weekly(),
  days: (count) => m.usage_limit_days({ count }),
  hours: (count) => m.usage_limit_hours({ count }),
  minutes: (count) => m.usage_limit_minutes({ count }),
};

/** Says that the limit of a window is reached; null is a limit of no known window. */
export const windowLimit = (seconds: number | null) =>
  seconds === null ? m.usage_limit() : byLength(seconds, windowLimits);

export const usage = {
  heading: m.usage_heading(),
  window: (seconds: number) => byLength(seconds, windowNames),
  windowOf: (meter: string, seconds: number) => f.list([meter, byLength(seconds, windowsInline)]),
  used: (percent: number) => m.usage_used({ percent: f.percentOf(percent) }),
  valueText: (now: number, percent: number, unix: number) =>
    unix - now < 86_400
      ? m.usage_value_resets_soon({ percent: f.percentOf(percent), time: f.clock(unix) })
      : m.usage_value_resets_later({
          percent: f.percentOf(percent),
          day: f.weekdayOnly(unix),
          time: f.clock(unix),
        }),
  resets: (now: number, unix: number) =>
    unix - now < 86_400
      ? m.usage_resets_soon({ time: f.clock(unix), remaining: inTime(unix - now) })
      : m.usage_resets_later({ day: f.weekdayAndDay(unix), time: f.clock(unix) }),
  little: (now: number, unix: number) =>
    unix - now < 86_400
      ? m.usage_little_resets_soon({ time: f.clock(unix), remaining: inTime(unix - now) })
      : m.usage_little_resets_later({ day: f.weekdayAndDay(unix), time: f.clock(unix) }),
  wasReset: m.usage_was_reset(),
  starting: m.usage_starting(),
  refreshing: m.usage_refreshing(),
  loading: m.usage_loading(),
  credits: (balance: string) => m.usage_credits({ balance }),
  creditsUnlimited: m.usage_credits_unlimited(),
  resetCredits: (available: number, expires: number | null) => {
    const count = f.count(available);
    if (expires === null) return m.usage_resets_in_reserve({ count });
    return m.usage_resets_in_reserve_until({ count, day: f.weekdayAndDay(expires), time: f.clock(expires) });
  },
  highAnnounced: (now: number, percent: number, seconds: number, unix: number | null) => {
    const used = m.usage_high({ percent: f.percentOf(percent), window: byLength(seconds, windowsInline) });
    if (unix === null) return used;
    return f.sentences(
      used,
      unix - now < 86_400
        ? m.usage_high_resets_soon({ time: f.clock(unix) })
        : m.usage_high_resets_later({ day: f.weekdayOnly(unix), time: f.clock(unix) }),
    );
  },
};
