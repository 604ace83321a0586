// The core behind the window. The only file that knows Tauri.

import { Channel, invoke } from "@tauri-apps/api/core";

import { coreOver, Failure, failureOf, type Core } from "./client";

async function call<T>(command: string, args?: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (thrown) {
    throw new Failure(failureOf(thrown));
  }
}

function stream<E>(
  command: string,
  onEvent: (event: E) => void,
  args?: Record<string, unknown>,
): Promise<void> {
  const channel = new Channel<E>(onEvent);
  return call(command, { ...args, channel });
}

/** What the page is to know without having asked: `PageEvent` of `src-tauri/src/page_events.rs`. */
type PageEvent = "changed" | "close_requested" | "deep_link";

const listeners = new Set<{ event: PageEvent; listener: () => void }>();

/** Waits for the next events, for as long as the page is there. */
async function waitForEvents(): Promise<void> {
  for (;;) {
    const events = await invoke<PageEvent[]>("next_events");
    for (const { event, listener } of listeners) if (events.includes(event)) listener();
  }
}

const on = (event: PageEvent) => (listener: () => void) => {
  const own = { event, listener };
  listeners.add(own);
  return () => void listeners.delete(own);
};

export function tauriCore(): Core {
  void waitForEvents();
  return coreOver({
    call,
    stream,
    onChanged: on("changed"),
    onCloseRequested: on("close_requested"),
    onDeepLink: on("deep_link"),
  });
}
