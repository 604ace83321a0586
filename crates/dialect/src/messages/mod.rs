//! The Anthropic Messages API (`anthropic-version` 2023-06-01 and 2026-10-21), both ways between it and the hub.
//!
//! - [`to_responses`] translates a request; what it cannot carry it names.
//! - [`Writer`] tells the answer as a stream, [`whole()`] as one message, by the same rules.
//! - [`error`] says why there is none.
//! - [`countable`] walks what a request has the model read, for counting its tokens.

mod blocks;
mod content;
mod count;
mod dropped;
mod effort;
mod ending;
mod input;
mod item;
mod names;
mod path;
mod reading;
mod request;
mod schema;
mod search;
mod shape;
mod signature;
mod sink;
mod stop;
mod tools;
mod trouble;
mod whole;
mod writer;

pub use count::{Countable, countable};
pub use request::{Translation, to_responses};
pub use trouble::error;
pub use whole::whole;
pub use writer::{Wanted, Writer};
