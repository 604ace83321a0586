//! A connection test, stage by stage.

use serde::Serialize;
use ts_rs::TS;
use usher_domain::UnixTime;

use crate::view::FailureView;

/// The stages of a test, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Is there a sign-in that can be read?
    Credential,
    /// Is its access token good, or can it be renewed?
    Token,
    /// Does the backend answer with models?
    Models,
    /// Does the chosen model answer?
    Answer,
}

/// Where a credential was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CredentialPlace {
    /// In the store, whose key is in the keyring.
    Keyring,
    /// In the store, whose key is in a file or comes from a passphrase.
    File,
    /// In the environment.
    Environment,
    /// With the Codex CLI.
    CodexCli,
    /// Nowhere, and none is needed.
    NotNeeded,
}

/// What a stage found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StageFinding {
    /// The credential was found there.
    Credential {
        /// Where.
        place: CredentialPlace,
    },
    /// The token is good.
    Token {
        /// Until then.
        expires_at: Option<UnixTime>,
        /// Whether Usher renews it by itself; an access token that was pasted and Codex's own it does not.
        renews: bool,
    },
    /// The key was accepted.
    Key,
    /// There is a key, and the model list, at which it would have been checked, did not come.
    KeyUntried,
    /// There is no key, and nobody asked for one.
    NoKey,
    /// The list is here.
    Models {
        /// How many.
        count: u32,
        /// Name of the model that will be asked.
        model: String,
    },
    /// The model answered.
    Answer {
        /// Name of the model.
        model: String,
        /// Its answer, truncated.
        text: String,
    },
}

/// One stage of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StageView {
    /// Which.
    pub stage: Stage,
    /// Null: not tried.
    pub ok: Option<bool>,
    /// How long it took, in milliseconds.
    #[ts(type = "number | null")]
    pub ms: Option<u64>,
    /// Why it failed.
    pub failure: Option<FailureView>,
    /// What it found.
    pub finding: Option<StageFinding>,
}

/// A whole test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TestView {
    /// All four passed.
    pub ok: bool,
    /// In order, always four.
    pub stages: Vec<StageView>,
    /// When it ended.
    pub ended_at: UnixTime,
}

/// What happens during one test, in order; ends with `ended`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum TestEvent {
    /// A stage has begun.
    Started {
        /// Which.
        stage: Stage,
        /// The model that is asked, when the stage is the answer.
        model: Option<String>,
    },
    /// A stage has ended.
    Finished {
        /// How.
        result: StageView,
    },
    /// The test ended. After Stop the stage that ran has the code `cancelled`.
    Ended {
        /// The whole of it.
        report: TestView,
    },
}
