//! The page that the browser ends on. It waits for the exchange of the code, so that it can say whether it worked.

use std::future::Future;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;
use usher_domain::{Account, Failure};

use super::connections::Connections;
use crate::sign_in::authorization::AuthorizationResponse;

/// Limits how long the browser waits for the exchange, which may wait for the user.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(3);
/// Limits how long a sign-in that has ended waits for its page to be sent.
const SENT_TIMEOUT: Duration = Duration::from_secs(1);

/// What the page says about the sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SignInResult {
    /// The name of the account.
    SignedIn(String),
    NotSignedIn,
    /// The exchange takes longer than the browser waits.
    AlmostDone,
}

impl SignInResult {
    fn of(result: &Result<Account, Failure>) -> Self {
        match result {
            Ok(account) => {
                let plan = account.plan_name();
                Self::SignedIn(match &account.email {
                    Some(email) => format!("{email}, {plan}"),
                    None => plan.to_string(),
                })
            }
            Err(_) => Self::NotSignedIn,
        }
    }
}

/// The redirect of the sign-in, with the connection that waits for its page.
pub(super) struct Redirect {
    pub(super) response: AuthorizationResponse,
    pub(super) page: Option<PendingPage>,
}

/// A page that waits for the result of the sign-in.
pub(crate) struct PendingPage {
    result: oneshot::Sender<SignInResult>,
    /// Ends when the page has been sent, or its connection was closed.
    sent: oneshot::Receiver<()>,
    /// Dropping them closes the connection.
    connections: Option<Connections>,
}

impl PendingPage {
    /// Creates a page; the second part is for its connection, which ends by dropping the sender.
    pub(super) fn new() -> (Self, (oneshot::Receiver<SignInResult>, oneshot::Sender<()>)) {
        let (result, wanted) = oneshot::channel();
        let (sending, sent) = oneshot::channel();
        (Self { result, sent, connections: None }, (wanted, sending))
    }

    /// Keeps the connections open until the page has been sent.
    pub(super) fn keeping(self, connections: Connections) -> Self {
        Self { connections: Some(connections), ..self }
    }

    /// Completes the sign-in with `exchange`, and shows how that ended.
    pub(crate) async fn shown_after(
        self,
        exchange: impl Future<Output = Result<Account, Failure>>,
    ) -> Result<Account, Failure> {
        tokio::pin!(exchange);
        if let Ok(result) = timeout(EXCHANGE_TIMEOUT, &mut exchange).await {
            self.show(SignInResult::of(&result)).await;
            return result;
        }
        tokio::join!(exchange, self.show(SignInResult::AlmostDone)).0
    }

    async fn show(self, result: SignInResult) {
        // A browser that has gone needs no page.
        if self.result.send(result).is_ok() {
            let _ = timeout(SENT_TIMEOUT, self.sent).await;
        }
        drop(self.connections);
    }
}
