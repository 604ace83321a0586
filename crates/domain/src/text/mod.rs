//! The two rules for text of strangers: what is never shown, and how the rest is shown.

pub(crate) mod redact;
pub(crate) mod sanitize;
