//! The gateway for other programs: running it, and the passes for it.

pub(crate) mod env;
pub(crate) mod lock;
pub(crate) mod pass;
pub(crate) mod run;
pub(crate) mod serve;
pub(crate) mod service;
