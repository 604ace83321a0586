// Generated from crates/app/src/commands/list.rs. To renew: UPDATE=1 cargo test -p usher-app --test bindings

import type { AccountCard, AccountId, AccountView, ActivityFormat, ActivityView, CloseAnswer, CodexLoginEvent, CreatedPass, DeepLinkView, DisconnectView, DoctorReport, ExternalSignInView, GatewayStatus, HomeFileKind, HomeFileView, Language, LanguageView, LicenceView, Link, ModelsView, MoveDirection, NameHolder, NewEndpoint, NewNetwork, NewPass, OtherAccountChoice, Overview, PassChange, PassOutcome, PassView, PreferencesView, ProviderChange, ProviderId, ProviderView, ProvidersView, RequestUpdate, ResetView, RevocationView, Role, RoleEdit, SecretsMoveView, SecretsPlace, SecretsView, Selection, SettingsFileView, SettingsImportView, SignInCopiesView, SignInEvent, SignInMethod, SignInPurpose, SignInRoute, StoreRepair, TestEvent, ToolPreview, ToolSetup, ToolTrialView, ToolUndone, ToolView, TransferContentsView, TransferPreviewView, TransferReceivedView, TransferSentView, UpdateProgress, UpdatesView, UsageView } from "./bindings";
import type { Transport } from "./transport";

/** The commands of the core. Every rejection is a `Failure`. */
export interface Commands {
  /** Returns account, limits and sign-in of the plan, without the network; `providers` has all of them. */
  overview(): Promise<Overview>;
  /** Returns all providers, and what a new one can be made from. */
  providers(): Promise<ProvidersView>;
  /** Adds a provider that has no address of its own: `openai` or `codex-cli`. */
  addProvider(provider: ProviderId): Promise<ProviderView>;
  /** Adds a service that speaks the OpenAI API. */
  addEndpoint(endpoint: NewEndpoint): Promise<ProviderView>;
  /** Changes what the user may change of a provider. */
  changeProvider(provider: ProviderId, change: ProviderChange): Promise<ProviderView>;
  /** Removes a provider, its key and the values of its headers. */
  removeProvider(provider: ProviderId): Promise<void>;
  /** Lets tools use a provider, or not. */
  setEnabled(provider: ProviderId, enabled: boolean): Promise<void>;
  /** Chooses the provider that tools use, and makes an account of it the one in use. */
  useProvider(provider: ProviderId, account: AccountId | null): Promise<void>;
  /** Saves the key of a provider. */
  saveKey(provider: ProviderId, key: string): Promise<ProviderView>;
  /** Deletes the key of a provider. */
  forgetKey(provider: ProviderId): Promise<ProviderView>;
  /** Saves the value of a secret header. */
  saveHeader(provider: ProviderId, name: string, value: string): Promise<ProviderView>;
  /** Deletes a secret header. */
  removeHeader(provider: ProviderId, name: string): Promise<ProviderView>;
  /** Returns the models of a provider; `refresh` asks the network in any case. */
  models(provider: ProviderId, refresh: boolean): Promise<ModelsView>;
  /** Chooses a model. What is null stays, as far as the model has it; an empty `small` removes the small model. */
  choose(provider: ProviderId, model: string | null, effort: string | null, small: string | null): Promise<Selection>;
  /** Changes what is chosen for a role. */
  chooseRole(provider: ProviderId, role: Role, edit: RoleEdit): Promise<Selection>;
  /** Adds a model by its id, which a refresh does not remove. */
  addModel(provider: ProviderId, id: string): Promise<ModelsView>;
  /** Removes a model that was added by its id. */
  removeModel(provider: ProviderId, id: string): Promise<ModelsView>;
  /** Asks OpenAI how much of the plan behind a provider is used, at most once a minute; the overview has what was seen last of the plan's own sign-in. */
  usage(provider: ProviderId): Promise<UsageView>;
  /** Tests the connection to a provider; ends with the test. */
  runTest(provider: ProviderId, onEvent: (event: TestEvent) => void): Promise<void>;
  /** Stops the running test. */
  stopTest(): Promise<void>;
  /** Signs in; ends with the attempt. The same route, method and purpose join a running attempt, others replace it. */
  signIn(route: SignInRoute, method: SignInMethod, purpose: SignInPurpose, onEvent: (event: SignInEvent) => void): Promise<void>;
  /** Decides about another account than the one that was to sign in again; the events of the sign-in go on. */
  answerOtherAccount(choice: OtherAccountChoice): Promise<void>;
  /** Cancels the running sign-in. */
  cancelSignIn(): Promise<void>;
  /** Completes the running sign-in with a redirect address that the user pasted. */
  pasteRedirect(url: string): Promise<void>;
  /** Saves an access token that the user pasted; it is never refreshed. */
  saveAccessToken(token: string): Promise<AccountView>;
  /** Returns all accounts of the plan, in the user's order. */
  accounts(): Promise<Array<AccountCard>>;
  /** Makes an account the one in use. */
  useAccount(account: AccountId): Promise<void>;
  /** Notes that the page showed that requests of an account count on its plan; the overview does not ask for it again. */
  welcomeSeen(account: AccountId): Promise<void>;
  /** Names an account; an empty label removes the name. */
  renameAccount(account: AccountId, label: string): Promise<void>;
  /** Moves an account by one place in the list. */
  moveAccount(account: AccountId, direction: MoveDirection): Promise<void>;
  /** Disconnects an account; null means the one in use. `next` is used instead; null means that none is. */
  disconnect(account: AccountId | null, next: AccountId | null): Promise<DisconnectView>;
  /** Revokes a sign-in at OpenAI that could not be revoked when it was erased here. */
  retryRevocation(id: string): Promise<RevocationView>;
  /** Gives up a pending revocation. */
  forgetRevocation(id: string): Promise<void>;
  /** Returns sign-ins that other programs of this computer have. */
  foundSignIns(): Promise<Array<ExternalSignInView>>;
  /** Runs the Codex CLI's own sign-in; ends with it. */
  codexLogin(onEvent: (event: CodexLoginEvent) => void): Promise<void>;
  /** Stops the running sign-in of the Codex CLI. */
  stopCodexLogin(): Promise<void>;
  /** Checks everything that a connection needs. */
  doctor(): Promise<DoctorReport>;
  /** Writes the report of `doctor` to a file that the user chooses, and returns its path. */
  exportDiagnostics(): Promise<string>;
  /** Opens the folder that the report was written to. */
  showDiagnostics(): Promise<void>;
  /** Repairs what the overview finds wrong with the store, after a yes. */
  repairStore(repair: StoreRepair): Promise<void>;
  /** Returns the state of the gateway. */
  gatewayStatus(): Promise<GatewayStatus>;
  /** Switches the window's gateway; off ends running requests. */
  switchGateway(on: boolean): Promise<GatewayStatus>;
  /** Sets the port of the gateway; one that could not start is started there. */
  setGatewayPort(port: number): Promise<GatewayStatus>;
  /** Ends the question that the window asks before it closes: closes it, or keeps it open. The answer is remembered. */
  answerClose(answer: CloseAnswer): Promise<void>;
  /** Stops everything: all passes are refused, and running answers cut off, until they are allowed again. */
  lockPasses(): Promise<void>;
  /** Allows passes again after everything was stopped. */
  unlockPasses(): Promise<void>;
  /** Returns all passes without their secrets, oldest first. */
  passes(): Promise<Array<PassView>>;
  /** Creates a pass. The only response with a secret in it. */
  makePass(pass: NewPass): Promise<CreatedPass>;
  /** Sets how much of a plan a pass leaves to others, in percent; null: nothing. Holds from its next request on. */
  setPassReserve(id: string, leavesPercent: number | null): Promise<void>;
  /** Returns the lines that connect programs to the gateway with a pass; they do not hold its secret. */
  toolSetups(pass: string): Promise<Array<ToolSetup>>;
  /** Sends one short request with a pass through the gateway; the list of requests shows how it ends. */
  tryPass(pass: string): Promise<void>;
  /** Returns what each pass will use after a change, for a dialog to say before it is made; null means now. */
  passOutcomes(change: PassChange | null): Promise<Array<PassOutcome>>;
  /** Revokes a pass. */
  revokePass(id: string): Promise<void>;
  /** Reports all known requests, then each that begins or ends, until that is stopped. */
  watchRequests(onEvent: (event: RequestUpdate) => void): Promise<void>;
  /** Ends `watch_requests`. */
  stopWatchingRequests(): Promise<void>;
  /** Returns what was counted of the requests of the last days, today included. */
  activity(days: number): Promise<ActivityView>;
  /** Writes what was counted in the last days to a file that the user chooses, and returns its path. */
  exportActivity(days: number, format: ActivityFormat): Promise<string>;
  /** Deletes all that was counted. */
  clearActivity(): Promise<void>;
  /** Returns the tools that can use the gateway, whether they are on this computer and connected. */
  toolsList(): Promise<Array<ToolView>>;
  /** Returns what connecting a tool would change, and what conflicts with that. */
  toolsPreview(tool: string, makeDefault: boolean): Promise<ToolPreview>;
  /** Connects a tool as the preview with this token showed it. Its files come back by themselves once the gateway has not
   * answered for `restore_after` minutes; null changes nothing about that. */
  toolsConnect(tool: string, makeDefault: boolean, restoreAfter: number | null, token: string): Promise<ToolView>;
  /** Chooses after how many minutes without an answer of the gateway the files of a connected tool come back; null means never. */
  toolsRestoreIfSilent(tool: string, minutes: number | null): Promise<ToolView>;
  /** Returns every place of this computer that holds a sign-in of OpenAI, and whether two programs renew the same one. */
  toolsCopies(): Promise<SignInCopiesView>;
  /** Runs the smallest command of a connected tool that asks a model. */
  toolsTry(tool: string): Promise<ToolTrialView>;
  /** Restores the files of a tool and revokes its pass. */
  toolsDisconnect(tool: string): Promise<ToolUndone>;
  /** Restores the files of all tools and revokes their passes. */
  toolsRestore(): Promise<Array<ToolUndone>>;
  /** Returns what the person chose for the program itself. */
  preferences(): Promise<PreferencesView>;
  /** Chooses whether the gateway goes on when the window is closed. */
  setKeepRunning(on: boolean): Promise<PreferencesView>;
  /** Chooses whether the system starts Usher when the user logs in. */
  setStartAtLogin(on: boolean): Promise<PreferencesView>;
  /** Chooses whether all passes are locked while the screen is. */
  setLockWithScreen(on: boolean): Promise<PreferencesView>;
  /** Chooses whether the user is notified of limits and resets. */
  setNotifications(on: boolean): Promise<PreferencesView>;
  /** Chooses whether sign-ins of accounts that are not used are renewed. */
  setRenewUnused(on: boolean): Promise<PreferencesView>;
  /** Chooses for how many days counts of requests are kept, and deletes older ones; 0 keeps none. */
  setActivityDays(days: number): Promise<PreferencesView>;
  /** Chooses whether names and e-mail addresses are left out of what is shown. */
  setHidePersonalData(hide: boolean): Promise<PreferencesView>;
  /** Chooses the proxy, its password, and the hosts that are reached without it. */
  setNetwork(network: NewNetwork): Promise<PreferencesView>;
  /** Lets the person choose a file of certificate authorities to trust beside those of the system. */
  chooseCaFile(): Promise<PreferencesView>;
  /** Trusts the certificate authorities of that file no longer. */
  forgetCaFile(): Promise<PreferencesView>;
  /** Checks the way to remote hosts. */
  checkNetwork(): Promise<DoctorReport>;
  /** Writes the settings to a file that the user chooses, and returns its path. No secret is in it. */
  exportSettings(): Promise<string>;
  /** Reads a file of settings that the user chooses, and returns what it would change. */
  previewSettings(): Promise<SettingsImportView>;
  /** Takes the settings over that were read last. */
  importSettings(): Promise<void>;
  /** Returns what would leave this computer with a transfer file, and what would stay. */
  previewTransfer(): Promise<TransferPreviewView>;
  /** Writes a transfer file that the user names; `with_sign_ins` moves sign-ins and keys there and retires them here. */
  sendTransfer(passphrase: string, withSignIns: boolean): Promise<TransferSentView>;
  /** Ends a move to another computer that was interrupted. */
  endTransfer(): Promise<TransferSentView>;
  /** Takes back the sign-ins of a move that was interrupted; `confirmed` where its file cannot be found. Returns how many. */
  cancelTransfer(confirmed: boolean): Promise<number>;
  /** Lets the user choose a transfer file, and returns its path. */
  chooseTransfer(): Promise<string>;
  /** Opens the transfer file that was chosen last, to see what is in it. Changes nothing. */
  openTransfer(passphrase: string): Promise<TransferContentsView>;
  /** Takes over what was opened last. */
  takeTransfer(withSettings: boolean): Promise<TransferReceivedView>;
  /** Gives every setting its default; disconnects all accounts as well, if asked. */
  resetSettings(disconnect: boolean): Promise<ResetView>;
  /** Puts the settings back that a reset kept in a file. */
  undoReset(backup: string, startAtLogin: boolean): Promise<void>;
  /** Returns this version, how a newer one gets here, and the one that was found last. Never asks the network. */
  updates(): Promise<UpdatesView>;
  /** Looks for a newer version. */
  checkForUpdates(): Promise<UpdatesView>;
  /** Chooses whether Usher looks for newer versions by itself. */
  setAutomaticUpdates(on: boolean): Promise<UpdatesView>;
  /** Installs the version that was found last, once no request is being answered, and starts the window again. */
  installUpdate(version: string, onEvent: (event: UpdateProgress) => void): Promise<void>;
  /** Cancels the installation, unless the program is already being replaced. */
  cancelUpdate(): Promise<void>;
  /** Returns where the files of the home are. */
  files(): Promise<Array<HomeFileView>>;
  /** Opens a file of the home, or the folder that it is in. */
  openHomeFile(kind: HomeFileKind): Promise<void>;
  /** Returns where the settings file is, and what is wrong with it. */
  settingsFile(): Promise<SettingsFileView>;
  /** Opens the settings file in the program that the system has for it. */
  openSettingsFile(): Promise<void>;
  /** Returns the language of the page. */
  language(): Promise<LanguageView>;
  /** Chooses the language of the page; null follows the system. */
  chooseLanguage(language: Language | null): Promise<LanguageView>;
  /** Returns the process that holds the window's name on the session bus, so that the next start opens one more window. */
  nameHolder(): Promise<NameHolder | null>;
  /** Takes the last link that another program gave to Usher, if there is one that the page has not taken. */
  takeDeepLink(): Promise<DeepLinkView | null>;
  /** Opens one of the addresses that the core has a list of. */
  openLink(link: Link): Promise<void>;
  /** Returns where secrets are kept. */
  secrets(): Promise<SecretsView>;
  /** Moves the key of the secrets. The passphrase is the new one, where the key is to come from one. */
  moveSecrets(place: SecretsPlace, passphrase: string | null): Promise<SecretsMoveView>;
  /** Opens the secrets with their passphrase, as long as Usher runs. */
  unlockSecrets(passphrase: string): Promise<void>;
  /** Asks the keyring to unlock; the user has up to a minute. */
  unlockStore(): Promise<void>;
  /** Returns the packages of others that are built into Usher, in the order of their names. */
  licences(): Promise<Array<LicenceView>>;
  /** Returns the texts of the licences of one of them. */
  licenceTexts(name: string, version: string): Promise<Array<string>>;
  /** Notes in the log that the page can be seen. `./dev bench` waits for it. */
  painted(): Promise<void>;
}

/** Returns the commands over `transport`. */
export function commandsOver({ call, stream }: Transport): Commands {
  return {
    overview: () => call("overview"),
    providers: () => call("providers"),
    addProvider: (provider) => call("add_provider", { provider }),
    addEndpoint: (endpoint) => call("add_endpoint", { endpoint }),
    changeProvider: (provider, change) => call("change_provider", { provider, change }),
    removeProvider: (provider) => call("remove_provider", { provider }),
    setEnabled: (provider, enabled) => call("set_enabled", { provider, enabled }),
    useProvider: (provider, account) => call("use_provider", { provider, account }),
    saveKey: (provider, key) => call("save_key", { provider, key }),
    forgetKey: (provider) => call("forget_key", { provider }),
    saveHeader: (provider, name, value) => call("save_header", { provider, name, value }),
    removeHeader: (provider, name) => call("remove_header", { provider, name }),
    models: (provider, refresh) => call("models", { provider, refresh }),
    choose: (provider, model, effort, small) => call("choose", { provider, model, effort, small }),
    chooseRole: (provider, role, edit) => call("choose_role", { provider, role, edit }),
    addModel: (provider, id) => call("add_model", { provider, id }),
    removeModel: (provider, id) => call("remove_model", { provider, id }),
    usage: (provider) => call("usage", { provider }),
    runTest: (provider, onEvent) => stream("run_test", onEvent, { provider }),
    stopTest: () => call("stop_test"),
    signIn: (route, method, purpose, onEvent) => stream("sign_in", onEvent, { route, method, purpose }),
    answerOtherAccount: (choice) => call("answer_other_account", { choice }),
    cancelSignIn: () => call("cancel_sign_in"),
    pasteRedirect: (url) => call("paste_redirect", { url }),
    saveAccessToken: (token) => call("save_access_token", { token }),
    accounts: () => call("accounts"),
    useAccount: (account) => call("use_account", { account }),
    welcomeSeen: (account) => call("welcome_seen", { account }),
    renameAccount: (account, label) => call("rename_account", { account, label }),
    moveAccount: (account, direction) => call("move_account", { account, direction }),
    disconnect: (account, next) => call("disconnect", { account, next }),
    retryRevocation: (id) => call("retry_revocation", { id }),
    forgetRevocation: (id) => call("forget_revocation", { id }),
    foundSignIns: () => call("found_sign_ins"),
    codexLogin: (onEvent) => stream("codex_login", onEvent),
    stopCodexLogin: () => call("stop_codex_login"),
    doctor: () => call("doctor"),
    exportDiagnostics: () => call("export_diagnostics"),
    showDiagnostics: () => call("show_diagnostics"),
    repairStore: (repair) => call("repair_store", { repair }),
    gatewayStatus: () => call("gateway_status"),
    switchGateway: (on) => call("switch_gateway", { on }),
    setGatewayPort: (port) => call("set_gateway_port", { port }),
    answerClose: (answer) => call("answer_close", { answer }),
    lockPasses: () => call("lock_passes"),
    unlockPasses: () => call("unlock_passes"),
    passes: () => call("passes"),
    makePass: (pass) => call("make_pass", { pass }),
    setPassReserve: (id, leavesPercent) => call("set_pass_reserve", { id, leavesPercent }),
    toolSetups: (pass) => call("tool_setups", { pass }),
    tryPass: (pass) => call("try_pass", { pass }),
    passOutcomes: (change) => call("pass_outcomes", { change }),
    revokePass: (id) => call("revoke_pass", { id }),
    watchRequests: (onEvent) => stream("watch_requests", onEvent),
    stopWatchingRequests: () => call("stop_watching_requests"),
    activity: (days) => call("activity", { days }),
    exportActivity: (days, format) => call("export_activity", { days, format }),
    clearActivity: () => call("clear_activity"),
    toolsList: () => call("tools_list"),
    toolsPreview: (tool, makeDefault) => call("tools_preview", { tool, makeDefault }),
    toolsConnect: (tool, makeDefault, restoreAfter, token) => call("tools_connect", { tool, makeDefault, restoreAfter, token }),
    toolsRestoreIfSilent: (tool, minutes) => call("tools_restore_if_silent", { tool, minutes }),
    toolsCopies: () => call("tools_copies"),
    toolsTry: (tool) => call("tools_try", { tool }),
    toolsDisconnect: (tool) => call("tools_disconnect", { tool }),
    toolsRestore: () => call("tools_restore"),
    preferences: () => call("preferences"),
    setKeepRunning: (on) => call("set_keep_running", { on }),
    setStartAtLogin: (on) => call("set_start_at_login", { on }),
    setLockWithScreen: (on) => call("set_lock_with_screen", { on }),
    setNotifications: (on) => call("set_notifications", { on }),
    setRenewUnused: (on) => call("set_renew_unused", { on }),
    setActivityDays: (days) => call("set_activity_days", { days }),
    setHidePersonalData: (hide) => call("set_hide_personal_data", { hide }),
    setNetwork: (network) => call("set_network", { network }),
    chooseCaFile: () => call("choose_ca_file"),
    forgetCaFile: () => call("forget_ca_file"),
    checkNetwork: () => call("check_network"),
    exportSettings: () => call("export_settings"),
    previewSettings: () => call("preview_settings"),
    importSettings: () => call("import_settings"),
    previewTransfer: () => call("preview_transfer"),
    sendTransfer: (passphrase, withSignIns) => call("send_transfer", { passphrase, withSignIns }),
    endTransfer: () => call("end_transfer"),
    cancelTransfer: (confirmed) => call("cancel_transfer", { confirmed }),
    chooseTransfer: () => call("choose_transfer"),
    openTransfer: (passphrase) => call("open_transfer", { passphrase }),
    takeTransfer: (withSettings) => call("take_transfer", { withSettings }),
    resetSettings: (disconnect) => call("reset_settings", { disconnect }),
    undoReset: (backup, startAtLogin) => call("undo_reset", { backup, startAtLogin }),
    updates: () => call("updates"),
    checkForUpdates: () => call("check_for_updates"),
    setAutomaticUpdates: (on) => call("set_automatic_updates", { on }),
    installUpdate: (version, onEvent) => stream("install_update", onEvent, { version }),
    cancelUpdate: () => call("cancel_update"),
    files: () => call("files"),
    openHomeFile: (kind) => call("open_home_file", { kind }),
    settingsFile: () => call("settings_file"),
    openSettingsFile: () => call("open_settings_file"),
    language: () => call("language"),
    chooseLanguage: (language) => call("choose_language", { language }),
    nameHolder: () => call("name_holder"),
    takeDeepLink: () => call("take_deep_link"),
    openLink: (link) => call("open_link", { link }),
    secrets: () => call("secrets"),
    moveSecrets: (place, passphrase) => call("move_secrets", { place, passphrase }),
    unlockSecrets: (passphrase) => call("unlock_secrets", { passphrase }),
    unlockStore: () => call("unlock_store"),
    licences: () => call("licences"),
    licenceTexts: (name, version) => call("licence_texts", { name, version }),
    painted: () => call("painted"),
  };
}
