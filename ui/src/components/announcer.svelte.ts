// What a screen reader is told: one polite region for progress, one assertive region for failures. Nothing
// else on the page is live, so nothing is said twice.

/** Stages of a test may come quickly; sentences follow each other at this distance. */
const apartMs = 1_000;
/** So long a sentence stays in the region, for readers that come late. */
const keptMs = 8_000;

class Announcer {
  status = $state("");
  alert = $state("");
  #queue: string[] = [];
  /** The last sentence is so new that the next one waits. */
  #busy = false;
  #clear: ReturnType<typeof setTimeout> | undefined;

  /** Progress, one sentence after the other. */
  say(text: string): void {
    this.#queue.push(text);
    if (!this.#busy) this.#next();
  }

  /** A failure: at once, and what waited is dropped. */
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
    // The same sentence twice is still two events.
    this.status = text === this.status ? `${text} ` : text;
    setTimeout(() => this.#next(), apartMs);
  }
}

export const announcer = new Announcer();
