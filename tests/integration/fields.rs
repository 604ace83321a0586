//! Checks the names of fields, which other people's scripts rely on (contract §6).

use serde_json::Value;

/// Returns the field names of an object, sorted.
pub(crate) fn names(document: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = document
        .as_object()
        .unwrap_or_else(|| panic!("an object: {document}"))
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}

/// Asserts that `document` has exactly the fields of `promised`, separated by spaces.
pub(crate) fn assert_fields(document: &Value, promised: &str) {
    let mut promised: Vec<&str> = promised.split(' ').collect();
    promised.sort_unstable();
    assert_eq!(names(document), promised, "{document}");
}
