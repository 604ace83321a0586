//! What a person looks at, or sends along, when something does not work.

pub(crate) mod doctor;
mod plan_usage;
pub(crate) mod repair;
pub(crate) mod report;
pub(crate) mod store_findings;
