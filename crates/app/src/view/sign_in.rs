//! Signing in and out: the ways, what happens meanwhile, and what is left to do.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use usher_domain::{AccountId, SignInRoute, UnixTime};

use super::{AccountView, FailureView, PassOutcome};

/// Which way to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SignInMethod {
    /// The browser, with the answer coming back to a port of this computer.
    Browser,
    /// The same with `localhost` for the IP literal, for when the page refuses the address.
    BrowserByName,
    /// A code entered on any device.
    Device,
    /// A browser of another computer, with the redirected address pasted back.
    Paste,
}

/// Whose sign-in it is to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SignInPurpose {
    /// Whoever the browser remembers.
    #[default]
    Any,
    /// One more account, which the person chooses on the page.
    AddAccount,
    /// The same account again. As another one the person is asked before anything is saved.
    Again {
        /// The account that is to sign in.
        account: AccountId,
    },
    /// The same account again, to be asked once more whether Usher may use its plan (siwc §4).
    AllowPlanUse {
        /// The account that did not allow it.
        account: AccountId,
    },
}

/// What to do with another account than the one that was to sign in again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OtherAccountChoice {
    /// Add it; the account in use stays.
    Add,
    /// End its new sign-in at OpenAI and save nothing.
    Decline,
}

/// What happens during one sign-in, in order; ends with `signed_in` or `failed`.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum SignInEvent {
    /// The address to open; with `paste`, the redirected address is to be pasted back.
    Open {
        /// The authorize page.
        url: String,
        /// Whether the browser was asked to open it.
        opened: bool,
        /// When the wait ends.
        expires_at: UnixTime,
    },
    /// The first port is taken, so another way is used: the other port.
    PortTaken {
        /// The port that could not be had.
        port: u16,
        /// The program that has it, if the system reports it.
        holder: Option<String>,
        /// The port that is used instead.
        using: u16,
    },
    /// A code to enter at `url`.
    Code {
        /// As the server made it.
        user_code: String,
        /// Where to enter it.
        url: String,
        /// When the code ends.
        expires_at: UnixTime,
    },
    /// An answer with a wrong state came and was ignored; the wait goes on.
    AnswerIgnored,
    /// The answer is in and is being checked.
    Exchanging,
    /// Another account signed in than the one that was to sign in again. Nothing is saved until the person decides.
    OtherAccount {
        /// Who signed in.
        account: AccountView,
        /// Who was to sign in, and still is signed out; absent if it was removed meanwhile.
        expected: Option<AccountView>,
        /// Whether the account that signed in is among the accounts already.
        known: bool,
    },
    /// Done and kept.
    SignedIn {
        /// Who.
        account: AccountView,
        /// Whether the account was not among the accounts before, so that the person may name it.
        arrived: bool,
    },
    /// Over; nothing was saved.
    Failed(FailureView),
}

/// What Disconnect did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DisconnectView {
    /// Whether OpenAI confirmed the revocation.
    pub revoked: RevocationView,
    /// Whether the sign-in is erased here.
    pub erased: bool,
    /// Whether passes are refused from now on.
    pub passes_refused: bool,
    /// Whose sign-in it was.
    pub email: Option<String>,
    /// Which sign-in it was. After one with plan usage, Usher stays listed in ChatGPT's settings until the person removes it
    /// there (siwc §8).
    pub route: SignInRoute,
    /// What each pass uses from now on.
    pub passes: Vec<PassOutcome>,
}

/// Whether OpenAI knows that the sign-in is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RevocationView {
    /// OpenAI confirmed it.
    Yes,
    /// OpenAI has not confirmed it yet; Usher tries again for seven days.
    Pending,
    /// There was nothing to revoke.
    NotNeeded,
}

/// A revocation that is still to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PendingRevocationView {
    /// The key for "try again" and "forget it".
    pub id: String,
    /// Whose sign-in it was.
    pub email: Option<String>,
    /// Since when it is pending.
    pub since: UnixTime,
    /// When Usher stops trying.
    pub gives_up_at: UnixTime,
}
