//! Who may ask for what.

pub(crate) mod activity;
pub(crate) mod origin;
pub(crate) mod session;
