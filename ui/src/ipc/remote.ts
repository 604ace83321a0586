// The commands of the core by their names on the wire. How they get there is the transport's matter.

import type { Core } from "./client";

export interface Transport {
  /** Ends with the command's answer, or is rejected with a failure. */
  call<T>(command: string, args?: Record<string, unknown>): Promise<T>;
  /** Ends when the command ended; `onEvent` gets what it told in the meantime. */
  stream<E>(command: string, onEvent: (event: E) => void, args?: Record<string, unknown>): Promise<void>;
  onChanged(listener: () => void): () => void;
}

export function remoteCore({ call, stream, onChanged }: Transport): Core {
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
    painted: () => call("painted"),
    onChanged,
  };
}
