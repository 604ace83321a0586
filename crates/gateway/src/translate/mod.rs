//! Turns a request into the call that the provider gets.

pub(crate) mod conversation;
pub(crate) mod plan;
pub(crate) mod rejected_reasoning;
