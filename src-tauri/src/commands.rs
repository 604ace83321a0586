//! One short function for each thing that the page may ask: parse, call the use case, map the error.

#![expect(clippy::needless_pass_by_value, reason = "Tauri hands a command its arguments by value")]

use std::sync::Arc;

use serde::Serialize;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use usher_app::view::{
    DisconnectView, FailureView, Link, ModelsView, Overview, Revoked, SignInEvent, SignInMethod, TestEvent,
    UsageView,
};
use usher_app::{App, SignInOptions};
use usher_domain::Selection;

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
    let _ = core.inner().sign_in(SignInOptions::new(method), on_event).await;
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

/// The models of the account.
#[tauri::command]
pub async fn models(core: Core<'_>, refresh: bool) -> Answer<ModelsView> {
    Ok(core.models(refresh).await?)
}

/// Chooses a model and an effort.
#[tauri::command]
pub async fn choose(core: Core<'_>, model: Option<String>, effort: Option<String>) -> Answer<Selection> {
    Ok(core.choose(model.as_deref(), effort.as_deref(), None).await?)
}

/// Asks how much of the plan is used.
#[tauri::command]
pub async fn usage(core: Core<'_>) -> Answer<UsageView> {
    Ok(core.usage().await?)
}

/// Runs a test; what happens comes down `channel`.
#[tauri::command]
pub async fn run_test(core: Core<'_>, channel: Channel<TestEvent>) -> Answer<()> {
    // A page that has gone hears nothing.
    core.run_test(Arc::new(move |event| drop(channel.send(event)))).await;
    Ok(())
}

/// Stops the test that runs.
#[tauri::command]
pub fn stop_test(core: Core<'_>) {
    core.stop_test();
}

/// Disconnects.
#[tauri::command]
pub async fn disconnect(core: Core<'_>) -> Answer<DisconnectView> {
    Ok(core.disconnect().await?)
}

/// Tells OpenAI again about a sign-in that is over here.
#[tauri::command]
pub async fn retry_revocation(core: Core<'_>, id: String) -> Answer<Revoked> {
    Ok(core.retry_revocation(&id).await?)
}

/// Lets a revocation that is owed be.
#[tauri::command]
pub async fn forget_revocation(core: Core<'_>, id: String) -> Answer<()> {
    Ok(core.forget_revocation(&id).await?)
}

/// Lets tools use the provider, or not.
#[tauri::command]
pub async fn set_enabled(core: Core<'_>, enabled: bool) -> Answer<()> {
    Ok(core.set_enabled(enabled).await?)
}

/// Asks the keyring to unlock.
#[tauri::command]
pub async fn unlock_store(core: Core<'_>) -> Answer<()> {
    Ok(core.unlock_store().await?)
}

/// The page can be seen. `./dev bench` waits for this line.
#[tauri::command]
pub fn painted() {
    tracing::info!("painted");
}
