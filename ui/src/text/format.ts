// Formats numbers, times and plurals with Intl, in the language of the texts and the computer's conventions.

import * as m from "#messages";

/** The computer's locale of the page's language decides "24 November" or "November 24"; others get the former. */
const computers = globalThis.navigator?.language ?? "";
const isEnglish = __LANGUAGE__.startsWith("en");
export const locale = computers.startsWith(__LANGUAGE__.slice(0, 2))
  ? computers
  : isEnglish
    ? "en-GB"
    : __LANGUAGE__;

/** Makes a formatter at its first use: none is needed for the first paint of some pages, and each costs time and memory. */
const onFirstUse = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => (made ??= make());
};

/** The computer's hours, with two digits in 24-hour time (08:05), one in 12-hour time (8:05 am). */
export const hours = onFirstUse((): Intl.DateTimeFormatOptions => {
  const { hourCycle } = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions();
  return { hour: hourCycle === "h12" || hourCycle === "h11" ? "numeric" : "2-digit", hourCycle };
});
export const dates = (options: () => Intl.DateTimeFormatOptions) =>
  onFirstUse(() => new Intl.DateTimeFormat(locale, options()));
export const numbers = (options: Intl.NumberFormatOptions, of = locale) =>
  onFirstUse(() => new Intl.NumberFormat(of, options));

const time = dates(() => ({ ...hours(), minute: "2-digit" }));
const weekday = dates(() => ({ weekday: "long", day: "numeric", month: "long" }));
const day = dates(() => ({ day: "numeric", month: "long" }));
const dayName = dates(() => ({ weekday: "long" }));
/** Not `timeStyle`, which has two digits in 12-hour time. */
const exact = dates(() => ({
  ...hours(),
  weekday: "long",
  year: "numeric",
  month: "long",
  day: "numeric",
  minute: "2-digit",
}));
const relative = onFirstUse(() => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
const integer = numbers({ maximumFractionDigits: 0 });
const tenth = numbers({ minimumFractionDigits: 1, maximumFractionDigits: 1 });
const percent = numbers({ style: "percent", maximumFractionDigits: 0 });
/** British English would format 400k; model lists use K. */
const compact = numbers(
  {
    notation: "compact",
    maximumFractionDigits: 1,
    maximumSignificantDigits: 3,
    roundingPriority: "lessPrecision",
  },
  isEnglish ? "en" : locale,
);
const rules = onFirstUse(() => new Intl.PluralRules(locale));

export const at = (unix: number) => new Date(unix * 1000);

export const clock = (unix: number) => time().format(at(unix));
/** English dates in a sentence have no commas of their own. */
export const weekdayAndDay = (unix: number) => {
  const date = weekday().format(at(unix));
  return isEnglish ? date.replace(/,/g, "") : date;
};
export const dayOnly = (unix: number) => day().format(at(unix));
export const weekdayOnly = (unix: number) => dayName().format(at(unix));
export const exactTime = (unix: number) => exact().format(at(unix));
export const count = (n: number) => integer().format(n);
export const short = (n: number) => compact().format(n);
export const percentOf = (n: number) => percent().format(Math.min(100, Math.max(0, n)) / 100);
export const seconds = (ms: number) => tenth().format(ms / 1000);

/** Returns the number of calendar days from `now` to `unix` in local time; yesterday is -1. */
export function daysFrom(now: number, unix: number): number {
  const midnight = (t: number) => at(t).setHours(0, 0, 0, 0);
  return Math.round((midnight(unix) - midnight(now)) / 86_400_000);
}

/** Returns "today", "yesterday", "tomorrow", or weekday and date. */
export function dayNear(now: number, unix: number): string {
  const days = daysFrom(now, unix);
  return Math.abs(days) <= 1 ? relative().format(days, "day") : weekdayAndDay(unix);
}

export const secondsAgo = (ago: number) => relative().format(-ago, "second");
export const daysAgo = (days: number) => relative().format(-days, "day");
export const minutesAgo = (minutes: number) => relative().format(-minutes, "minute");

/** Splits into hours and minutes, rounded up so that "0 min" is never shown. */
export function hoursAndMinutes(secondsLeft: number): { hours: number; minutes: number } {
  const minutes = Math.max(1, Math.ceil(secondsLeft / 60));
  return { hours: Math.floor(minutes / 60), minutes: minutes % 60 };
}

/** Formats minutes and seconds of a countdown as `4:32`. */
export function countdown(secondsLeft: number): string {
  const left = Math.max(0, Math.ceil(secondsLeft));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}

/** Returns the text for a number by the language's rules of plurals. The build puts calls of it into messages. */
export const plural = (n: number, forms: Partial<Record<Intl.LDMLPluralRule, string>>): string =>
  forms[rules().select(n)] ?? forms.other ?? "";

/** Lists parts as the language does without "and". */
export const list = (parts: readonly string[]) => parts.join(m.list_separator());

/** Puts one sentence after another, without those that are not there. A cause may be in English in any language. */
export const sentences = (...all: readonly (string | null | undefined)[]) => {
  let text = "";
  for (const one of all) {
    if (!one) continue;
    if (text) text += /[.?!]$/.test(text) ? " " : m.list_between_sentences();
    text += one;
  }
  return text;
};

/** Gives a sentence its full stop, if nothing else ends it. */
export const ended = (sentence: string) =>
  /[.?!。？！]$/.test(sentence) ? sentence : m.list_sentence({ sentence });

/** Returns the text before and after the part of a message that is marked, for example as a link. */
export function around(message: (mark: string) => string): [string, string] {
  const [before = "", after = ""] = message("\u0000").split("\u0000");
  return [before, after];
}
