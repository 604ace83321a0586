//! `usher import`: sign-ins of other programs.
//!
//! They are read and never copied: refresh tokens rotate, so a copy would sign one of the two programs out.

use std::sync::Arc;

use serde::Serialize;
use usher_app::view::{ExternalSignInAdvice, ExternalSignInView, SignInPurpose};
use usher_app::{App, CODEX_CLI};
use usher_domain::{ErrorCode, ExitStatus, Failure, SignInRoute};
use usher_text::{list, messages as m};

use super::login;
use crate::args::LoginArguments;
use crate::language::language;
use crate::output::{Output, time_format};

#[derive(Serialize)]
struct FoundDocument<'a> {
    found: &'a [ExternalSignInView],
}

pub(crate) async fn run(
    app: &Arc<App>,
    from: Option<&str>,
    dry_run: bool,
    output: Output,
) -> Result<ExitStatus, Failure> {
    let mut found = app.accounts.external_sign_ins().await?;
    found.retain(|one| from.is_none_or(|from| one.program == from));
    let chosen = found.iter().find(|one| one.trouble.is_none()).map(|one| one.advice);
    if dry_run || from.is_none() {
        output.document(&FoundDocument { found: &found });
        output.lines(found.iter().map(line));
        if found.is_empty() {
            output.text(m::import_none(language()));
        }
        return Ok(ExitStatus::Success);
    }
    match chosen {
        None => {
            let broken =
                found.iter().find_map(|one| Some(format!("{}: {}", one.place, one.trouble.as_ref()?)));
            let cause =
                broken.unwrap_or_else(|| format!("no sign-in of {} was found", from.unwrap_or_default()));
            Err(Failure::new(ErrorCode::SignInRequired, cause))
        }
        Some(ExternalSignInAdvice::Link) => {
            app.providers.add(&CODEX_CLI).await?;
            output.document(&FoundDocument { found: &found });
            output.text(m::import_linked(language()));
            Ok(ExitStatus::Success)
        }
        Some(ExternalSignInAdvice::SignIn) => {
            output.text(m::import_signs_in(language()));
            login::sign_in(
                app,
                &LoginArguments::default(),
                SignInRoute::CodexClient,
                SignInPurpose::Any,
                output,
            )
            .await
        }
    }
}

/// Returns whether another program has a sign-in that can be used where it is.
pub(crate) async fn can_link(app: &App) -> bool {
    let found = app.accounts.external_sign_ins().await.unwrap_or_default();
    found.iter().any(|one| one.trouble.is_none() && one.advice == ExternalSignInAdvice::Link)
}

fn line(found: &ExternalSignInView) -> String {
    if let Some(error) = &found.trouble {
        return m::import_found_problem(language(), &found.program_name, error, &found.place);
    }
    let who = found.email.clone().unwrap_or_else(|| m::no_email(language()).to_owned());
    let age = found.last_refresh.map(|at| m::import_refreshed(language(), time_format::moment(at)));
    let about: Vec<String> = [Some(who), found.plan_name.clone(), age].into_iter().flatten().collect();
    let advice = match found.advice {
        ExternalSignInAdvice::Link => m::import_advice_link,
        ExternalSignInAdvice::SignIn => m::import_advice_sign_in,
    };
    let line = m::import_found(language(), &found.program_name, list(language(), &about), &found.place);
    format!("{line}\n    {}", advice(language()))
}
