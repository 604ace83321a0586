// Prints measurements and whether they meet their goals. A figure never fails a test.
const missed = [];

/** Prints one line; `goal` is `{ most }` or `{ least }`. */
export function report(name, value, unit = "", goal = {}) {
  const kept = (goal.most === undefined || value <= goal.most) && (goal.least === undefined || value >= goal.least);
  if (!kept) missed.push(name);
  const wanted = goal.most === undefined ? goal.least && `≥ ${short(goal.least)}` : `≤ ${short(goal.most)}`;
  const against = wanted ? `  goal ${wanted}${unit}  ${kept ? "met" : "MISSED"}` : "";
  console.log(`${name.padEnd(58)} ${`${short(value)}${unit}`.padStart(14)}${against}`);
}

/** Prints the missed goals at the end. */
export function conclude() {
  console.log(missed.length === 0 ? "\nall goals met" : `\ngoals missed: ${missed.length}`);
  for (const name of missed) console.log(`  ${name.trim()}`);
}

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

function short(value) {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  if (value >= 10_000) return `${Math.round(value / 1000)} k`;
  return String(Number(value.toFixed(value < 10 ? 2 : 1)));
}
