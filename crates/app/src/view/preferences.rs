//! What the person chose for the program itself.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The preferences that all windows of a home share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct PreferencesView {
    /// Whether the gateway goes on when the window is closed; null until the person was asked.
    pub keep_running: Option<bool>,
    /// Whether the system starts Usher at login; null where it cannot.
    pub start_at_login: Option<bool>,
    /// Whether all passes are locked while the screen is; null where that cannot be followed.
    pub lock_with_screen: Option<bool>,
    /// Whether the person is notified of limits and resets.
    pub notifications: bool,
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
