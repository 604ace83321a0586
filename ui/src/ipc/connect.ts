// Chooses the core that this page runs on.

import type { Core } from "./client";
import type { Ending } from "./http";
import { tauriCore } from "./tauri";

export type { Ending } from "./http";

/** Whether the page is in Usher's window, and not in a browser. */
export const isInWindow = "__TAURI_INTERNALS__" in window;

/**
 * Returns the core. In a browser there may be none, now or later: then `onEnd` is called with the reason, and what is returned
 * now is null. The window's core is in the first file of the page, because a further one would delay the first paint.
 */
export async function connect(onEnd: (ending: Ending) => void): Promise<Core | null> {
  if (isInWindow) return tauriCore();
  if (__BRIDGE__) {
    const { bridgeFrom } = await import("./bridge");
    const core = bridgeFrom(location);
    if (core) return core;
  }
  if (__FAKE__) {
    const { fakeFrom } = await import("./fake");
    return fakeFrom(location);
  }
  const { settingsCore } = await import("./settings");
  return settingsCore(onEnd);
}
