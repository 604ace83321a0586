//! Chat Completions, translated to the Responses API and from it.

mod cases;
mod chunks;
mod completions;
mod events;
mod from_responses;
mod responses_stream;
mod streams;
mod to_responses;
