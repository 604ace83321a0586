//! Model lists and the person's choice from them.

pub(crate) mod catalog;
pub(crate) mod chosen;
pub(crate) mod role_edit;
