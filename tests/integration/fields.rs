//! Checks the names of fields, which other people's scripts rely on (contract §6).

use serde_json::Value;

/// The names of an object, in order of the alphabet.
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

/// Fails unless `document` has the fields of `promised` (parted by spaces) and no other.
pub(crate) fn assert_fields(document: &Value, promised: &str) {
    let mut promised: Vec<&str> = promised.split(' ').collect();
    promised.sort_unstable();
    assert_eq!(names(document), promised, "{document}");
}
