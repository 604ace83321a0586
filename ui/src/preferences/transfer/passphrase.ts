// The passphrase of a transfer file.

/** The core refuses a shorter one. */
export const MIN_PASSPHRASE_CHARS = 12;

/** What is wrong with a new passphrase. */
export type PassphraseProblem = "short" | "differs";

/** Returns what is wrong with a new passphrase that was typed twice; null for a good one. */
export function passphraseProblem(first: string, again: string): PassphraseProblem | null {
  if ([...first.trim()].length < MIN_PASSPHRASE_CHARS) return "short";
  return first === again ? null : "differs";
}
