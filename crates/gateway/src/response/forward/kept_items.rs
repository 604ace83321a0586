//! The completed items of a response, for a last event that lacks them.

use serde_json::value::RawValue;
use usher_dialect::json::{Raw, RawObject};

use crate::response::size_limit::SizeLimit;
use crate::response::step::StreamError;

/// The completed items of a response.
#[derive(Default)]
pub(crate) struct KeptItems {
    items: Vec<Box<RawValue>>,
    size: SizeLimit,
}

impl KeptItems {
    /// Adds the item of an event.
    pub(crate) fn add(&mut self, event: &RawObject<'_>) {
        let Some(item) = event.raw("item") else { return };
        self.size.count_item(item.get().len());
        if self.size.check().is_ok() {
            self.items.extend(RawValue::from_string(item.get().to_owned()));
        }
    }

    /// Fails when the items are larger than a response may be.
    pub(crate) fn check_size(&self) -> Result<(), StreamError> {
        self.size.check()
    }

    /// Adds the items to the last event if its output is empty. Returns whether it was.
    pub(crate) fn fill_output(&self, event: &mut RawObject<'_>) -> bool {
        let with_output = || {
            let mut response = RawObject::parse(event.raw("response")?.get().as_bytes()).ok()?;
            let empty =
                response.raw("output").is_none_or(|output| output.get() == "[]" || output.get() == "null");
            if !empty || self.items.is_empty() {
                return None;
            }
            response.set("output", Raw::from_value(&self.items));
            Some(Raw::from_value(&response))
        };
        let response = with_output();
        let is_changed = response.is_some();
        if let Some(response) = response {
            event.set("response", response);
        }
        is_changed
    }
}
