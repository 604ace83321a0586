//! The Chat Completions API, as far as asking one question needs it.

mod reply;
mod request;

pub use reply::ReplyReader;
pub use request::Question;
