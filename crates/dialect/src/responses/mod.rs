//! The `OpenAI` Responses API, as far as asking one question needs it (protocol §8.2, §8.3).

mod event;
mod reply;
mod request;

pub use event::{Event, NotAnEvent};
pub use reply::ReplyReader;
pub use request::Question;
