//! `usher preferences`: what the person chose for the program itself.

mod secrets;

use std::path::{Path, PathBuf};

use serde::Serialize;
use usher_app::view::{Check, HomeFileKind, HomeFileView, SettingChangeView, SettingsImportView, Verdict};
use usher_app::{App, Preference, PreferenceView};
use usher_domain::{ErrorCode, ExitStatus, Failure};
use usher_text::messages as m;

use super::doctor;
use crate::args::PreferencesCommand;
use crate::confirm::{declined, is_confirmed};
use crate::language::language;
use crate::output::columns::{padded, widest};
use crate::output::{Output, shown_cause};
use crate::stdin;

#[derive(Serialize)]
struct PreferencesDocument {
    preferences: Vec<PreferenceView>,
}

#[derive(Serialize)]
struct CheckDocument {
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct ResetDocument {
    backup: Option<String>,
    started_at_login: bool,
    disconnected: u32,
}

#[derive(Serialize)]
struct RestoredDocument {
    restored: String,
}

#[derive(Serialize)]
struct ExportDocument {
    exported: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<String>,
}

#[derive(Serialize)]
struct ImportDocument<'a> {
    #[serde(flatten)]
    preview: &'a SettingsImportView,
    imported: bool,
}

#[derive(Serialize)]
struct FilesDocument {
    files: Vec<HomeFileView>,
}

pub(crate) async fn run(
    app: &App,
    command: &PreferencesCommand,
    output: Output,
) -> Result<ExitStatus, Failure> {
    match command {
        PreferencesCommand::List => list(app, output),
        PreferencesCommand::Set { name, value, password_stdin } => {
            set(app, *name, value, *password_stdin).await?;
            list(app, output)
        }
        PreferencesCommand::CheckNetwork => check_network(app, output).await,
        PreferencesCommand::Reset { disconnect, yes } => reset(app, *disconnect, *yes, output).await,
        PreferencesCommand::UndoReset { file } => undo_reset(app, file, output).await,
        PreferencesCommand::Export { file } => export(app, file.as_deref(), output).await,
        PreferencesCommand::Import { file, dry_run, yes } => import(app, file, *dry_run, *yes, output).await,
        PreferencesCommand::Secrets { place: None, .. } => Ok(secrets::show(app, output)),
        PreferencesCommand::Secrets { place: Some(place), passphrase_stdin, yes } => {
            secrets::move_to(app, *place, *passphrase_stdin, *yes, output).await
        }
        PreferencesCommand::Files => Ok(files(app, output)),
    }
}

fn list(app: &App, output: Output) -> Result<ExitStatus, Failure> {
    let preferences = app.preferences.list()?;
    let width = preferences.iter().map(|one| one.name.len()).max().unwrap_or_default() + 2;
    output.lines(preferences.iter().map(|one| {
        let note = one.note.as_ref().map(|note| format!(" ({})", shown_cause(note))).unwrap_or_default();
        format!("{:<width$}{}{note}", one.name, one.value).trim_end().to_owned()
    }));
    output.document(&PreferencesDocument { preferences });
    Ok(ExitStatus::Success)
}

async fn set(app: &App, name: Preference, value: &str, password_stdin: bool) -> Result<(), Failure> {
    if !password_stdin {
        return app.preferences.set(name, value).await;
    }
    if name != Preference::Proxy {
        return Err(Failure::new(ErrorCode::BadUsage, "--password-stdin is for the proxy"));
    }
    app.preferences.set_proxy(value, Some(stdin::secret(m::secret_proxy_password)?)).await
}

async fn check_network(app: &App, output: Output) -> Result<ExitStatus, Failure> {
    let report = app.doctor.check_network().await;
    output.lines(doctor::lines(&report.checks, output));
    let is_bad = report.checks.iter().any(|check| check.verdict == Verdict::Bad);
    output.document(&CheckDocument { checks: report.checks });
    Ok(if is_bad { ExitStatus::Failed } else { ExitStatus::Success })
}

async fn reset(app: &App, disconnect: bool, yes: bool, output: Output) -> Result<ExitStatus, Failure> {
    let question = if disconnect { m::preferences_ask_reset_disconnect } else { m::preferences_ask_reset };
    if !yes && !is_confirmed(question(language()))? {
        return Err(declined());
    }
    let done = app.reset(disconnect).await?;
    match &done.backup {
        Some(backup) => {
            output.text(m::preferences_reset(language(), backup));
            output.hint(m::preferences_hint_undo(language(), backup));
        }
        None => output.text(m::preferences_reset_already(language())),
    }
    if done.started_at_login {
        output.text(m::preferences_reset_start_at_login(language()));
    }
    if disconnect {
        output.text(m::preferences_disconnected(language(), done.disconnected));
    }
    output.document(&ResetDocument {
        backup: done.backup,
        started_at_login: done.started_at_login,
        disconnected: done.disconnected,
    });
    Ok(ExitStatus::Success)
}

async fn undo_reset(app: &App, file: &Path, output: Output) -> Result<ExitStatus, Failure> {
    let file = absolute(file)?;
    app.preferences.undo_reset(&file).await?;
    let restored = file.display().to_string();
    output.text(m::preferences_restored(language(), &restored));
    output.document(&RestoredDocument { restored });
    Ok(ExitStatus::Success)
}

async fn export(app: &App, file: Option<&Path>, output: Output) -> Result<ExitStatus, Failure> {
    let Some(file) = file else {
        let settings = app.preferences.exported()?;
        output.lines(settings.lines().map(str::to_owned));
        output.document(&ExportDocument { exported: None, settings: Some(settings) });
        return Ok(ExitStatus::Success);
    };
    let file = absolute(file)?;
    if file.exists() {
        let cause = format!("{} is there already; name another file, or remove it", file.display());
        return Err(Failure::new(ErrorCode::BadUsage, cause));
    }
    app.preferences.export_to(&file).await?;
    let exported = file.display().to_string();
    output.text(m::preferences_exported(language(), &exported));
    output.document(&ExportDocument { exported: Some(exported), settings: None });
    Ok(ExitStatus::Success)
}

async fn import(
    app: &App,
    file: &Path,
    dry_run: bool,
    yes: bool,
    output: Output,
) -> Result<ExitStatus, Failure> {
    let import = app.preferences.read_import(&absolute(file)?)?;
    let preview = import.view.clone();
    output.lines(import_lines(&preview));
    let is_wanted = !dry_run && !preview.changes.is_empty();
    if is_wanted && !yes && !is_confirmed(m::preferences_ask_import(language()))? {
        return Err(declined());
    }
    if is_wanted {
        app.preferences.import(import).await?;
        output.text(m::preferences_imported(language()));
    }
    output.document(&ImportDocument { preview: &preview, imported: is_wanted });
    Ok(ExitStatus::Success)
}

pub(super) fn import_lines(preview: &SettingsImportView) -> Vec<String> {
    let verbs = [m::preferences_import_change(language()), m::preferences_import_add(language())];
    let [change, add] = verbs.map(|verb| padded(verb, widest(verbs) + 2));
    let change = |one: &SettingChangeView| match &one.old {
        Some(old) => format!("{change}{}: {old} -> {}", one.key, one.new),
        None => format!("{add}{}: {}", one.key, one.new),
    };
    let mut lines: Vec<String> = preview.changes.iter().map(change).collect();
    if lines.is_empty() {
        lines.push(m::preferences_nothing_changes(language()).into());
    }
    lines.push(m::preferences_import_same(language(), preview.same, preview.left_alone.len()));
    lines.extend(preview.unused.iter().map(|line| m::preferences_import_unused(language(), line)));
    lines
}

fn files(app: &App, output: Output) -> ExitStatus {
    let files = app.preferences.files_view();
    let names =
        [m::files_settings, m::files_sign_ins, m::files_cache, m::files_logs].map(|name| name(language()));
    let cells = widest(names) + 2;
    output.lines(files.iter().map(|file| {
        let name = match file.kind {
            HomeFileKind::Settings => names[0],
            HomeFileKind::SignIns => names[1],
            HomeFileKind::Cache => names[2],
            HomeFileKind::Logs => names[3],
        };
        let path = &file.path;
        let path = if file.exists { path.clone() } else { m::files_missing(language(), path) };
        format!("{}{path}", padded(name, cells))
    }));
    output.document(&FilesDocument { files });
    ExitStatus::Success
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| Failure::new(ErrorCode::BadUsage, error.to_string()))
}
