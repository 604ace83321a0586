// Keyboard movement in the list of a pop-over. Pure functions.

/** Options that Page Up and Page Down skip. */
const pageSize = 5;

/** Returns the active index after a key, or null for keys that the list does not handle. */
export function nextActive(active: number, count: number, key: string): number | null {
  const last = count - 1;
  if (last < 0) return null;
  switch (key) {
    case "ArrowDown":
      return active >= last ? 0 : active + 1;
    case "ArrowUp":
      return active <= 0 ? last : active - 1;
    case "Home":
      return 0;
    case "End":
      return last;
    case "PageDown":
      return Math.min(last, active + pageSize);
    case "PageUp":
      return Math.max(0, active - pageSize);
    default:
      return null;
  }
}
