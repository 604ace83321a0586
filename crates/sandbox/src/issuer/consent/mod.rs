//! The person's side of a sign-in: sessions, pages and forms.

pub(super) mod forms;
pub(crate) mod pages;
pub(crate) mod return_to;
pub(super) mod session;
pub(crate) mod sign_ins;
