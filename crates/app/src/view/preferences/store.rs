//! The store of the sign-ins: where it is, what is wrong with it, and what can be done.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where the key of the sealed records lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StoreKind {
    /// In the keyring of the operating system.
    Keyring,
    /// In a file: opened by a passphrase, or by a key file that only this user can read.
    File,
}

/// Where the key is that opens the secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SecretsPlace {
    /// In the keyring of the operating system.
    Keyring,
    /// It is derived from a passphrase, which is saved nowhere.
    Passphrase,
    /// In a file beside the secrets that only this user can read.
    File,
}

/// Where secrets are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SecretsView {
    /// Where the key is; absent before the first sign-in where only a keyring could decide, or if it cannot be read.
    pub place: Option<SecretsPlace>,
    /// The encrypted file with the secrets.
    pub file: String,
    /// Whether there is one.
    pub exists: bool,
    /// The process of a gateway that would not have a new passphrase, because nobody can enter it there.
    pub gateway: Option<u32>,
}

/// What a move of the secrets did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SecretsMoveView {
    /// Where the key was; absent if nothing was kept yet.
    pub from: Option<SecretsPlace>,
    /// Where it is now.
    pub place: SecretsPlace,
    /// Whether it was moved; not if it was there already.
    pub moved: bool,
    /// Old keys that could not be removed. They open no file of this home any more.
    pub left_over: Vec<LeftOverKeyView>,
    /// Why the background process does not have the new passphrase, if it runs and needs it.
    pub background: Option<String>,
}

/// An old key that could not be removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct LeftOverKeyView {
    /// Where it is.
    pub place: SecretsPlace,
    /// Why it could not be removed.
    pub reason: String,
}

/// The store and its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StoreView {
    /// Which one is in use, or would be for the first sign-in; absent if it is unknown.
    pub kind: Option<StoreKind>,
    /// Set when no keyring is used and the key lies in a file beside the records.
    pub key_beside_records: bool,
    /// Name under which a damaged file was set aside, if one was.
    pub set_aside: Option<String>,
    /// What is wrong with it and can be repaired after a yes.
    pub findings: Vec<StoreFinding>,
}

/// What is wrong with the store, and can be repaired after a yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StoreFinding {
    /// The sealed file was changed, cut, or is not Usher's. It can be set aside.
    Damaged {
        /// Which file, and what is wrong with it.
        reason: String,
        /// The files that would get other names.
        files: Vec<String>,
    },
    /// The key does not open the sealed file, which may be sound, or is lost. The file can be set aside.
    OtherKey {
        /// Which key and file, and what is wrong with them.
        reason: String,
        /// The files that would get other names.
        files: Vec<String>,
    },
    /// Others may read or change files of the store, or its folder. The permissions can be corrected.
    OpenToOthers {
        /// The files and folders.
        paths: Vec<String>,
    },
    /// The key file was changed or removed, but this process still has the key. It can write it back.
    LostKeyFile {
        /// The key file.
        file: String,
    },
    /// An older copy of the sealed file was put back. It can be accepted.
    OlderCopy {
        /// The sealed file.
        file: String,
    },
}

/// What is done about a [`StoreFinding`], after a yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StoreRepair {
    /// Gives the files of a store that cannot be read other names, so that a new one can be made.
    SetAside,
    /// Lets only this user read and change the files of the store, and its folder.
    MakePrivate,
    /// Accepts an older copy.
    AcceptOlderCopy,
    /// Writes the key that this process has to the key file.
    WriteKeyBack,
}
