// Subscribes to the gateway's requests while the page is visible.

import type { RequestUpdate, RequestView } from "../../ipc/bindings";
import type { Core } from "../../ipc/client";
import { mergeRequests } from "./requests";

export class RequestFeed {
  rows = $state.raw<readonly RequestView[]>([]);
  #last: Promise<unknown> = Promise.resolve();
  #stop: (() => void) | null = null;

  constructor(readonly core: Core) {}

  /** Subscribes while the page is visible. Returns a function that ends the subscription. */
  follow(): () => void {
    const follow = () => {
      if (document.hidden) this.#end();
      else this.#begin();
    };
    document.addEventListener("visibilitychange", follow);
    follow();
    return () => {
      document.removeEventListener("visibilitychange", follow);
      this.#end();
    };
  }

  /** Stop is sent only after the subscription started, and a new start only after the last stop. */
  #begin(): void {
    if (this.#stop) return;
    let over = false;
    let begun = () => {};
    const first = new Promise<void>((resolve) => (begun = resolve));
    const hear = (news: RequestUpdate) => {
      begun();
      if (!over) this.rows = mergeRequests(this.rows, news);
    };
    this.#stop = () => {
      over = true;
      void first.then(() => this.core.stopWatchingRequests()).catch(() => undefined);
    };
    const watch = () => (over ? undefined : this.core.watchRequests(hear));
    this.#last = this.#last.then(watch).catch(() => undefined);
  }

  #end(): void {
    this.#stop?.();
    this.#stop = null;
  }
}
