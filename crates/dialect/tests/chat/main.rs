//! Chat Completions crossed to the hub and from it.

mod answers;
mod cases;
mod chunks;
mod events;
mod from_responses;
mod streams;
mod to_responses;
mod vocabulary;
