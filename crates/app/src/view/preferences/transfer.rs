//! Moves of settings and sign-ins to another computer.

use serde::Serialize;
use ts_rs::TS;
use usher_domain::{ProviderId, UnixTime};

use super::SettingsImportView;
use crate::view::FailureView;

/// An account in a transfer file, or one that would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TransferAccountView {
    /// The name that people see.
    pub name: String,
    /// Its e-mail address, unless the person hides it.
    pub email: Option<String>,
}

/// Why a sign-in is not moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NotMovedReason {
    /// *Continue with ChatGPT* belongs to the app on this computer.
    OfThisComputer,
    /// It has ended.
    Ended,
    /// A refresh was interrupted, and may have spent the refresh token.
    RefreshInterrupted,
    /// It was made at another address than the one that is configured now.
    OtherAddress,
}

/// An account that is not moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StayingAccountView {
    /// The name that people see.
    pub name: String,
    /// Why it stays.
    pub reason: NotMovedReason,
}

/// A move to another computer that was interrupted: the sign-ins are not used, and still here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct InterruptedTransferView {
    /// Where the file is, if it was written.
    pub file: String,
    /// When it began.
    pub at: UnixTime,
    /// The accounts.
    pub accounts: Vec<TransferAccountView>,
}

/// What would leave this computer with a transfer file, and what would stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TransferPreviewView {
    /// The accounts whose sign-ins would leave.
    pub accounts: Vec<TransferAccountView>,
    /// The providers whose keys would leave.
    pub keys: Vec<ProviderId>,
    /// The accounts that would stay.
    pub stays: Vec<StayingAccountView>,
    /// A move that was interrupted, and has to be finished or taken back first.
    pub interrupted: Option<InterruptedTransferView>,
}

/// What has left this computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TransferSentView {
    /// The file.
    pub file: String,
    /// The accounts whose sign-ins are in it.
    pub accounts: Vec<TransferAccountView>,
    /// The providers whose keys are in it.
    pub keys: Vec<ProviderId>,
    /// The accounts that stay.
    pub stays: Vec<StayingAccountView>,
}

/// What is in a transfer file, and what it would change here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TransferContentsView {
    /// The file.
    pub file: String,
    /// When it was made.
    pub made_at: UnixTime,
    /// The accounts whose sign-ins are in it.
    pub accounts: Vec<TransferAccountView>,
    /// The providers whose keys are in it.
    pub keys: Vec<ProviderId>,
    /// The accounts and keys of this computer that would be replaced.
    pub replaces: Vec<String>,
    /// What the settings would change.
    pub settings: SettingsImportView,
    /// Why the settings cannot be taken over here, if they cannot.
    pub settings_failure: Option<FailureView>,
}

/// What has arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TransferReceivedView {
    /// The accounts whose sign-ins are used here now.
    pub accounts: Vec<TransferAccountView>,
    /// The providers whose keys are used here now.
    pub keys: Vec<ProviderId>,
    /// How many settings were added or changed.
    pub settings_changed: u32,
    /// A file that still has the sealed records, because it could not be deleted.
    pub left_file: Option<String>,
}
