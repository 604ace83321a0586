//! One short function for each thing that the page may ask: parse, call the use case, map the error.

#![expect(clippy::needless_pass_by_value, reason = "Tauri hands a command its arguments by value")]

use std::sync::Arc;

use serde::Serialize;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use usher_app::view::{
    AccountCard, AccountView, CodexLoginEvent, CreatedPass, DisconnectView, DoctorReport, ExternalSignInView,
    FailureView, GatewayStatus, Link, ModelsView, MoveDirection, NewEndpoint, NewPass, Overview, PassView,
    ProviderChange, ProviderView, ProvidersView, RequestUpdate, RevocationView, SignInEvent, SignInMethod,
    TestEvent, UsageView,
};
use usher_app::{App, SignInOptions, Target};
use usher_domain::{AccessToken, AccountId, ApiKey, HeaderSecret, ProviderId, Selection};

use crate::window;

type Core<'a> = State<'a, Arc<App>>;
type Answer<T> = Result<T, FailureView>;

/// What the page says about the program itself.
#[derive(Debug, Serialize)]
pub struct AppInfo {
    /// The version of Usher.
    pub version: &'static str,
}

/// Says which Usher this is.
#[tauri::command]
pub fn app_info() -> AppInfo {
    AppInfo { version: env!("CARGO_PKG_VERSION") }
}

/// What stands, without the network.
#[tauri::command]
pub async fn overview(core: Core<'_>) -> Answer<Overview> {
    Ok(core.overview().await?)
}

/// Signs in; what happens comes down `channel`, a failure too. When the browser is back, so is the window.
#[tauri::command]
pub async fn sign_in(
    app: AppHandle,
    core: Core<'_>,
    method: SignInMethod,
    add_account: bool,
    channel: Channel<SignInEvent>,
) -> Answer<()> {
    let on_event = Arc::new(move |event: &SignInEvent| {
        if matches!(event, SignInEvent::Exchanging) {
            window::bring_forward(&app);
        }
        // A page that has gone hears nothing; closing the window ends the sign-in.
        let _ = channel.send(event.clone());
    });
    // How it ended went down the channel as the last event.
    let _ = core.inner().sign_in(SignInOptions { add_account, ..SignInOptions::new(method) }, on_event).await;
    Ok(())
}

/// Ends the sign-in that is under way.
#[tauri::command]
pub fn cancel_sign_in(core: Core<'_>) {
    core.cancel_sign_in();
}

/// Takes a redirected address that the person pasted.
#[tauri::command]
pub async fn paste_redirect(core: Core<'_>, url: String) -> Answer<()> {
    Ok(core.paste_redirect(url).await?)
}

/// Opens one of the addresses that the core has a list of.
#[tauri::command]
pub fn open_link(core: Core<'_>, link: Link) -> Answer<()> {
    Ok(core.open_link(link)?)
}

/// The models of a provider.
#[tauri::command]
pub async fn models(core: Core<'_>, provider: ProviderId, refresh: bool) -> Answer<ModelsView> {
    Ok(core.models(&Target::of(provider), refresh).await?)
}

/// Chooses a model, an effort, and what "small" means.
#[tauri::command]
pub async fn choose(
    core: Core<'_>,
    provider: ProviderId,
    model: Option<String>,
    effort: Option<String>,
    small: Option<String>,
) -> Answer<Selection> {
    let target = Target::of(provider);
    Ok(core.select_model(&target, model.as_deref(), effort.as_deref(), small.as_deref()).await?)
}

/// Adds a model by its id.
#[tauri::command]
pub async fn add_model(core: Core<'_>, provider: ProviderId, id: String) -> Answer<ModelsView> {
    Ok(core.set_manual_model(&Target::of(provider), &id, true).await?)
}

/// Takes a model out that was added by its id.
#[tauri::command]
pub async fn remove_model(core: Core<'_>, provider: ProviderId, id: String) -> Answer<ModelsView> {
    Ok(core.set_manual_model(&Target::of(provider), &id, false).await?)
}

/// Asks how much of the plan is used.
#[tauri::command]
pub async fn usage(core: Core<'_>) -> Answer<UsageView> {
    Ok(core.usage(&Target::of(ProviderId::Chatgpt)).await?)
}

/// Runs a test; what happens comes down `channel`.
#[tauri::command]
pub async fn run_test(core: Core<'_>, provider: ProviderId, channel: Channel<TestEvent>) -> Answer<()> {
    // A page that has gone hears nothing.
    core.run_test(&Target::of(provider), Arc::new(move |event| drop(channel.send(event)))).await;
    Ok(())
}

/// Stops the test that runs.
#[tauri::command]
pub fn stop_test(core: Core<'_>) {
    core.stop_test();
}

/// Disconnects an account, or the one in use.
#[tauri::command]
pub async fn disconnect(core: Core<'_>, account: Option<AccountId>) -> Answer<DisconnectView> {
    Ok(core.disconnect(account.as_ref().map(|id| id.0.as_str())).await?)
}

/// Sends a pending revocation to OpenAI again.
#[tauri::command]
pub async fn retry_revocation(core: Core<'_>, id: String) -> Answer<RevocationView> {
    Ok(core.retry_revocation(&id).await?)
}

/// Gives up a pending revocation.
#[tauri::command]
pub async fn forget_revocation(core: Core<'_>, id: String) -> Answer<()> {
    Ok(core.forget_revocation(&id).await?)
}

/// All providers, and what a new one can be made from.
#[tauri::command]
pub async fn providers(core: Core<'_>) -> Answer<ProvidersView> {
    Ok(core.providers().await?)
}

/// Adds the Platform, or the link to the Codex CLI.
#[tauri::command]
pub async fn add_provider(core: Core<'_>, provider: ProviderId) -> Answer<ProviderView> {
    Ok(core.add_provider(&provider).await?)
}

/// Adds a service that speaks the OpenAI API.
#[tauri::command]
pub async fn add_endpoint(core: Core<'_>, endpoint: NewEndpoint) -> Answer<ProviderView> {
    Ok(core.add_endpoint(endpoint).await?)
}

/// Changes what the person may change of a provider.
#[tauri::command]
pub async fn change_provider(
    core: Core<'_>,
    provider: ProviderId,
    change: ProviderChange,
) -> Answer<ProviderView> {
    Ok(core.change_provider(&provider, change).await?)
}

/// Takes a provider out, with its key.
#[tauri::command]
pub async fn remove_provider(core: Core<'_>, provider: ProviderId) -> Answer<()> {
    Ok(core.remove_provider(&provider).await?)
}

/// Lets tools use a provider, or not.
#[tauri::command]
pub async fn set_enabled(core: Core<'_>, provider: ProviderId, enabled: bool) -> Answer<()> {
    Ok(core.set_enabled(&provider, enabled).await?)
}

/// Keeps a key.
#[tauri::command]
pub async fn save_key(core: Core<'_>, provider: ProviderId, key: String) -> Answer<ProviderView> {
    Ok(core.save_key(&provider, ApiKey::new(key)).await?)
}

/// Forgets a key.
#[tauri::command]
pub async fn forget_key(core: Core<'_>, provider: ProviderId) -> Answer<ProviderView> {
    Ok(core.forget_key(&provider).await?)
}

/// Keeps a secret header.
#[tauri::command]
pub async fn save_header(
    core: Core<'_>,
    provider: ProviderId,
    name: String,
    value: String,
) -> Answer<ProviderView> {
    Ok(core.save_header(&provider, &name, HeaderSecret::new(value)).await?)
}

/// Forgets a secret header.
#[tauri::command]
pub async fn remove_header(core: Core<'_>, provider: ProviderId, name: String) -> Answer<ProviderView> {
    Ok(core.remove_header(&provider, &name).await?)
}

/// All accounts of the plan.
#[tauri::command]
pub async fn accounts(core: Core<'_>) -> Answer<Vec<AccountCard>> {
    Ok(core.accounts().await?)
}

/// Uses another account from now on.
#[tauri::command]
pub async fn use_account(core: Core<'_>, account: AccountId) -> Answer<()> {
    Ok(core.use_account(account).await?)
}

/// Gives an account the person's own name for it.
#[tauri::command]
pub async fn rename_account(core: Core<'_>, account: AccountId, label: String) -> Answer<()> {
    Ok(core.rename_account(account, &label).await?)
}

/// Moves an account in the list.
#[tauri::command]
pub async fn move_account(core: Core<'_>, account: AccountId, direction: MoveDirection) -> Answer<()> {
    Ok(core.move_account(account, direction).await?)
}

/// Keeps an access token that the person made for a workspace.
#[tauri::command]
pub async fn save_access_token(core: Core<'_>, token: String) -> Answer<AccountView> {
    Ok(core.save_access_token(AccessToken::new(token.trim())).await?)
}

/// Sign-ins that other programs of this computer hold.
#[tauri::command]
pub async fn found_sign_ins(core: Core<'_>) -> Answer<Vec<ExternalSignInView>> {
    Ok(core.external_sign_ins().await?)
}

/// Runs `codex login`; what happens comes down `channel`.
#[tauri::command]
pub async fn codex_login(core: Core<'_>, channel: Channel<CodexLoginEvent>) -> Answer<()> {
    // A page that has gone hears nothing.
    Ok(core.codex_login(Arc::new(move |event| drop(channel.send(event)))).await?)
}

/// Ends the `codex login` that runs.
#[tauri::command]
pub fn stop_codex_login(core: Core<'_>) {
    core.stop_codex_login();
}

/// Looks at what could stand in the way.
#[tauri::command]
pub async fn doctor(core: Core<'_>) -> Answer<DoctorReport> {
    Ok(core.doctor().await)
}

/// Writes the same to a file that can be shared, and says where.
#[tauri::command]
pub async fn export_diagnostics(core: Core<'_>) -> Answer<String> {
    let checkup = core.doctor().await;
    Ok(core.export_diagnostics(&checkup).await?.display().to_string())
}

/// Asks the keyring to unlock.
#[tauri::command]
pub async fn unlock_store(core: Core<'_>) -> Answer<()> {
    Ok(core.unlock_store().await?)
}

/// How it stands with the gateway.
#[tauri::command]
pub async fn gateway_status(core: Core<'_>) -> Answer<GatewayStatus> {
    Ok(core.gateway_status().await)
}

/// Runs the gateway in this window, or not.
#[tauri::command]
pub async fn switch_gateway(core: Core<'_>, on: bool) -> Answer<GatewayStatus> {
    Ok(core.switch_gateway(on).await?)
}

/// All passes, without their secrets.
#[tauri::command]
pub async fn passes(core: Core<'_>) -> Answer<Vec<PassView>> {
    Ok(core.list_pass_views().await?)
}

/// Makes a pass; the answer is the only one with its secret.
#[tauri::command]
pub async fn make_pass(core: Core<'_>, pass: NewPass) -> Answer<CreatedPass> {
    Ok(core.create_pass_view(pass).await?)
}

/// Revokes a pass.
#[tauri::command]
pub async fn revoke_pass(core: Core<'_>, id: String) -> Answer<()> {
    Ok(core.revoke_pass_by_id(&id).await?)
}

/// Sends the requests through the gateway, and each that begins or ends, until it is stopped.
#[tauri::command]
pub async fn watch_requests(core: Core<'_>, channel: Channel<RequestUpdate>) -> Answer<()> {
    // A page that has gone hears nothing; the next one takes over.
    core.watch_requests(move |news| drop(channel.send(news))).await;
    Ok(())
}

/// Stops sending requests.
#[tauri::command]
pub fn stop_watching_requests(core: Core<'_>) {
    core.stop_watching_requests();
}

/// The page can be seen. `./dev bench` waits for this line.
#[tauri::command]
pub fn painted() {
    tracing::info!("painted");
}
