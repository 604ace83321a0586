//! What a person looks at, or sends along, when something does not work.

pub(crate) mod doctor;
mod report;
