// How a command gets to the core and its result back.

export interface Transport {
  /** Resolves with the result of the command; rejects with a `Failure`. */
  call<T>(command: string, args?: Record<string, unknown>): Promise<T>;
  /** Resolves when the command has ended; `onEvent` receives what it emits until then. */
  stream<E>(command: string, onEvent: (event: E) => void, args?: Record<string, unknown>): Promise<void>;
  /** Calls `listener` after each change; returns the way to stop listening. */
  onChanged(listener: () => void): () => void;
  /** Calls `listener` when the user wants to close the window and something would stop; returns the way to stop listening. */
  onCloseRequested(listener: () => void): () => void;
  /** Calls `listener` when another program gave a link to Usher; returns the way to stop listening. */
  onDeepLink(listener: () => void): () => void;
}
