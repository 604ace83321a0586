//! JSON that is carried from one document into another without being taken apart, and objects read field by field.

mod elements;
mod footprint;
pub(crate) mod object;
pub(crate) mod path;
mod raw;
mod raw_object;

pub use elements::{map_elements, visit_elements};
pub use footprint::footprint_within;
pub(crate) use raw::{JsonString, write};
pub use raw::{Raw, Text};
pub use raw_object::RawObject;
