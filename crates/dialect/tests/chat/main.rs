//! Chat Completions crossed to the hub and from it.

mod answers;
mod cases;
mod chunks;
mod streams;
mod to_responses;
