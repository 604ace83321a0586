//! The records of a move to or from another computer (docs/adr/0019).

use serde::{Deserialize, Serialize};
use usher_domain::{AccountId, ProviderId, UnixTime};

use super::{KeyRecord, SignIn};

/// A move to another computer that has begun: the sign-ins are frozen, and still here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Leaving {
    /// The id of the transfer file.
    pub(crate) id: String,
    /// Where the file is written: an absolute path.
    pub(crate) path: String,
    /// When it began.
    pub(crate) at: UnixTime,
    /// The accounts whose sign-ins leave.
    pub(crate) accounts: Vec<AccountId>,
    /// The providers whose keys leave.
    pub(crate) keys: Vec<ProviderId>,
}

/// A move from another computer that has begun: nothing of it is used yet.
#[derive(Serialize, Deserialize)]
pub(crate) struct Arriving {
    /// The id of the transfer file.
    pub(crate) id: String,
    /// Where the file is: an absolute path.
    pub(crate) path: String,
    /// Part of the name that the file has while it is taken, known to this home only.
    pub(crate) claim: String,
    /// Whether the file was taken: nobody else can open it.
    pub(crate) claimed: bool,
    /// When the file was made.
    pub(crate) made_at: UnixTime,
    /// The account that was in use there.
    pub(crate) active: Option<AccountId>,
    /// The text of the settings.
    pub(crate) settings: String,
    /// The sign-ins, with their tokens.
    pub(crate) sign_ins: Vec<SignIn>,
    /// The keys and secret headers.
    pub(crate) keys: Vec<KeyRecord>,
}

/// A transfer file that this home made or opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TransferMark {
    /// The id of the file.
    pub(crate) id: String,
    /// When.
    pub(crate) at: UnixTime,
    /// Whether it was opened here. One that was made here may be opened here, which takes it back.
    pub(crate) opened: bool,
}
