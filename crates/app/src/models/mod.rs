//! Model lists and the person's choice from them.

pub(crate) mod catalog;
