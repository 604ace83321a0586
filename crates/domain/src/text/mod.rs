//! The rules for text of strangers: what is never shown, how the rest is shown, and what of a page is text.

pub(crate) mod page_text;
pub(crate) mod redact;
pub(crate) mod sanitize;
