//! Chat Completions, translated to the Responses API and from it.

mod cases;
mod chunks;
mod completions;
mod events;
mod from_responses;
mod pairing;
mod responses_stream;
mod service_streams;
mod streams;
mod to_responses;
mod tool_loop;
