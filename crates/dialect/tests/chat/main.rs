//! Chat Completions crossed to the hub and from it.

mod cases;
mod to_responses;
