//! What Usher says outside of its page, in each of its languages.
//!
//! The messages are those of the page, in `ui/messages`, so that window, tray and command line call one thing by one name,
//! and those that the page has not, in `messages`, in the same format. The build script makes a function of each one that is
//! needed here; a message that a language lacks, one with other parameters or plural forms, or an error code without texts
//! fails the build. Nothing is read at run time.

mod cause;
mod format;
mod language;
mod plural;
mod time;

#[expect(
    clippy::doc_markdown,
    clippy::match_same_arms,
    reason = "texts as they are, one line for each language"
)]
pub mod messages {
    //! The messages, by their keys in `ui/messages` and `messages`.

    use std::fmt::Display;

    use usher_domain::ErrorCode;

    use crate::Language;
    use crate::plural::{PluralForm, plural_form};

    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
}

pub use cause::cause;
pub use format::{decimal, list, percent, percent_with_decimal};
pub use language::Language;
pub use time::{moment, moment_from, window, window_length};
