// The core behind a local test server, so that browser tests drive the real one. Test builds only.
// `?bridge=BASE#token=TOKEN`; BASE is an origin or, through the preview server, `/bridge/PORT`.

import { Failure, failureOf, type Core } from "./client";
import { remoteCore } from "./remote";

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
    let answer: Response;
    try {
      answer = await fetch(`${base}${path}`, { method: "POST", headers, body: JSON.stringify(args ?? {}) });
    } catch {
      throw new Failure({ code: "offline", cause: "The test server did not answer.", retry_at: null });
    }
    if (!answer.ok) throw new Failure(failureOf(await answer.json().catch(() => null)));
    return answer;
  }

  async function call<T>(command: string, args?: Record<string, unknown>): Promise<T> {
    const answer = await post(`/call/${command}`, args);
    const text = await answer.text();
    return (text ? JSON.parse(text) : null) as T;
  }

  async function stream<E>(command: string, onEvent: (event: E) => void, args?: Record<string, unknown>) {
    const answer = await post(`/stream/${command}`, args);
    if (answer.body) await readLines(answer.body, onEvent);
  }

  function onChanged(listener: () => void): () => void {
    const stop = new AbortController();
    fetch(`${base}/changes`, { headers, signal: stop.signal })
      .then((answer) => answer.body && readLines(answer.body, listener))
      .catch(() => undefined);
    return () => stop.abort();
  }

  return remoteCore({ call, stream, onChanged });
}
