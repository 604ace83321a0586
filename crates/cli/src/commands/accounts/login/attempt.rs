//! One sign-in, from its first event to its end.

use std::sync::{Arc, OnceLock};

use usher_app::view::{AccountView, SignInEvent};
use usher_app::{App, OnSignInEvent, SignInOptions};
use usher_domain::Failure;

use super::events::print;
use crate::output::Output;
use crate::signals;

/// Signs in and prints each step; `listener` gets each event once it is printed. Ctrl-C cancels the sign-in.
pub(crate) async fn attempt(
    app: &App,
    options: SignInOptions,
    listener: OnSignInEvent,
    output: Output,
) -> Result<AccountView, Failure> {
    let browser_wanted = options.open_browser;
    let signed_in = Arc::new(OnceLock::new());
    let reported = Arc::clone(&signed_in);
    let on_event = Arc::new(move |event: &SignInEvent| {
        if let SignInEvent::SignedIn { account, .. } = event {
            reported.get_or_init(|| account.clone());
        }
        print(event, browser_wanted, output);
        listener(event);
    });
    let sign_in = app.sign_ins.sign_in(options, on_event);
    tokio::pin!(sign_in);
    tokio::select! {
        biased;
        () = signals::termination() => {
            app.sign_ins.cancel();
            match signed_in.get() {
                // Only the model list is still being fetched.
                Some(account) => Ok(account.clone()),
                None => sign_in.await,
            }
        }
        result = &mut sign_in => result,
    }
}
