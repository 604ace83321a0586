//! Changing the files of a tool and restoring them: what is planned, written, undone, restored for a while, and shared.

pub(crate) mod conflicts;
pub(crate) mod connections;
pub(crate) mod plan;
mod stand_in;
mod suspend;
mod undo;
