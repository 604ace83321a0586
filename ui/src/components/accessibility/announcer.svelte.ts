// Announces to screen readers: one polite region for progress, one assertive region for failures. Nothing
// else on the page is a live region, so nothing is announced twice.

import { untrack } from "svelte";

/** Minimum time between two announcements, because test stages can finish quickly. */
const apartMs = 1_000;
/** Time after which the last announcement is cleared, for screen readers that read late. */
const keptMs = 8_000;
/** Time after which regions that have just appeared are known to screen readers, which hear only changes of what they know. */
const appearMs = 100;

class Announcer {
  status = $state("");
  alert = $state("");
  /** The regions on the page in the order of opening. Only the last are heard: an open dialog makes the others inert. */
  #places = $state.raw<readonly symbol[]>([]);
  #queue: string[] = [];
  /** A failure that waits until its region is known. */
  #waiting = "";
  #announcedAt = { status: 0, alert: 0 };
  /** The regions have just changed. */
  #moving = false;
  /** The last announcement is too recent for the next one. */
  #busy = false;
  /** Ends the time in which nothing is announced, or clears the last announcement. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The regions that are heard. */
  get place(): symbol | undefined {
    return this.#places.at(-1);
  }

  /** Announces in the regions of `place` until they are closed. */
  open(place: symbol): () => void {
    this.#move([...this.#places, place]);
    return () => this.#move(this.#places.filter((one) => one !== place));
  }

  /** Queues a polite announcement of progress. */
  say(text: string): void {
    this.#queue.push(text);
    // Effects that announce do not run again for what is announced.
    if (!this.#busy) untrack(() => this.#next());
  }

  /** Announces a failure at once and drops queued announcements. */
  warn(text: string): void {
    this.#queue = [];
    this.#waiting = text;
    if (!this.#moving) untrack(() => this.#interrupt());
  }

  /** Announces again what was announced a moment ago: it was not heard to its end. Older texts are not repeated. */
  #move(places: readonly symbol[]): void {
    if (this.status && this.#isRecent("status")) this.#queue.unshift(this.status);
    if (this.alert && this.#isRecent("alert")) this.#waiting ||= this.alert;
    [this.status, this.alert] = ["", ""];
    this.#places = places;
    this.#busy = this.#moving = true;
    this.#after(appearMs, () => {
      this.#moving = false;
      this.#interrupt();
      this.#next();
    });
  }

  #interrupt(): void {
    if (!this.#waiting) return;
    this.alert = changed(this.alert, this.#waiting);
    this.#waiting = "";
    this.#announcedAt.alert = Date.now();
  }

  #next(): void {
    const text = this.#queue.shift();
    this.#busy = text !== undefined;
    if (text === undefined) return this.#after(keptMs, () => (this.status = ""));
    this.status = changed(this.status, text);
    this.#announcedAt.status = Date.now();
    this.#after(apartMs, () => this.#next());
  }

  #isRecent(region: "status" | "alert"): boolean {
    return Date.now() - this.#announcedAt[region] < apartMs;
  }

  #after(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }
}

/** Returns the text so that it differs from the one before: a live region announces only changes. */
const changed = (before: string, text: string): string => (text === before ? `${text} ` : text);

export const announcer = new Announcer();
