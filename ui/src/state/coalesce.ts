// Asking the core what is, without asking twice for the same moment.

/**
 * Calls that come while one is under way share one more and wait for it: what they get is never older than
 * their question.
 */
export function coalesced(ask: () => Promise<void>): () => Promise<void> {
  let now: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const read = (): Promise<void> => {
    if (!now) {
      now = ask().finally(() => (now = null));
      return now;
    }
    next ??= now.then(() => {
      next = null;
      return read();
    });
    return next;
  };
  return read;
}
