//! The `OpenAI` Responses API (protocol §8.2, §8.3), whose shape is the hub between the dialects.

mod collector;
mod event;
mod grown;
mod item;
mod reply;
mod request;
mod sent;
mod trouble;
mod vocabulary;
mod whole;
mod writer;

pub use collector::Collector;
pub use event::{
    Event, Growing, IncompleteDetails, InputDetails, NotAnEvent, OutputDetails, Response, Tokens,
};
pub use item::{Item, Part};
pub use reply::ReplyReader;
pub use request::Question;
pub(crate) use trouble::error_object;
pub use trouble::{openai_error, write_failed};
pub use vocabulary::is_public;
pub use whole::whole;
pub use writer::Writer;
