//! The Chat Completions API: what asking one question needs, and the crossings to the hub and from it.

mod effort;
mod fields;
mod reply;
mod request;
mod to_input;
mod to_parts;
mod to_responses;
mod to_tools;

pub use reply::ReplyReader;
pub use request::Question;
pub use to_responses::to_responses;
