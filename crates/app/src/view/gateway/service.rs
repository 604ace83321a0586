//! The service that runs the gateway.

use serde::Serialize;

/// What starts services on this system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceManager {
    /// The user manager of systemd.
    Systemd,
    /// launchd of macOS.
    Launchd,
}

/// What is at the place of the service's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceFile {
    /// Nothing.
    Missing,
    /// A file that Usher wrote.
    Own,
    /// Something that Usher did not write.
    Foreign,
}

/// How it stands with the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceView {
    /// What would start it.
    pub manager: ServiceManager,
    /// Where its file is, or would be.
    pub path: String,
    /// What is there.
    pub file: ServiceFile,
    /// Whether that is what `usher service install` would write now.
    pub current: bool,
    /// Whether it is started at login, in the word of the manager; absent where that cannot be asked.
    pub enabled: Option<String>,
    /// Whether it runs, in the word of the manager.
    pub active: Option<String>,
    /// Where a gateway of this home listens, whoever runs it.
    pub gateway: Option<String>,
}
