//! What the operating system gives: files, keyring, random bytes, the id of the computer, threads that may block.

pub(crate) mod atomic_file;
pub(crate) mod blocking;
pub(crate) mod keyring;
pub(crate) mod machine;
pub(crate) mod private_file;
pub(crate) mod random;
