// The requests that go through this window's gateway, heard of while somebody can see them.

import type { RequestNews, RequestView } from "../ipc/bindings";
import type { Core } from "../ipc/client";
import { mergeRequests } from "./requests";

export class RequestFeed {
  rows = $state.raw<readonly RequestView[]>([]);
  #last: Promise<unknown> = Promise.resolve();
  #stop: (() => void) | null = null;

  constructor(readonly core: Core) {}

  /** Listens while the page can be seen; answers with the way to stop for good. */
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

  /** The core hears of an end only after it has begun, and of a beginning only after the last end. */
  #begin(): void {
    if (this.#stop) return;
    let over = false;
    let begun = () => {};
    const first = new Promise<void>((resolve) => (begun = resolve));
    const hear = (news: RequestNews) => {
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
