// Prints measurements and whether they meet their goals. A figure never fails a test.
const missed = [];

/** How the names of the figures of an older build begin. */
export const older = "before, ";
/** A figure that is more than this ratio worse than in the older build is listed at the end. */
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

/** Prints the figures of this group as ratios to those of the older build; above 1 is worse. */
function compare() {
  for (const [name, before] of group) {
    if (!name.startsWith(older)) continue;
    const now = group.get(name.slice(older.length));
    const ratio = now.more ? before.value / now.value : now.value / before.value;
    const line = `${`${name.slice(older.length)}, to the older build`.padEnd(58)} ${ratio.toFixed(2).padStart(14)}`;
    console.log(line);
    if (ratio > tolerated) worse.push(line);
  }
  group = new Map();
}

/** Prints the missed goals, and what costs more than in an older build, at the end. */
export function conclude() {
  compare();
  if (worse.length > 0) console.log(`\nmore than a tenth worse than the older build: ${worse.length}`);
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
