//! What the user enters during a sign-in, and what they see of it.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use url::Url;
use usher_domain::{Account, AccountId, Failure, UnixTime};

use super::identity::OtherAccountDecision;
use super::redirect::{BusyPort, LaunchPages};

/// What the user enters during a sign-in.
pub struct SignInInput {
    /// Pasted redirect addresses.
    pub pasted: mpsc::Receiver<PastedRedirect>,
    /// The answer to [`SignInProgress::OtherAccount`].
    pub decisions: mpsc::Receiver<OtherAccountDecision>,
}

/// A step of a sign-in, reported in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInProgress {
    /// The page to open.
    OpenBrowser {
        /// The authorize page, without what only the browser gets.
        url: Url,
        /// Creates the addresses to start a browser with, which reveal nothing to other users of this computer. There is none
        /// where no port is listened on.
        launch_pages: Option<LaunchPages>,
        /// When the wait ends.
        until: UnixTime,
    },
    /// The first port was in use; `using` is used instead.
    PortTaken {
        /// The port in use, and the program that uses it.
        busy: BusyPort,
        /// The port that is used instead.
        using: u16,
    },
    /// The code to enter at `url`.
    UserCode {
        /// The code, as the server issued it.
        user_code: String,
        /// The page to enter it on.
        url: Url,
        /// When the code expires.
        until: UnixTime,
    },
    /// A redirect of another sign-in arrived and was ignored.
    ForeignRedirectIgnored,
    /// The redirect has arrived, and its code is being exchanged.
    Exchanging,
    /// Another account has signed in than the requested one. Nothing is saved until the user decides.
    OtherAccount {
        /// The account that has signed in.
        account: Account,
        /// The account that was to sign in.
        expected: AccountId,
    },
}

/// A redirect address that the user pasted, with the channel for the result of checking it.
pub type PastedRedirect = (String, oneshot::Sender<Result<(), Failure>>);

/// Hears the steps.
pub(crate) type OnProgress = Arc<dyn Fn(SignInProgress) + Send + Sync>;
