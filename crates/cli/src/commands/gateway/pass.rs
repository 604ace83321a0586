//! `usher pass`: the credentials of other programs at the gateway.

use std::fmt::Write as _;

use serde::Serialize;
use usher_app::view::SetupTool;
use usher_app::{App, Target};
use usher_domain::{AccountId, ErrorCode, ExitStatus, Failure, Pass, PassScope, ProviderId, UnixTime};

use crate::args::{NewPass, PassCommand};
use crate::output::{Output, time_format};

/// A pass without its secret, which only `usher pass print` prints.
#[derive(Serialize)]
struct PassFields<'a> {
    id: &'a str,
    name: &'a str,
    provider: Option<&'a ProviderId>,
    account: Option<&'a AccountId>,
    model: Option<&'a str>,
    project: Option<&'a str>,
    token: bool,
    created_at: UnixTime,
    expires_at: Option<UnixTime>,
}

#[derive(Serialize)]
struct PassDocument<'a> {
    pass: PassFields<'a>,
}

#[derive(Serialize)]
struct PassesDocument<'a> {
    passes: Vec<PassFields<'a>>,
}

#[derive(Serialize)]
struct RevokedDocument<'a> {
    revoked: &'a str,
}

pub(crate) async fn run(
    app: &App,
    command: &PassCommand,
    target: &Target,
    output: Output,
) -> Result<ExitStatus, Failure> {
    match command {
        PassCommand::New(new) => create(app, new, target, output).await,
        PassCommand::Print { name } => print(app, name, output).await,
        PassCommand::List => list(app, output).await,
        PassCommand::Revoke { name } => {
            app.passes.revoke(name).await?;
            output.document(&RevokedDocument { revoked: name });
            output.text(format!("Revoked {name}. Programs that use it are locked out at once."));
            Ok(ExitStatus::Success)
        }
    }
}

async fn create(app: &App, new: &NewPass, target: &Target, output: Output) -> Result<ExitStatus, Failure> {
    let scope = PassScope {
        model: new.model.clone(),
        project: new.project.as_ref().map(|folder| folder.display().to_string()),
        token: new.allow.is_some(),
        ..PassScope::default()
    };
    let created = app.passes.create(&new.name, target, scope, new.expires).await;
    let (pass, secret) = match created {
        Err(failure) if failure.code == ErrorCode::BadUsage && exists(app, &new.name).await? => {
            let hint = format!("To replace the pass: `usher pass revoke {}`", shell_quoted(&new.name));
            return Ok(output.failure_with_hint(&failure, &hint));
        }
        created => created?,
    };
    output.document(&PassDocument { pass: PassFields::from(pass.as_ref()) });
    output.text(secret.expose());
    output.hint(next_steps(app, &pass.name).await?);
    Ok(ExitStatus::Success)
}

async fn exists(app: &App, name: &str) -> Result<bool, Failure> {
    Ok(app.passes.list().await?.iter().any(|pass| pass.name == name))
}

/// Prints only the secret, also with `--json`, for tools that run this command to get it.
async fn print(app: &App, name: &str, output: Output) -> Result<ExitStatus, Failure> {
    let secret = app.passes.secret_of(name).await?;
    output.raw_line(secret.expose());
    Ok(ExitStatus::Success)
}

async fn list(app: &App, output: Output) -> Result<ExitStatus, Failure> {
    let passes = app.passes.list().await?;
    output.document(&PassesDocument { passes: passes.iter().map(|pass| pass.as_ref().into()).collect() });
    if passes.is_empty() {
        output.text("There are no passes. Create one with `usher pass new NAME`.");
    }
    output.lines(passes.iter().map(|pass| line(pass, app.now())));
    Ok(ExitStatus::Success)
}

impl<'a> From<&'a Pass> for PassFields<'a> {
    fn from(pass: &'a Pass) -> Self {
        let scope = &pass.scope;
        Self {
            id: &pass.id,
            name: &pass.name,
            provider: scope.provider.as_ref(),
            account: scope.account.as_ref(),
            model: scope.model.as_deref(),
            project: scope.project.as_deref(),
            token: scope.token,
            created_at: pass.created_at,
            expires_at: pass.expires_at,
        }
    }
}

fn line(pass: &Pass, now: UnixTime) -> String {
    let scope = &pass.scope;
    let provider = scope.provider.as_ref().map_or("any provider".to_owned(), ToString::to_string);
    let account = scope.account.as_ref().map(|account| format!(", account {}", account.0));
    let model = scope.model.as_ref().map(|model| format!(", model {model}"));
    let project = scope.project.as_ref().map(|folder| format!(", for {folder}"));
    let token = scope.token.then(|| ", may read the access token".to_owned());
    let end = match pass.expires_at {
        Some(end) if pass.is_expired(now) => format!(", ended {}", time_format::moment(end)),
        Some(end) => format!(", until {}", time_format::moment(end)),
        None => String::new(),
    };
    let more: String = [account, model, project, token].into_iter().flatten().collect();
    format!("{}: {provider}{more}{end}", pass.name)
}

/// Returns the lines that connect Claude Code, Codex and a shell to the gateway.
async fn next_steps(app: &App, name: &str) -> Result<String, Failure> {
    let mut text =
        format!("`usher pass print {}` prints it again on this computer. To use it:", shell_quoted(name));
    if !app.gateway.view().running {
        text.push_str("\n  Gateway:\n    usher serve");
    }
    for (title, tool) in [
        ("Claude Code", SetupTool::Claude),
        ("Codex, in ~/.codex/config.toml", SetupTool::Codex),
        ("Programs that use OpenAI's API", SetupTool::Openai),
    ] {
        let setup = app.passes.setup(tool, Some(name)).await?;
        _ = write!(text, "\n  {title}:");
        for line in setup.text.lines() {
            _ = write!(text, "\n    {line}");
        }
    }
    Ok(text)
}

/// Quotes `text` for a POSIX shell where it needs quotes.
fn shell_quoted(text: &str) -> String {
    if !text.is_empty() && text.chars().all(|one| one.is_ascii_alphanumeric() || "-_.".contains(one)) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_quoted_name_with_space_or_quote_is_one_word() {
        assert_eq!(shell_quoted("claude-code"), "claude-code");
        assert_eq!(shell_quoted("Claude Code"), "'Claude Code'");
        assert_eq!(shell_quoted("it's"), "'it'\\''s'");
    }
}
