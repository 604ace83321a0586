// The commands of the window: one line each. The function with the same name is in one of the files beside this one.
//
// Everything else follows from this list: the dispatcher of window and test bridge (`mod.rs`), the permissions of the
// page (`src-tauri/build.rs`) and the TypeScript client (`ui/src/ipc/commands.ts`, written by
// `UPDATE=1 cargo test -p usher-app --test bindings`). The names of commands and arguments are the wire; arguments are
// in camelCase there. The comments become those of the client.
commands! {
    /// Returns account, limits and sign-in of the plan, without the network; `providers` has all of them.
    overview() -> Overview;

    /// Returns all providers, and what a new one can be made from.
    providers() -> ProvidersView;
    /// Adds a provider that has no address of its own: `openai` or `codex-cli`.
    add_provider(provider: ProviderId) -> ProviderView;
    /// Adds a service that speaks the OpenAI API.
    add_endpoint(endpoint: NewEndpoint) -> ProviderView;
    /// Changes what the user may change of a provider.
    change_provider(provider: ProviderId, change: ProviderChange) -> ProviderView;
    /// Removes a provider, its key and the values of its headers.
    remove_provider(provider: ProviderId);
    /// Lets tools use a provider, or not.
    set_enabled(provider: ProviderId, enabled: bool);
    /// Chooses the provider that tools use, and makes an account of it the one in use.
    use_provider(provider: ProviderId, account: Option<AccountId>);
    /// Saves the key of a provider.
    save_key(provider: ProviderId, key: String) -> ProviderView;
    /// Deletes the key of a provider.
    forget_key(provider: ProviderId) -> ProviderView;
    /// Saves the value of a secret header.
    save_header(provider: ProviderId, name: String, value: String) -> ProviderView;
    /// Deletes a secret header.
    remove_header(provider: ProviderId, name: String) -> ProviderView;

    /// Returns the models of a provider; `refresh` asks the network in any case.
    models(provider: ProviderId, refresh: bool) -> ModelsView;
    /// Chooses a model. What is null stays, as far as the model has it; an empty `small` removes the small model.
    choose(provider: ProviderId, model: Option<String>, effort: Option<String>, small: Option<String>) -> Selection;
    /// Changes what is chosen for a role.
    choose_role(provider: ProviderId, role: Role, edit: RoleEdit) -> Selection;
    /// Adds a model by its id, which a refresh does not remove.
    add_model(provider: ProviderId, id: String) -> ModelsView;
    /// Removes a model that was added by its id.
    remove_model(provider: ProviderId, id: String) -> ModelsView;
    /// Asks OpenAI how much of the plan behind a provider is used, at most once a minute; the overview has what was seen last of the plan's own sign-in.
    usage(provider: ProviderId) -> UsageView;
    /// Tests the connection to a provider; ends with the test.
    run_test(provider: ProviderId) emits(TestEvent);
    /// Stops the running test.
    stop_test();

    /// Signs in; ends with the attempt. The same route, method and purpose join a running attempt, others replace it.
    sign_in(route: SignInRoute, method: SignInMethod, purpose: SignInPurpose) emits(SignInEvent);
    /// Decides about another account than the one that was to sign in again; the events of the sign-in go on.
    answer_other_account(choice: OtherAccountChoice);
    /// Cancels the running sign-in.
    cancel_sign_in();
    /// Completes the running sign-in with a redirect address that the user pasted.
    paste_redirect(url: String);
    /// Saves an access token that the user pasted; it is never refreshed.
    save_access_token(token: String) -> AccountView;
    /// Returns all accounts of the plan, in the user's order.
    accounts() -> Vec<AccountCard>;
    /// Makes an account the one in use.
    use_account(account: AccountId);
    /// Notes that the page showed that requests of an account count on its plan; the overview does not ask for it again.
    welcome_seen(account: AccountId);
    /// Names an account; an empty label removes the name.
    rename_account(account: AccountId, label: String);
    /// Moves an account by one place in the list.
    move_account(account: AccountId, direction: MoveDirection);
    /// Disconnects an account; null means the one in use. `next` is used instead; null means that none is.
    disconnect(account: Option<AccountId>, next: Option<AccountId>) -> DisconnectView;
    /// Revokes a sign-in at OpenAI that could not be revoked when it was erased here.
    retry_revocation(id: String) -> RevocationView;
    /// Gives up a pending revocation.
    forget_revocation(id: String);

    /// Returns sign-ins that other programs of this computer have.
    found_sign_ins() -> Vec<ExternalSignInView>;
    /// Runs the Codex CLI's own sign-in; ends with it.
    codex_login() emits(CodexLoginEvent);
    /// Stops the running sign-in of the Codex CLI.
    stop_codex_login();

    /// Checks everything that a connection needs.
    doctor() -> DoctorReport;
    /// Writes the report of `doctor` to a file that the user chooses, and returns its path.
    export_diagnostics() -> String;
    /// Opens the folder that the report was written to.
    show_diagnostics();
    /// Repairs what the overview finds wrong with the store, after a yes.
    repair_store(repair: StoreRepair);

    /// Returns the state of the gateway.
    gateway_status() -> GatewayStatus;
    /// Switches the window's gateway; off ends running requests.
    switch_gateway(on: bool) -> GatewayStatus;
    /// Sets the port of the gateway; one that could not start is started there.
    set_gateway_port(port: u16) -> GatewayStatus;
    /// Ends the question that the window asks before it closes: closes it, or keeps it open. The answer is remembered.
    answer_close(answer: CloseAnswer);
    /// Stops everything: all passes are refused, and running answers cut off, until they are allowed again.
    lock_passes();
    /// Allows passes again after everything was stopped.
    unlock_passes();
    /// Returns all passes without their secrets, oldest first.
    passes() -> Vec<PassView>;
    /// Creates a pass. The only response with a secret in it.
    make_pass(pass: NewPass) -> CreatedPass;
    /// Sets how much of a plan a pass leaves to others, in percent; null: nothing. Holds from its next request on.
    set_pass_reserve(id: String, leaves_percent: Option<u8>);
    /// Returns the lines that connect programs to the gateway with a pass; they do not hold its secret.
    tool_setups(pass: String) -> Vec<ToolSetup>;
    /// Sends one short request with a pass through the gateway; the list of requests shows how it ends.
    try_pass(pass: String);
    /// Returns what each pass will use after a change, for a dialog to say before it is made; null means now.
    pass_outcomes(change: Option<PassChange>) -> Vec<PassOutcome>;
    /// Revokes a pass.
    revoke_pass(id: String);
    /// Reports all known requests, then each that begins or ends, until that is stopped.
    watch_requests() emits(RequestUpdate);
    /// Ends `watch_requests`.
    stop_watching_requests();

    /// Returns what was counted of the requests of the last days, today included.
    activity(days: u32) -> ActivityView;
    /// Writes what was counted in the last days to a file that the user chooses, and returns its path.
    export_activity(days: u32, format: ActivityFormat) -> String;
    /// Deletes all that was counted.
    clear_activity();

    /// Returns the tools that can use the gateway, whether they are on this computer and connected.
    tools_list() -> Vec<ToolView>;
    /// Returns what connecting a tool would change, and what conflicts with that.
    tools_preview(tool: String, make_default: bool) -> ToolPreview;
    /// Connects a tool as the preview with this token showed it. Its files come back by themselves once the gateway has not
    /// answered for `restore_after` minutes; null changes nothing about that.
    tools_connect(tool: String, make_default: bool, restore_after: Option<u32>, token: String) -> ToolView;
    /// Chooses after how many minutes without an answer of the gateway the files of a connected tool come back; null means never.
    tools_restore_if_silent(tool: String, minutes: Option<u32>) -> ToolView;
    /// Returns every place of this computer that holds a sign-in of OpenAI, and whether two programs renew the same one.
    tools_copies() -> SignInCopiesView;
    /// Runs the smallest command of a connected tool that asks a model.
    tools_try(tool: String) -> ToolTrialView;
    /// Restores the files of a tool and revokes its pass.
    tools_disconnect(tool: String) -> ToolUndone;
    /// Restores the files of all tools and revokes their passes.
    tools_restore() -> Vec<ToolUndone>;

    /// Returns what the person chose for the program itself.
    preferences() -> PreferencesView;
    /// Chooses whether the gateway goes on when the window is closed.
    set_keep_running(on: bool) -> PreferencesView;
    /// Chooses whether the system starts Usher when the user logs in.
    set_start_at_login(on: bool) -> PreferencesView;
    /// Chooses whether all passes are locked while the screen is.
    set_lock_with_screen(on: bool) -> PreferencesView;
    /// Chooses whether the user is notified of limits and resets.
    set_notifications(on: bool) -> PreferencesView;
    /// Chooses whether sign-ins of accounts that are not used are renewed.
    set_renew_unused(on: bool) -> PreferencesView;
    /// Chooses for how many days counts of requests are kept, and deletes older ones; 0 keeps none.
    set_activity_days(days: u32) -> PreferencesView;
    /// Chooses whether names and e-mail addresses are left out of what is shown.
    set_hide_personal_data(hide: bool) -> PreferencesView;
    /// Chooses the proxy, its password, and the hosts that are reached without it.
    set_network(network: NewNetwork) -> PreferencesView;
    /// Lets the person choose a file of certificate authorities to trust beside those of the system.
    choose_ca_file() -> PreferencesView;
    /// Trusts the certificate authorities of that file no longer.
    forget_ca_file() -> PreferencesView;
    /// Checks the way to remote hosts.
    check_network() -> DoctorReport;
    /// Writes the settings to a file that the user chooses, and returns its path. No secret is in it.
    export_settings() -> String;
    /// Reads a file of settings that the user chooses, and returns what it would change.
    preview_settings() -> SettingsImportView;
    /// Takes the settings over that were read last.
    import_settings();
    /// Returns what would leave this computer with a transfer file, and what would stay.
    preview_transfer() -> TransferPreviewView;
    /// Writes a transfer file that the user names; `with_sign_ins` moves sign-ins and keys there and retires them here.
    send_transfer(passphrase: String, with_sign_ins: bool) -> TransferSentView;
    /// Ends a move to another computer that was interrupted.
    end_transfer() -> TransferSentView;
    /// Takes back the sign-ins of a move that was interrupted; `confirmed` where its file cannot be found. Returns how many.
    cancel_transfer(confirmed: bool) -> u32;
    /// Lets the user choose a transfer file, and returns its path.
    choose_transfer() -> String;
    /// Opens the transfer file that was chosen last, to see what is in it. Changes nothing.
    open_transfer(passphrase: String) -> TransferContentsView;
    /// Takes over what was opened last.
    take_transfer(with_settings: bool) -> TransferReceivedView;
    /// Gives every setting its default; disconnects all accounts as well, if asked.
    reset_settings(disconnect: bool) -> ResetView;
    /// Puts the settings back that a reset kept in a file.
    undo_reset(backup: String, start_at_login: bool);
    /// Returns this version, how a newer one gets here, and the one that was found last. Never asks the network.
    updates() -> UpdatesView;
    /// Looks for a newer version.
    check_for_updates() -> UpdatesView;
    /// Chooses whether Usher looks for newer versions by itself.
    set_automatic_updates(on: bool) -> UpdatesView;
    /// Installs the version that was found last, once no request is being answered, and starts the window again.
    install_update(version: String) emits(UpdateProgress);
    /// Cancels the installation, unless the program is already being replaced.
    cancel_update();
    /// Returns where the files of the home are.
    files() -> Vec<HomeFileView>;
    /// Opens a file of the home, or the folder that it is in.
    open_home_file(kind: HomeFileKind);
    /// Returns where the settings file is, and what is wrong with it.
    settings_file() -> SettingsFileView;
    /// Opens the settings file in the program that the system has for it.
    open_settings_file();
    /// Returns the language of the page.
    language() -> LanguageView;
    /// Chooses the language of the page; null follows the system.
    choose_language(language: Option<Language>) -> LanguageView;
    /// Returns the process that holds the window's name on the session bus, so that the next start opens one more window.
    name_holder() -> Option<NameHolder>;
    /// Takes the last link that another program gave to Usher, if there is one that the page has not taken.
    take_deep_link() -> Option<DeepLinkView>;
    /// Opens one of the addresses that the core has a list of.
    open_link(link: Link);
    /// Returns where secrets are kept.
    secrets() -> SecretsView;
    /// Moves the key of the secrets. The passphrase is the new one, where the key is to come from one.
    move_secrets(place: SecretsPlace, passphrase: Option<String>) -> SecretsMoveView;
    /// Opens the secrets with their passphrase, as long as Usher runs.
    unlock_secrets(passphrase: String);
    /// Asks the keyring to unlock; the user has up to a minute.
    unlock_store();
    /// Returns the packages of others that are built into Usher, in the order of their names.
    licences() -> Vec<LicenceView>;
    /// Returns the texts of the licences of one of them.
    licence_texts(name: String, version: String) -> Vec<String>;
    /// Notes in the log that the page can be seen. `./dev bench` waits for it.
    painted();
}
