// The core behind a local test server, so that browser tests drive the real one. Test builds only.
// `?bridge=BASE#token=TOKEN`; BASE is an origin or, through the preview server, `/bridge/PORT`.

import { coreOver, Failure, failureOf, type Core } from "./client";

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

export function bridgeFrom(address: Location): Core | null {
  const base = new URLSearchParams(address.search).get("bridge")?.replace(/\/$/, "");
  if (base === undefined) return null;
  const token = new URLSearchParams(address.hash.slice(1)).get("token") ?? "";
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };

  async function post(path: string, args: unknown): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(`${base}${path}`, { method: "POST", headers, body: JSON.stringify(args ?? {}) });
    } catch {
      throw new Failure({ code: "offline", cause: "The test server did not answer.", retry_at: null });
    }
    if (!response.ok) throw new Failure(failureOf(await response.json().catch(() => null)));
    return response;
  }

  async function call<T>(command: string, args?: Record<string, unknown>): Promise<T> {
    const response = await post(`/call/${command}`, args);
    const text = await response.text();
    return (text ? JSON.parse(text) : null) as T;
  }

  async function stream<E>(command: string, onEvent: (event: E) => void, args?: Record<string, unknown>) {
    const response = await post(`/stream/${command}`, args);
    let failure: unknown = null;
    if (response.body) {
      await readLines<{ event?: E; failed?: unknown }>(response.body, (line) => {
        if (line.event !== undefined) onEvent(line.event);
        failure = line.failed ?? failure;
      });
    }
    if (failure) throw new Failure(failureOf(failure));
  }

  function onChanged(listener: () => void): () => void {
    const stop = new AbortController();
    fetch(`${base}/changes`, { headers, signal: stop.signal })
      .then((response) => response.body && readLines(response.body, listener))
      .catch(() => undefined);
    return () => stop.abort();
  }

  // There is no window that could be closed.
  const onCloseRequested = () => () => undefined;

  return coreOver({ call, stream, onChanged, onCloseRequested });
}
