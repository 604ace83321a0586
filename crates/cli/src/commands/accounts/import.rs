//! `usher import`: sign-ins of other programs.
//!
//! They are read and never copied: refresh tokens rotate, so a copy would sign one of the two programs out.

use std::sync::Arc;

use serde::Serialize;
use usher_app::view::{ExternalSignInAdvice, ExternalSignInView, SignInPurpose};
use usher_app::{App, CODEX_CLI};
use usher_domain::{ErrorCode, ExitStatus, Failure, SignInRoute};

use super::login;
use crate::args::LoginArguments;
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
            output.text("No sign-in of another program was found.");
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
            output.text("Linked as the provider codex-cli. Usher reads the sign-in and never changes it; Codex keeps renewing it.");
            Ok(ExitStatus::Success)
        }
        Some(ExternalSignInAdvice::SignIn) => {
            output.text(
                "A copy of this sign-in would sign one of the two programs out. Signing in with Usher instead.",
            );
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
        return format!("{}: {error}\n    in {}", found.program_name, found.place);
    }
    let who = found.email.as_deref().unwrap_or("no e-mail");
    let plan = found.plan_name.as_ref().map(|plan| format!(", {plan}")).unwrap_or_default();
    let age =
        found.last_refresh.map(|at| format!(", refreshed {}", time_format::moment(at))).unwrap_or_default();
    let advice = match found.advice {
        ExternalSignInAdvice::Link => "can be used where it is: `usher import --from codex`",
        ExternalSignInAdvice::SignIn => {
            "a copy would sign one of the programs out: sign in with `usher login`"
        }
    };
    format!("{}: {who}{plan}{age}, in {}\n    {advice}", found.program_name, found.place)
}
