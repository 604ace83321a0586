//! The computer that the tools are on: its folders, variables, programs and files.

pub(crate) mod disk;
pub(crate) mod place;
pub(crate) mod proxy;
pub(crate) mod shell;
pub(crate) mod surroundings;
mod versions;
