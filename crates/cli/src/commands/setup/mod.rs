//! `usher setup`: a wizard from the first start to connected tools, one file for each step.
//!
//! A step asks first, and calls the use case that the command of the same purpose calls. Until it is answered nothing is
//! changed, so the wizard can be cancelled anywhere.

mod codex;
mod key;
mod model;
mod progress;
mod provider;
mod service;
mod sign_in;
mod test;
mod tools;

use std::sync::Arc;
use std::time::Duration;

use usher_app::{App, ProviderAccess, Target, provider_access};
use usher_domain::{ErrorCode, ExitStatus, Failure, ProviderId};
use usher_text::messages as m;

use self::progress::{Progress, Step};
use self::provider::Chosen;
use super::accounts::login::unreadable_stores;
use super::doctor::question;
use crate::args::SetupArguments;
use crate::language::language;
use crate::output::Output;
use crate::questions::{Questions, Stop, can_ask};

/// What the steps share.
struct Wizard<'a> {
    app: &'a Arc<App>,
    questions: Questions,
    /// How long a sign-in waits for the person, where that is not the usual time.
    timeout: Option<Duration>,
    progress: Progress,
    output: Output,
}

/// Asks step by step.
pub(crate) async fn run(
    app: &Arc<App>,
    arguments: &SetupArguments,
    target: &Target,
    output: Output,
) -> Result<ExitStatus, Failure> {
    if output.is_for_programs() || !can_ask() {
        let failure = Failure::new(ErrorCode::BadUsage, "`usher setup` asks its questions on a terminal");
        return Ok(output.failure_with_hint(&failure, m::setup_in_a_script(language())));
    }
    let questions = Questions::new(arguments.plain || app.prefers_plain_questions());
    let stop = questions.how_to_stop();
    output.text(m::setup_about(language(), stop));
    let timeout = arguments.timeout.map(Duration::from_secs);
    let mut wizard = Wizard { app, questions, timeout, progress: Progress::default(), output };
    let stopped = match walk(&mut wizard, target).await {
        Ok(target) => {
            wizard.progress.print_end(app, &target, output).await?;
            return Ok(ExitStatus::Success);
        }
        Err(stopped) => stopped,
    };
    let status = match stopped {
        Stop::Cancelled => ExitStatus::Failed,
        Stop::Failed(failure) => wizard.output.failure(&failure),
    };
    wizard.progress.print_stopped(output);
    Ok(status)
}

async fn walk(wizard: &mut Wizard<'_>, wanted: &Target) -> Result<Target, Stop> {
    let target = choose_access(wizard, wanted).await?;
    model::choose(wizard, &target).await?;
    test::run(wizard, &target).await?;
    tools::connect(wizard, &target).await?;
    Ok(target)
}

/// Goes through the first two steps until there is a provider that can be used.
async fn choose_access(wizard: &mut Wizard<'_>, wanted: &Target) -> Result<Target, Stop> {
    let mut named = wanted.provider.as_ref();
    loop {
        let chosen = provider::choose(wizard, named.take()).await?;
        if let Some(chosen) = chosen
            && let Some(target) = access(wizard, &chosen, wanted.account.as_deref()).await?
        {
            return Ok(target);
        }
        wizard.progress.forget();
        let stop = wizard.questions.how_to_stop();
        wizard.output.text(m::setup_choose_again(language(), stop));
    }
}

/// Signs in, or saves a key. Without a result nothing was changed, and another provider can be chosen.
async fn access(
    wizard: &mut Wizard<'_>,
    chosen: &Chosen,
    account: Option<&str>,
) -> Result<Option<Target>, Stop> {
    Step::Access.begin(wizard.output);
    repair_store(wizard).await?;
    let Some(id) = chosen.id() else { return service::add(wizard).await };
    wizard.output = wizard.output.for_provider(id);
    let target = match provider_access(id) {
        Some(ProviderAccess::SignIn) => sign_in::obtain(wizard, id, account).await?,
        Some(ProviderAccess::LinkedSignIn) => codex::link(wizard, chosen.known()).await?,
        Some(ProviderAccess::RequiredKey | ProviderAccess::OptionalKey) => {
            key::obtain(wizard, id, chosen.known()).await?
        }
        None => return Err(no_such_provider(id).into()),
    };
    Ok(target)
}

/// Sets a store aside that cannot be read, after a yes: nothing could be saved.
async fn repair_store(wizard: &Wizard<'_>) -> Result<(), Stop> {
    for (repair, failure) in unreadable_stores(wizard.app).await {
        wizard.output.print_failure(&failure);
        let question = question(&repair);
        let question = question.lines().last().unwrap_or_default();
        if !wizard.questions.confirm(question, false).await? {
            return Err(Stop::Cancelled);
        }
        wizard.app.doctor.repair(&repair).await?;
    }
    Ok(())
}

fn no_such_provider(id: &ProviderId) -> Failure {
    Failure::new(ErrorCode::BadUsage, format!("there is no provider {id}"))
}
