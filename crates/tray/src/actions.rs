//! What the tray has done by the process that it belongs to.

use usher_domain::Failure;

/// What the process that has the tray does for it.
pub trait TrayActions: Send + Sync {
    /// Opens the window, or brings it forward, with what a link opens or as it was.
    fn open_window(&self, link: Option<&str>) -> Result<(), Failure>;
    /// Ends the process in order, and the gateway with it.
    fn quit(&self);
    /// Hears whether a tray shows the icon: at the beginning, and after each change of the home.
    fn set_shown(&self, shown: bool);
}
