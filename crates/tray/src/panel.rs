//! The panels of the window that the menu opens.

/// A panel of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TrayPanel {
    /// The plan's account in use, or the sign-in.
    Plan,
    /// The accounts of the plan.
    Accounts,
    /// The gateway.
    Gateway,
    /// The tools of this computer.
    Tools,
    /// What used the plan.
    Activity,
    /// Preferences.
    Preferences,
}

impl TrayPanel {
    /// Returns the link by which the window opens the panel.
    pub(crate) fn link(self) -> &'static str {
        match self {
            Self::Plan => "usher://open/plan",
            Self::Accounts => "usher://open/accounts",
            Self::Gateway => "usher://open/gateway",
            Self::Tools => "usher://open/tools",
            Self::Activity => "usher://open/activity",
            Self::Preferences => "usher://open/preferences",
        }
    }
}
