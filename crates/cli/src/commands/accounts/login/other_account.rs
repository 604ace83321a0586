//! The question about another account than the one that was to sign in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use usher_app::App;
use usher_app::view::{AccountView, OtherAccountChoice, PassChange};
use usher_text::messages as m;

use crate::commands::outcomes::print_before;
use crate::confirm::{is_confirmed, is_interactive};
use crate::language::language;
use crate::output::Output;

/// Asks whether another account than the requested one is wanted. Without a person to ask it is declined.
///
/// On its own thread, because a blocking read cannot be cancelled.
pub(super) fn ask_about_other(
    app: &Arc<App>,
    account: &AccountView,
    known: bool,
    use_it: &Arc<AtomicBool>,
    output: Output,
) {
    let (app, account, use_it) = (Arc::clone(app), account.clone(), Arc::clone(use_it));
    let runtime = tokio::runtime::Handle::current();
    std::thread::spawn(move || {
        let asking = Arc::clone(&app);
        let question = is_interactive().then(|| {
            let question =
                runtime.spawn(async move { question_about_other(&asking, &account, known, output).await });
            runtime.block_on(question).ok().flatten()
        });
        let wanted = question.flatten().is_some_and(|question| is_confirmed(&question).unwrap_or(false));
        use_it.store(wanted && known, Ordering::SeqCst);
        let choice = if wanted { OtherAccountChoice::Add } else { OtherAccountChoice::Decline };
        if let Err(failure) = app.sign_ins.answer_other_account(choice) {
            output.print_failure(&failure);
        }
    });
}

/// Returns the question about another account than the requested one. One that is known may be used from now on, which
/// says first what each pass will use; about one that is in use there is nothing to ask.
async fn question_about_other(
    app: &App,
    account: &AccountView,
    known: bool,
    output: Output,
) -> Option<String> {
    let name = &account.name;
    if !known {
        return Some(m::login_ask_add_other(language(), name));
    }
    let accounts = app.accounts.list().await.ok()?;
    accounts.iter().find(|card| card.account.id == account.id && !card.active)?;
    print_before(app, &PassChange::UseAccount { account: account.id.clone() }, output).await;
    Some(m::login_ask_use_other(language(), name))
}
