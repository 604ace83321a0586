//! What Usher says outside of its page, in each of its languages.
//!
//! The messages are those of the page, in `ui/messages`, so that window, tray and notifications call one thing by one
//! name. `build.rs` makes a function of each one that is needed here; a message that a language lacks, or one with other
//! parameters, fails the build. Nothing is read at run time.

mod format;
mod language;

#[expect(
    clippy::doc_markdown,
    clippy::match_same_arms,
    reason = "texts as they are, one line for each language"
)]
pub mod messages {
    //! The messages, by their keys in `ui/messages`.

    use usher_domain::ErrorCode;

    use crate::Language;

    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
}

pub use format::{list, percent};
pub use language::Language;
