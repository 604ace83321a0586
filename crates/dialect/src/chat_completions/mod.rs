//! The Chat Completions API: what asking one question needs, and the crossings to the hub and from it.

mod answer;
mod call;
mod calls;
mod chunk;
mod effort;
mod events;
mod fields;
mod from_input;
mod from_parts;
mod from_responses;
mod from_tools;
mod reply;
mod request;
mod stop;
mod to_input;
mod to_parts;
mod to_responses;
mod to_tools;
mod whole;
mod wire;
mod writer;

pub use events::EventReader;
pub use from_responses::from_responses;
pub use reply::ReplyReader;
pub use request::Question;
pub use to_responses::to_responses;
pub use whole::whole;
pub use writer::Writer;

pub use crate::responses::openai_error;
