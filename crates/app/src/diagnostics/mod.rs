//! What a person looks at, or sends along, when something does not work.

mod doctor;
mod report;
