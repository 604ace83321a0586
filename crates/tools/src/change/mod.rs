//! Changing the files of a tool and restoring them: what is planned, written, undone, and restored for a while.

pub(crate) mod connections;
pub(crate) mod plan;
mod suspend;
mod undo;
