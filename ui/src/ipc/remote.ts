// The commands of the core by their names on the wire. How they get there is the transport's matter.

import type { Core } from "./client";

export interface Transport {
  /** Ends with the command's answer, or is rejected with a failure. */
  call<T>(command: string, args?: Record<string, unknown>): Promise<T>;
  /** Ends when the command ended; `onEvent` gets what it sent in the meantime. */
  stream<E>(command: string, onEvent: (event: E) => void, args?: Record<string, unknown>): Promise<void>;
  onChanged(listener: () => void): () => void;
}

export function remoteCore({ call, stream, onChanged }: Transport): Core {
  return {
    overview: () => call("overview"),
    providers: () => call("providers"),
    addProvider: (provider) => call("add_provider", { provider }),
    addEndpoint: (endpoint) => call("add_endpoint", { endpoint }),
    changeProvider: (provider, change) => call("change_provider", { provider, change }),
    removeProvider: (provider) => call("remove_provider", { provider }),
    setEnabled: (provider, enabled) => call("set_enabled", { provider, enabled }),
    saveKey: (provider, key) => call("save_key", { provider, key }),
    forgetKey: (provider) => call("forget_key", { provider }),
    saveHeader: (provider, name, value) => call("save_header", { provider, name, value }),
    removeHeader: (provider, name) => call("remove_header", { provider, name }),
    models: (provider, refresh) => call("models", { provider, refresh }),
    choose: (provider, model, effort, small) => call("choose", { provider, model, effort, small }),
    addModel: (provider, id) => call("add_model", { provider, id }),
    removeModel: (provider, id) => call("remove_model", { provider, id }),
    runTest: (provider, onEvent) => stream("run_test", onEvent, { provider }),
    stopTest: () => call("stop_test"),
    usage: () => call("usage"),
    signIn: (method, addAccount, onEvent) => stream("sign_in", onEvent, { method, addAccount }),
    cancelSignIn: () => call("cancel_sign_in"),
    pasteRedirect: (url) => call("paste_redirect", { url }),
    saveAccessToken: (token) => call("save_access_token", { token }),
    accounts: () => call("accounts"),
    useAccount: (account) => call("use_account", { account }),
    renameAccount: (account, label) => call("rename_account", { account, label }),
    moveAccount: (account, direction) => call("move_account", { account, direction }),
    disconnect: (account) => call("disconnect", { account }),
    retryRevocation: (id) => call("retry_revocation", { id }),
    forgetRevocation: (id) => call("forget_revocation", { id }),
    foundSignIns: () => call("found_sign_ins"),
    codexLogin: (onEvent) => stream("codex_login", onEvent),
    stopCodexLogin: () => call("stop_codex_login"),
    doctor: () => call("doctor"),
    exportDiagnostics: () => call("export_diagnostics"),
    gatewayStatus: () => call("gateway_status"),
    switchGateway: (on) => call("switch_gateway", { on }),
    passes: () => call("passes"),
    makePass: (pass) => call("make_pass", { pass }),
    revokePass: (id) => call("revoke_pass", { id }),
    watchRequests: (onNews) => stream("watch_requests", onNews),
    stopWatchingRequests: () => call("stop_watching_requests"),
    openLink: (link) => call("open_link", { link }),
    unlockStore: () => call("unlock_store"),
    painted: () => call("painted"),
    onChanged,
  };
}
