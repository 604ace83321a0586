// Commands over HTTP: what `usher settings` and the test server have in common.

import { coreOver, Failure, failureOf, type Core } from "./client";

/** Why a page in a browser has no core: its link was refused, it had none, another page has it, or nothing answers. */
export type Ending = "refused" | "no_link" | "replaced" | "ended";

export interface Server {
  /** An address that the paths are appended to; empty for the page's own origin. */
  base: string;
  /** Headers of each request, with what admits it. */
  headers: Record<string, string>;
  /** Called when the server no longer admits this page, or does not answer. */
  onEnd?: (ending: Ending) => void;
}

/** How long after the server has closed the stream of changes it is asked again. */
const askAgainAfter = 250;

/** Lines of newline-delimited JSON as they arrive. */
async function readLines<E>(body: ReadableStream<Uint8Array>, onLine: (value: E) => void): Promise<void> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    const lines = (rest + (value ?? "")).split("\n");
    rest = done ? "" : (lines.pop() ?? "");
    for (const line of lines) if (line.trim()) onLine(JSON.parse(line) as E);
    if (done) return;
  }
}

export function httpCore({ base, headers: own, onEnd }: Server): Core {
  const headers = { ...own, "content-type": "application/json" };

  // Requests also fail when the page is left.
  let leaving = false;
  addEventListener("pagehide", () => (leaving = true));

  function unanswered(): Failure {
    if (!leaving) onEnd?.("ended");
    return new Failure({ code: "offline", cause: "Usher did not answer.", retry_at: null });
  }

  async function post(path: string, args?: unknown, signal: AbortSignal | null = null): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(`${base}${path}`, {
        method: "POST",
        headers,
        body: JSON.stringify(args ?? {}),
        signal,
      });
    } catch (thrown) {
      if (signal?.aborted) throw thrown;
      throw unanswered();
    }
    if (response.status === 401) onEnd?.("replaced");
    if (!response.ok) throw new Failure(failureOf(await response.json().catch(() => null)));
    return response;
  }

  async function call<T>(command: string, args?: Record<string, unknown>): Promise<T> {
    const response = await post(`/call/${command}`, args);
    const text = await response.text();
    return (text ? JSON.parse(text) : null) as T;
  }

  async function stream<E>(command: string, onEvent: (event: E) => void, args?: Record<string, unknown>) {
    const { body } = await post(`/stream/${command}`, args);
    let failure: unknown = null;
    if (body) {
      await readLines<{ event?: E; failed?: unknown }>(body, (line) => {
        if (line.event !== undefined) onEvent(line.event);
        failure = line.failed ?? failure;
      }).catch(() => {
        throw unanswered();
      });
    }
    if (failure) throw new Failure(failureOf(failure));
  }

  /**
   * Listens for as long as somebody can see the page: a tab in the background must not keep `usher settings` from ending. What
   * changed meanwhile is read when the page is seen again.
   */
  function onChanged(listener: () => void): () => void {
    let listening: AbortController | null = null;
    async function listen(signal: AbortSignal): Promise<void> {
      const { body } = await post("/changes", {}, signal);
      if (body) await readLines(body, listener);
      // The server has closed it. Whether it is still there is found out by asking.
      if (onEnd) setTimeout(() => void start(), askAgainAfter);
    }
    function start() {
      listening?.abort();
      listening = null;
      if (document.hidden) return;
      listening = new AbortController();
      const { signal } = listening;
      void listen(signal).catch(() => signal.aborted || unanswered());
    }
    function seen() {
      start();
      if (!document.hidden) listener();
    }
    document.addEventListener("visibilitychange", seen);
    start();
    return () => {
      document.removeEventListener("visibilitychange", seen);
      listening?.abort();
    };
  }

  // There is no window that could be closed, or that the desktop gives links to.
  const never = () => () => undefined;

  return coreOver({ call, stream, onChanged, onCloseRequested: never, onDeepLink: never });
}
