//! What the person chose for the program itself.

use std::path::{Path, PathBuf};

use usher_domain::{ErrorCode, Failure, Passphrase, ProxyPassword};

use super::CommandContext;
use crate::preferences::{EXPORT_FILE, SecretsTarget};
use crate::view::{
    DoctorReport, HomeFileKind, HomeFileView, NewNetwork, PreferencesView, ResetView, SecretsMoveView,
    SecretsPlace, SecretsView, SettingsImportView, shown_path,
};

pub(super) async fn preferences(context: &CommandContext) -> Result<PreferencesView, Failure> {
    context.app.preferences.view()
}

pub(super) async fn set_keep_running(context: &CommandContext, on: bool) -> Result<PreferencesView, Failure> {
    context.app.preferences.set_keep_running(on).await?;
    context.app.preferences.view()
}

pub(super) async fn set_start_at_login(
    context: &CommandContext,
    on: bool,
) -> Result<PreferencesView, Failure> {
    context.app.preferences.set_start_at_login(on)?;
    context.app.preferences.view()
}

pub(super) async fn set_lock_with_screen(
    context: &CommandContext,
    on: bool,
) -> Result<PreferencesView, Failure> {
    context.app.preferences.set_lock_with_screen(on).await?;
    context.app.preferences.view()
}

pub(super) async fn set_notifications(
    context: &CommandContext,
    on: bool,
) -> Result<PreferencesView, Failure> {
    context.app.preferences.set_notifications(on).await?;
    context.app.preferences.view()
}

pub(super) async fn set_renew_unused(context: &CommandContext, on: bool) -> Result<PreferencesView, Failure> {
    context.app.preferences.set_renew_unused(on).await?;
    context.app.preferences.view()
}

pub(super) async fn set_activity_days(
    context: &CommandContext,
    days: u32,
) -> Result<PreferencesView, Failure> {
    context.app.preferences.set_activity_days(days).await?;
    context.app.preferences.view()
}

pub(super) async fn set_hide_personal_data(
    context: &CommandContext,
    hide: bool,
) -> Result<PreferencesView, Failure> {
    context.app.preferences.set_hide_personal_data(hide).await?;
    context.app.preferences.view()
}

pub(super) async fn set_network(
    context: &CommandContext,
    network: NewNetwork,
) -> Result<PreferencesView, Failure> {
    let password = network.password.map(ProxyPassword::new);
    context.app.preferences.set_proxy(&network.proxy, password).await?;
    context.app.preferences.set_no_proxy(&network.no_proxy).await?;
    context.app.preferences.view()
}

pub(super) async fn choose_ca_file(context: &CommandContext) -> Result<PreferencesView, Failure> {
    let file = existing_file(context).await?;
    context.app.preferences.set_ca_file(Some(&file)).await?;
    context.app.preferences.view()
}

pub(super) async fn forget_ca_file(context: &CommandContext) -> Result<PreferencesView, Failure> {
    context.app.preferences.set_ca_file(None).await?;
    context.app.preferences.view()
}

pub(super) async fn check_network(context: &CommandContext) -> Result<DoctorReport, Failure> {
    Ok(context.app.doctor.check_network().await)
}

pub(super) async fn export_settings(context: &CommandContext) -> Result<String, Failure> {
    let Some(file) = context.window.choose_file(EXPORT_FILE).await else { return Err(nothing_chosen()) };
    context.app.preferences.export_to(&file).await?;
    Ok(shown_path(&file))
}

pub(super) async fn preview_settings(context: &CommandContext) -> Result<SettingsImportView, Failure> {
    let file = existing_file(context).await?;
    context.app.preferences.keep_import(&file)
}

pub(super) async fn import_settings(context: &CommandContext) -> Result<(), Failure> {
    context.app.preferences.import_kept().await
}

pub(super) async fn reset_settings(context: &CommandContext, disconnect: bool) -> Result<ResetView, Failure> {
    context.app.reset(disconnect).await
}

pub(super) async fn undo_reset(
    context: &CommandContext,
    backup: String,
    start_at_login: bool,
) -> Result<(), Failure> {
    context.app.preferences.undo_reset(Path::new(&backup)).await?;
    if start_at_login { context.app.preferences.set_start_at_login(true) } else { Ok(()) }
}

pub(super) async fn files(context: &CommandContext) -> Result<Vec<HomeFileView>, Failure> {
    Ok(context.app.preferences.files_view())
}

pub(super) async fn open_home_file(context: &CommandContext, kind: HomeFileKind) -> Result<(), Failure> {
    context.window.open_file(&context.app.preferences.path_to_open(kind)?)
}

pub(super) async fn secrets(context: &CommandContext) -> Result<SecretsView, Failure> {
    Ok(context.app.preferences.secrets())
}

pub(super) async fn move_secrets(
    context: &CommandContext,
    place: SecretsPlace,
    passphrase: Option<String>,
) -> Result<SecretsMoveView, Failure> {
    let target = SecretsTarget::at(place, passphrase.map(Passphrase::new))?;
    if place == SecretsPlace::Keyring {
        context.app.preferences.wait_for_keyring().await?;
    }
    context.app.preferences.move_secrets(target).await
}

pub(super) async fn unlock_secrets(context: &CommandContext, passphrase: String) -> Result<(), Failure> {
    context.app.preferences.unlock_secrets(Passphrase::new(passphrase)).await
}

async fn existing_file(context: &CommandContext) -> Result<PathBuf, Failure> {
    context.window.choose_existing_file().await?.ok_or_else(nothing_chosen)
}

fn nothing_chosen() -> Failure {
    Failure::new(ErrorCode::Cancelled, "no file was chosen")
}
