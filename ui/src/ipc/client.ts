// The one interface between the page and the core. Four implementations: the window (tauri.ts), a browser (settings.ts),
// memory (fake/) and a test server (bridge.ts). Everything else in the page knows only this interface.

import type { FailureView } from "./bindings";
import { commandsOver, type Commands } from "./commands";
import type { Transport } from "./transport";

/** What the core can do. Every rejection is a {@link Failure}. */
export interface Core extends Commands {
  /** Calls `listener` when something changed in this or another process; returns the way to stop listening. */
  onChanged(listener: () => void): () => void;
  /** Calls `listener` when the window is to be closed and asks first; `answerClose` answers. */
  onCloseRequested(listener: () => void): () => void;
  /** Calls `listener` when a link waits that `takeDeepLink` takes; returns the way to stop listening. */
  onDeepLink(listener: () => void): () => void;
}

/** Returns the core at the other end of `transport`. */
export function coreOver(transport: Transport): Core {
  return {
    ...commandsOver(transport),
    onChanged: transport.onChanged,
    onCloseRequested: transport.onCloseRequested,
    onDeepLink: transport.onDeepLink,
  };
}

/** Carries the view of a failure through promises. */
export class Failure extends Error {
  constructor(readonly view: FailureView) {
    super(view.code);
  }
}

/** Returns the view of anything that was thrown; what does not come from the core is a mistake of the page. */
export function failureOf(thrown: unknown): FailureView {
  if (thrown instanceof Failure) return thrown.view;
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && "retry_at" in thrown) {
    return thrown as FailureView;
  }
  return { code: "bad_usage", cause: thrown instanceof Error ? thrown.message : "", retry_at: null };
}
