// Which colours of the palette several accounts have.

import { colourOf, colours } from "./colourOf";

/**
 * Returns the colours of accounts, from 1. An account has the one that its id gives, or the next that is free, so that
 * two accounts differ as long as there are colours. The order of the list does not matter.
 */
export function coloursOf(ids: readonly string[]): Map<string, number> {
  const taken = new Set<number>();
  const found = new Map<string, number>();
  for (const id of ids.toSorted()) {
    let colour = colourOf(id);
    for (let tries = 0; tries < colours && taken.has(colour); tries += 1) colour = (colour % colours) + 1;
    taken.add(colour);
    found.set(id, colour);
  }
  return found;
}
