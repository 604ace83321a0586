//! New versions of the program.

use serde::Serialize;
use ts_rs::TS;

/// This version, and how a newer one gets here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct UpdatesView {
    /// The version that runs.
    pub version: String,
    /// How a newer one gets here.
    pub way: UpdateWay,
    /// Whether Usher looks for new versions by itself, once a day.
    pub automatic: bool,
    /// The newer version that was found last; null where none was.
    pub found: Option<FoundUpdateView>,
    /// Whether one was looked for since the window was opened.
    pub checked: bool,
    /// How far an installation is; null while there is none.
    pub progress: Option<UpdateProgress>,
}

/// How a newer version gets here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum UpdateWay {
    /// Usher replaces itself.
    InPlace,
    /// It could, but no address and key are set.
    NotSetUp,
    /// By whatever installed it.
    Package,
}

/// A newer version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FoundUpdateView {
    /// The version.
    pub version: String,
    /// What is new, as plain text.
    pub notes: Option<String>,
}

/// How far an installation is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum UpdateProgress {
    /// The package is being downloaded.
    Downloading {
        /// How much has arrived; null while the size is not known.
        percent: Option<u8>,
    },
    /// It is here and its signature is good; requests through the gateway are being answered.
    Waiting {
        /// How many.
        #[ts(type = "number")]
        requests: usize,
    },
    /// A gateway runs that the window does not end: `usher serve`, or a service.
    WaitingForGateway {
        /// Its process.
        process: u32,
    },
    /// The program is being replaced.
    Installing,
}
