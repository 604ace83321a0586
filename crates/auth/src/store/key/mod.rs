//! The key of the store: where it is, how it is made and moved, and how it is derived from a passphrase.

pub(super) mod data_key;
mod keyring;
pub(super) mod move_key;
pub(crate) mod passphrase;
