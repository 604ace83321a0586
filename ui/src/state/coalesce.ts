// Coalesces concurrent reads.

/**
 * Calls during a running read share one further read and wait for it, so that no caller gets a
 * result older than its call.
 */
export function coalesced(load: () => Promise<void>): () => Promise<void> {
  let now: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const read = (): Promise<void> => {
    if (!now) {
      now = load().finally(() => (now = null));
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
