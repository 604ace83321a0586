//! What the person chose for the program itself.

pub(super) mod language;
pub(super) mod licences;
pub(super) mod store;
pub(super) mod transfer;
pub(super) mod updates;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The preferences that all windows of a home share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PreferencesView {
    /// Whether the gateway goes on when the window is closed; null until the person was asked.
    pub keep_running: Option<bool>,
    /// Whether the system starts Usher at login; null where it cannot.
    pub start_at_login: Option<bool>,
    /// Whether all passes are locked while the screen is; null where that cannot be followed.
    pub lock_with_screen: Option<bool>,
    /// Whether the person is notified of limits and resets.
    pub notifications: bool,
    /// For how many days counts of requests are kept; 0 for none.
    pub activity_days: u32,
    /// Whether names and e-mail addresses are left out of what is shown.
    pub hide_personal_data: bool,
    /// Whether sign-ins of accounts that are not used are renewed; null until the person was asked.
    pub renew_unused: Option<bool>,
    /// The way to remote hosts.
    pub network: NetworkView,
}

/// The way to remote hosts, as the person chose it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct NetworkView {
    /// `system`, `none`, or the address of the proxy.
    pub proxy: String,
    /// Whether a password is saved for the user in this address.
    pub has_password: bool,
    /// The hosts that are reached without the proxy, separated by commas.
    pub no_proxy: String,
    /// A file of certificate authorities to trust beside those of the system.
    pub ca_file: Option<String>,
    /// The variables of the environment that win over the proxy.
    pub variables: Vec<String>,
    /// The file that `SSL_CERT_FILE` names, which is trusted as well.
    pub certificates_of_environment: Option<String>,
    /// Why the proxy in the settings file cannot be used; nothing is sent then.
    pub problem: Option<String>,
}

/// A way to remote hosts that the person chooses.
#[derive(Deserialize, TS)]
pub struct NewNetwork {
    /// `system`, `none`, or the address of the proxy, without a password.
    pub proxy: String,
    /// The password of the user in this address; null leaves the saved one.
    pub password: Option<String>,
    /// The hosts that are reached without the proxy, separated by commas.
    pub no_proxy: String,
}

/// What a file of the home is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HomeFileKind {
    /// The settings.
    Settings,
    /// The encrypted sign-ins, keys and passes.
    SignIns,
    /// Lists, limits and counts.
    Cache,
    /// The folder of the log.
    Logs,
}

/// A file or a folder of the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HomeFileView {
    /// What it is.
    pub kind: HomeFileKind,
    /// Where it is, or would be.
    pub path: String,
    /// Whether it is there.
    pub exists: bool,
}

/// What a file of settings would change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct SettingsImportView {
    /// What would be added or changed, in the order of the file.
    pub changes: Vec<SettingChangeView>,
    /// How many settings of the file are set like this already.
    pub same: u32,
    /// The settings that are not in the file, and stay.
    pub left_alone: Vec<String>,
    /// Lines about what this version does not use of the file.
    pub unused: Vec<String>,
}

/// A setting that would be added or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SettingChangeView {
    /// The tables that it is in, and its name: `gateway.port`.
    pub key: String,
    /// Its value now; null where it is not set.
    pub old: Option<String>,
    /// Its value in the file.
    pub new: String,
}

/// The end of a reset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ResetView {
    /// The file that the old settings are kept in; null where there were none.
    pub backup: Option<String>,
    /// Whether the system started Usher at login, which is switched off now.
    pub started_at_login: bool,
    /// How many accounts were disconnected.
    pub disconnected: u32,
}

/// The person's answer when the window asks what becomes of the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CloseAnswer {
    /// The window closes, and the gateway goes on in the background.
    KeepRunning,
    /// The window closes, and the gateway ends.
    Stop,
    /// The window stays open.
    Cancel,
}
