// Announces to screen readers: one polite region for progress, one assertive region for failures. Nothing
// else on the page is a live region, so nothing is announced twice.

/** Minimum time between two announcements, because test stages can finish quickly. */
const apartMs = 1_000;
/** Time after which the last announcement is cleared, for screen readers that read late. */
const keptMs = 8_000;

class Announcer {
  status = $state("");
  alert = $state("");
  #queue: string[] = [];
  /** The last announcement is too recent for the next one. */
  #busy = false;
  #clear: ReturnType<typeof setTimeout> | undefined;

  /** Queues a polite announcement of progress. */
  say(text: string): void {
    this.#queue.push(text);
    if (!this.#busy) this.#next();
  }

  /** Announces a failure at once and drops queued announcements. */
  warn(text: string): void {
    this.#queue = [];
    this.alert = "";
    queueMicrotask(() => (this.alert = text));
  }

  #next(): void {
    clearTimeout(this.#clear);
    const text = this.#queue.shift();
    this.#busy = text !== undefined;
    if (text === undefined) {
      this.#clear = setTimeout(() => (this.status = ""), keptMs);
      return;
    }
    // A live region announces only changes, so a repeated sentence gets a trailing space.
    this.status = text === this.status ? `${text} ` : text;
    setTimeout(() => this.#next(), apartMs);
  }
}

export const announcer = new Announcer();
