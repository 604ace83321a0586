// The core behind the window. The only file that knows Tauri.

import { Channel, invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";

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

const on = (event: string) => (listener: () => void) => {
  const listening = listen(event, listener);
  return () => void listening.then((stop) => stop());
};

export function tauriCore(): Core {
  return coreOver({
    call,
    stream,
    onChanged: on("changed"),
    onCloseRequested: on("close-requested"),
    onDeepLink: on("deep-link"),
  });
}
