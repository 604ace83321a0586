// Prints measurements and whether they meet their goals. A figure never fails a test.
const missed = [];

/**
 * How the names of the figures of an older build begin. It is measured twice, by two processes, because a figure that
 * differs between two processes of one program says nothing about a change of it.
 */
export const older = ["before, ", "before again, "];
/** A figure that is more than this ratio worse than both of the older build is listed at the end. */
const tolerated = 1.1;
const worse = [];
let group = new Map();

/** Ends the group of figures before, and prints the heading of the next. */
export function heading(words) {
  compare();
  console.log(`\n${words}`);
}

/** Prints one line; `goal` is `{ most }` or `{ least }`. */
export function report(name, value, unit = "", goal = {}) {
  group.set(name, { value, more: unit === " /s" });
  const kept = (goal.most === undefined || value <= goal.most) && (goal.least === undefined || value >= goal.least);
  if (!kept) missed.push(name);
  const wanted = goal.most === undefined ? goal.least && `≥ ${short(goal.least)}` : `≤ ${short(goal.most)}`;
  const against = wanted ? `  goal ${wanted}${unit}  ${kept ? "met" : "MISSED"}` : "";
  console.log(`${name.padEnd(58)} ${`${short(value)}${unit}`.padStart(14)}${against}`);
}

/** Returns how much worse `now` is than `before`; above 1 is worse. Equal figures, also two of zero, are 1. */
const ratio = (now, before) =>
  now.value === before.value ? 1 : now.more ? before.value / now.value : now.value / before.value;

/** Prints the figures of this group as ratios to those of the older build, and of that one to itself. */
function compare() {
  for (const [name, now] of group) {
    const [first, again] = older.map((begin) => group.get(begin + name));
    if (!first || !again) continue;
    const [better, other] = ratio(first, again) > 1 ? [again, first] : [first, again];
    const against = ratio(now, other).toFixed(2).padStart(14);
    const line = `${`${name}, to the older build`.padEnd(58)} ${against}  and that to itself ${ratio(other, better).toFixed(2)}`;
    console.log(line);
    if (ratio(now, other) > tolerated) worse.push(line);
  }
  group = new Map();
}

/** Prints the missed goals, and what costs more than in an older build, at the end. */
export function conclude() {
  compare();
  if (worse.length > 0) console.log(`\nmore than a tenth worse than both processes of the older build: ${worse.length}`);
  for (const line of worse) console.log(`  ${line}`);
  console.log(missed.length === 0 ? "\nall goals met" : `\ngoals missed: ${missed.length}`);
  for (const name of missed) console.log(`  ${name.trim()}`);
}

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

function short(value) {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  if (value >= 10_000) return `${Math.round(value / 1000)} k`;
  return String(Number(value.toFixed(value < 10 ? 2 : 1)));
}
