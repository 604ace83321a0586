//! Lists that are read element by element.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::raw::Raw;

/// Calls `visit` with each element of the list `json`.
///
/// Nothing is kept of an element, so the memory that a list of millions takes does not grow with it.
pub fn visit_elements<'a>(json: &'a str, visit: impl FnMut(&'a RawValue)) -> serde_json::Result<()> {
    struct Elements<F>(F);

    impl<'de, F: FnMut(&'de RawValue)> Visitor<'de> for Elements<F> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
            while let Some(element) = list.next_element()? {
                self.0(element);
            }
            Ok(())
        }
    }

    serde_json::Deserializer::from_str(json).deserialize_seq(Elements(visit))
}

/// Returns the list `json` with each element as `map` has it, or without it; `None` if it is no list.
pub fn map_elements<'a>(
    json: &'a str,
    mut map: impl FnMut(&'a str) -> Option<Cow<'a, str>>,
) -> Option<Raw<'static>> {
    let mut list = String::with_capacity(json.len());
    list.push('[');
    visit_elements(json, |element| {
        if let Some(element) = map(element.get()) {
            if list.len() > 1 {
                list.push(',');
            }
            list.push_str(&element);
        }
    })
    .ok()?;
    list.push(']');
    Some(Raw::JsonString(list))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_mapped_one_by_one() {
        let map = |json| {
            let mapped = map_elements(json, |element| match element {
                "1" => None,
                "2" => Some("[\"two\"]".into()),
                other => Some(other.into()),
            });
            mapped.map(|raw| raw.get().to_owned())
        };
        assert_eq!(map(r#"[ 1, 2 , {"a": 1}]"#).as_deref(), Some(r#"[["two"],{"a": 1}]"#));
        assert_eq!(map("[1]").as_deref(), Some("[]"));
        assert_eq!((map("{}"), map("[1")), (None, None));
    }
}
