// The core behind the window. The only file that knows Tauri.

import { Channel, invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";

import { Failure, failureOf, type Core } from "./client";

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

export function tauriCore(): Core {
  return {
    overview: () => call("overview"),
    signIn: (method, onEvent) => stream("sign_in", onEvent, { method }),
    cancelSignIn: () => call("cancel_sign_in"),
    pasteRedirect: (url) => call("paste_redirect", { url }),
    openLink: (link) => call("open_link", { link }),
    models: (refresh) => call("models", { refresh }),
    choose: (model, effort) => call("choose", { model, effort }),
    usage: () => call("usage"),
    runTest: (onEvent) => stream("run_test", onEvent),
    stopTest: () => call("stop_test"),
    disconnect: () => call("disconnect"),
    retryRevocation: (id) => call("retry_revocation", { id }),
    forgetRevocation: (id) => call("forget_revocation", { id }),
    setEnabled: (enabled) => call("set_enabled", { enabled }),
    unlockStore: () => call("unlock_store"),
    ready: () => call("ready"),
    onChanged(listener) {
      const listening = listen("changed", listener);
      return () => void listening.then((stop) => stop());
    },
  };
}
