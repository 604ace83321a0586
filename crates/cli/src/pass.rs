//! `usher pass`: what other programs are let in by.

use jiff::{Span, SpanRelativeTo, Unit};
use serde::Serialize;
use usher_app::{App, Target};
use usher_domain::{AccountId, ExitStatus, Failure, Pass, PassScope, ProviderId, UnixTime};

use crate::args::{NewPass, PassCommand};
use crate::output::Output;
use crate::times;

/// A pass without its secret, which `usher pass print` gives.
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
        PassCommand::New(new) => make(app, new, target, output).await,
        PassCommand::Print { name } => print(app, name, output).await,
        PassCommand::List => list(app, output).await,
        PassCommand::Revoke { name } => {
            app.revoke_pass(name).await?;
            output.document(&RevokedDocument { revoked: name });
            output.text(format!("{name} is revoked; programs that use it are refused from now on."));
            Ok(ExitStatus::Success)
        }
    }
}

async fn make(app: &App, new: &NewPass, target: &Target, output: Output) -> Result<ExitStatus, Failure> {
    let scope = PassScope {
        model: new.model.clone(),
        project: new.project.as_ref().map(|folder| folder.display().to_string()),
        token: new.allow.is_some(),
        ..PassScope::default()
    };
    let (pass, secret) = app.create_pass(&new.name, target, scope, new.expires).await?;
    output.document(&PassDocument { pass: PassFields::from(pass.as_ref()) });
    output.text(secret.expose());
    output.hint(format!("`usher pass print {}` prints it again on this computer.", pass.name));
    Ok(ExitStatus::Success)
}

/// The secret and nothing else, for tools that run this to get it; `--json` would be no use to them.
async fn print(app: &App, name: &str, output: Output) -> Result<ExitStatus, Failure> {
    let secret = app.pass_secret(name).await?;
    output.bare(secret.expose());
    Ok(ExitStatus::Success)
}

async fn list(app: &App, output: Output) -> Result<ExitStatus, Failure> {
    let passes = app.list_passes().await?;
    output.document(&PassesDocument { passes: passes.iter().map(|pass| pass.as_ref().into()).collect() });
    if passes.is_empty() {
        output.text("There is no pass. Make one with `usher pass new NAME`.");
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
    let token = scope.token.then(|| ", may ask for the access token".to_owned());
    let end = match pass.expires_at {
        Some(end) if pass.is_expired(now) => format!(", ended {}", times::moment(end)),
        Some(end) => format!(", until {}", times::moment(end)),
        None => String::new(),
    };
    let more: String = [account, model, project, token].into_iter().flatten().collect();
    format!("{}: {provider}{more}{end}", pass.name)
}

/// `30d`, `12h`, `1w 2d`: how long from now, in seconds. A day has 24 hours.
pub(crate) fn seconds(text: &str) -> Result<i64, String> {
    let wrong = |_| "say how long, for example 12h, 30d or 6 weeks".to_owned();
    let span: Span = text.parse().map_err(wrong)?;
    let total = span.total((Unit::Second, SpanRelativeTo::days_are_24_hours())).map_err(wrong)?;
    #[expect(clippy::cast_possible_truncation, reason = "spans end far below what an i64 holds")]
    let seconds = total as i64;
    if seconds > 0 { Ok(seconds) } else { Err("a pass that has ended already is of no use".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        assert_eq!(seconds("30d"), Ok(30 * 86_400));
        assert_eq!(seconds("12h"), Ok(12 * 3_600));
        assert_eq!(seconds("1w 2d"), Ok(9 * 86_400));
        for text in ["", "soon", "0s", "-1d", "30"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
