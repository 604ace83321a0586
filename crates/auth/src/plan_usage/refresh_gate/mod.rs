//! When a refresh may be sent: too early, it ends the sign-in (siwc §7.3).

pub(super) mod earliest_refresh;
pub(super) mod refresh_window;
