//! Which of OpenAI's two sign-ins: the one that is named, the one that the account came by, or the one that is chosen.

use usher_app::App;
use usher_domain::{AccountId, ErrorCode, Failure, SignInRoute};
use usher_text::messages as m;

use crate::args::LoginArguments;
use crate::language::{Text, language};
use crate::output::Output;
use crate::questions::{Choice, Questions, Stop, can_ask};

/// The two, as they are offered.
const CHOICES: [(SignInRoute, Text); 2] =
    [(SignInRoute::CodexClient, m::login_route_openai), (SignInRoute::PlanUsage, m::login_route_chatgpt)];

/// Returns the sign-in that is meant. Asks on a terminal where nothing says it; where nobody can be asked, it is the one
/// for tools.
pub(super) async fn choose_route(
    app: &App,
    arguments: &LoginArguments,
    again: Option<&AccountId>,
    output: Output,
) -> Result<SignInRoute, Failure> {
    let named = match (arguments.chatgpt, arguments.openai || arguments.device) {
        (true, _) => Some(SignInRoute::PlanUsage),
        (false, true) => Some(SignInRoute::CodexClient),
        (false, false) => None,
    };
    if let Some(account) = again {
        return of_account(app, account, named).await;
    }
    match named {
        Some(route) => Ok(route),
        None if can_ask() && !output.is_for_programs() => ask(app).await,
        None => Ok(SignInRoute::CodexClient),
    }
}

/// Returns the sign-in that the account came by; it cannot come by the other one.
async fn of_account(
    app: &App,
    account: &AccountId,
    named: Option<SignInRoute>,
) -> Result<SignInRoute, Failure> {
    let cards = app.accounts.list().await?;
    let card = cards.into_iter().find(|card| card.account.id == *account);
    let route = card.map(|card| card.account.route).unwrap_or_default();
    if named.is_some_and(|named| named != route) {
        let cause = match route {
            SignInRoute::CodexClient => "this account came by Sign in with OpenAI; leave out --chatgpt",
            SignInRoute::PlanUsage => {
                "this account came by Continue with ChatGPT; leave out --openai and --device"
            }
        };
        return Err(Failure::new(ErrorCode::BadUsage, cause));
    }
    Ok(route)
}

async fn ask(app: &App) -> Result<SignInRoute, Failure> {
    let questions = Questions::new(app.prefers_plain_questions());
    let choices = CHOICES
        .map(|(_, label)| label(language()))
        .map(|label| Choice::with_answer(label, label.split(':').next().unwrap_or(label)));
    match questions.select(m::login_ask_method(language()), choices.to_vec(), 0).await {
        Ok(index) => Ok(CHOICES[index].0),
        Err(Stop::Cancelled) => Err(Failure::new(ErrorCode::Cancelled, "the sign-in was cancelled")),
        Err(Stop::Failed(failure)) => Err(failure),
    }
}
