// Chooses the core that this page runs on.

import type { Core } from "./client";
import { tauriCore } from "./tauri";

/** The shipped build contains only the window's core, in one file: a further file would delay the first paint. */
export async function connect(): Promise<Core> {
  if (__BRIDGE__) {
    const { bridgeFrom } = await import("./bridge");
    const core = bridgeFrom(location);
    if (core) return core;
  }
  if (__FAKE__ && !("__TAURI_INTERNALS__" in window)) {
    const { fakeFrom } = await import("./fake");
    return fakeFrom(location);
  }
  return tauriCore();
}
