// The colour that an account's id gives.

/** The number of colours, `--account-1` and further in tokens.css. */
export const colours = 6;

/** Returns a colour from 1 that depends on nothing but the id. */
export function colourOf(id: string): number {
  let value = 7;
  for (const one of id) value = (value * 31 + (one.codePointAt(0) ?? 0)) % 65_521;
  return (value % colours) + 1;
}
