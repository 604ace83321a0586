// The announcement that everything was stopped.

import type { Overview } from "../ipc/bindings";
import { gateway } from "../text/gateway/gateway";

/** Returns what is announced, if anything; another stop is announced again. */
export function lockAttention({ passes_locked_at: since }: Overview): { key: string; title: string } | null {
  return since === null ? null : { key: `locked ${since}`, title: gateway.locked.title };
}
