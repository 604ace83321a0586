//! Turns a request into the call to the provider.

pub(crate) mod conversation;
pub(crate) mod effort;
pub(crate) mod plan;
pub(crate) mod prompt_cache;
pub(crate) mod rejected_reasoning;
mod tier;
