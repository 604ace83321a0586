//! The store: its sealed file, its lock, and its key in a real keyring.

pub(crate) mod keyring;
mod limits;
mod lock;
mod loss;
mod move_key;
mod sealed_file;
