// Reactive clock in Unix seconds, for texts like "in 2 h 12 min". It does not tick while the window
// is hidden or nothing reads it, so that an idle window uses no CPU.

import { createSubscriber } from "svelte/reactivity";

export class Clock {
  #subscribe: () => void;

  constructor(everyMs: number) {
    this.#subscribe = createSubscriber((update) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const plan = () => {
        clearTimeout(timer);
        if (document.hidden) return;
        timer = setTimeout(
          () => {
            update();
            plan();
          },
          everyMs - (Date.now() % everyMs),
        );
      };
      const seen = () => {
        update();
        plan();
      };
      document.addEventListener("visibilitychange", seen);
      plan();
      return () => {
        clearTimeout(timer);
        document.removeEventListener("visibilitychange", seen);
      };
    });
  }

  get seconds(): number {
    this.#subscribe();
    return Date.now() / 1000;
  }
}

export const minuteClock = new Clock(60_000);
export const secondClock = new Clock(1_000);
export const tenthClock = new Clock(100);
