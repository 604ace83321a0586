// Sentences from causes of the core. Apart from format.ts, which is loaded for the first paint.

import * as f from "./format";

/** Gives a text a capital at its beginning. */
export const capital = (text: string): string => text.charAt(0).toLocaleUpperCase(f.locale) + text.slice(1);

/**
 * Makes a sentence of a cause: with a capital and the full stop of its language, which may be English. Only its first
 * line; parsers add hints in further ones. The name of a file, a variable or a host stays as it is, and so does no cause.
 */
export function sentence(cause: string): string {
  const line = (cause.split("\n", 1)[0] ?? "").trim();
  const isName = /^\S*[^\s\w,:]\S*\w/.test(line);
  const start = isName ? line : capital(line);
  return /[\w)\]"'`/]$/.test(start) ? `${start}.` : start && f.ended(start);
}
