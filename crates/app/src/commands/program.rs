//! The overview, diagnostics, links, and what concerns the program itself.

use usher_domain::{ErrorCode, Failure};

use super::CommandContext;
use crate::context::blocking;
use crate::diagnostics::report::EXPORT_FILE;
use crate::view::{
    CloseAnswer, DeepLinkView, DoctorReport, Language, LanguageView, LicenceView, Link, NameHolder, Overview,
    SettingsFileView, StoreRepair, shown_path,
};

pub(super) async fn overview(context: &CommandContext) -> Result<Overview, Failure> {
    context.app.overview.read().await
}

pub(super) async fn doctor(context: &CommandContext) -> Result<DoctorReport, Failure> {
    Ok(context.app.doctor.run().await)
}

pub(super) async fn export_diagnostics(context: &CommandContext) -> Result<String, Failure> {
    let Some(file) = context.window.choose_file(EXPORT_FILE).await else {
        return Err(Failure::new(ErrorCode::Cancelled, "no file was chosen"));
    };
    let report = context.app.doctor.run().await;
    context.app.doctor.export_to(&file, &report).await?;
    Ok(shown_path(&file))
}

pub(super) async fn show_diagnostics(context: &CommandContext) -> Result<(), Failure> {
    context.window.open_file(&context.app.doctor.export_folder())
}

pub(super) async fn repair_store(context: &CommandContext, repair: StoreRepair) -> Result<(), Failure> {
    context.app.doctor.repair_store(repair).await
}

pub(super) async fn settings_file(context: &CommandContext) -> Result<SettingsFileView, Failure> {
    Ok(context.app.settings_file())
}

pub(super) async fn open_settings_file(context: &CommandContext) -> Result<(), Failure> {
    context.window.open_file(context.app.settings_path())
}

pub(super) async fn language(context: &CommandContext) -> Result<LanguageView, Failure> {
    Ok(context.app.language.view())
}

pub(super) async fn choose_language(
    context: &CommandContext,
    language: Option<Language>,
) -> Result<LanguageView, Failure> {
    context.app.language.choose(language).await
}

pub(super) async fn name_holder(context: &CommandContext) -> Result<Option<NameHolder>, Failure> {
    Ok(context.window.name_holder())
}

pub(super) async fn take_deep_link(context: &CommandContext) -> Result<Option<DeepLinkView>, Failure> {
    Ok(context.window.take_deep_link())
}

pub(super) async fn open_link(context: &CommandContext, link: Link) -> Result<(), Failure> {
    context.app.links.open(link)
}

pub(super) async fn unlock_store(context: &CommandContext) -> Result<(), Failure> {
    context.app.unlock_store().await
}

pub(super) async fn answer_close(context: &CommandContext, answer: CloseAnswer) -> Result<(), Failure> {
    let saved = match answer {
        CloseAnswer::Cancel => Ok(()),
        CloseAnswer::KeepRunning => context.app.preferences.set_keep_running(true).await,
        CloseAnswer::Stop => context.app.preferences.set_keep_running(false).await,
    };
    // The window closes also where the answer cannot be saved; it asks again the next time.
    context.window.answer_close(answer);
    saved
}

pub(super) async fn licences(_context: &CommandContext) -> Result<Vec<LicenceView>, Failure> {
    Ok(blocking(crate::licences::licences))
}

pub(super) async fn licence_texts(
    _context: &CommandContext,
    name: String,
    version: String,
) -> Result<Vec<String>, Failure> {
    let found = blocking(|| crate::licences::licence_texts(&name, Some(&version)))?;
    Ok(found.into_iter().flat_map(|(_, texts)| texts).collect())
}

pub(super) async fn painted(_context: &CommandContext) -> Result<(), Failure> {
    tracing::info!("painted");
    Ok(())
}
