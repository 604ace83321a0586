// The announcement of what is wrong with the store.

import type { StoreFinding } from "../ipc/bindings";
import { findingTexts } from "../text/preferences/storage";

/** Returns what is announced. */
export function storeAttention(finding: StoreFinding): { key: string; title: string } {
  return { key: `store ${finding.kind}`, title: findingTexts(finding).title };
}
