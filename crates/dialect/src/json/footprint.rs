//! How much memory a document takes while it is read field by field.

/// What an element of a list takes: an entry of a vector, which has up to twice the room that it needs.
const ELEMENT: usize = 64;
/// What an object in a list takes more: the largest of the types that lists are read as.
const OBJECT: usize = 512;
/// What a member of an object takes.
const MEMBER: usize = 100;

/// Estimates how many bytes the parts of `json` take beside the document, at most; `None` if that is more than `limit`.
///
/// A list of millions of `{}` is a few megabytes on the way and gigabytes as objects. The document need not be valid.
pub fn footprint_within(json: &[u8], limit: usize) -> Option<usize> {
    // Counting is many times faster than reading, and nearly always enough.
    Some(footprint_of_marks(json))
        .filter(|bytes| *bytes <= limit)
        .or_else(|| Some(footprint(json)).filter(|bytes| *bytes <= limit))
}

/// Estimates it as if nothing were text, so never too low.
fn footprint_of_marks(json: &[u8]) -> usize {
    let marks = [(b'[', ELEMENT), (b',', ELEMENT), (b'{', OBJECT), (b':', MEMBER)];
    marks.iter().map(|(mark, bytes)| memchr::memchr_iter(*mark, json).count().saturating_mul(*bytes)).sum()
}

/// Estimates it by reading the document.
fn footprint(json: &[u8]) -> usize {
    let (mut bytes, mut at) = (0usize, 0);
    // Whether each open bracket is that of a list.
    let mut open: Vec<bool> = Vec::new();
    while let Some(byte) = json.get(at) {
        at += 1;
        match byte {
            b'"' => at = end_of_string(json, at),
            b'[' => {
                open.push(true);
                bytes = bytes.saturating_add(ELEMENT);
            }
            b'{' => {
                if open.last() == Some(&true) {
                    bytes = bytes.saturating_add(OBJECT);
                }
                open.push(false);
            }
            b']' | b'}' => drop(open.pop()),
            b',' if open.last() == Some(&true) => bytes = bytes.saturating_add(ELEMENT),
            b':' => bytes = bytes.saturating_add(MEMBER),
            _ => {}
        }
    }
    bytes
}

/// Returns the position after the string that begins before `at`.
fn end_of_string(json: &[u8], mut at: usize) -> usize {
    while let Some(found) = json.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found + 1;
        if json[at - 1] == b'"' {
            return at;
        }
        at += 1;
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_is_read_when_its_marks_are_too_many() {
        let text = format!(r#"["{}"]"#, "[{},:".repeat(1000));
        assert_eq!(footprint_within(text.as_bytes(), ELEMENT), Some(ELEMENT));
        assert_eq!(footprint_within(text.as_bytes(), ELEMENT - 1), None);
        assert_eq!(footprint_within(b"[{}]", 1000), Some(ELEMENT + OBJECT));
    }

    #[test]
    fn footprint_counts_parts_and_not_text() {
        let rows = [
            ("", 0),
            (r#""a,b:[{""#, 0),
            (r#"{"a":"\"[{,:","b":1}"#, 2 * MEMBER),
            ("[]", ELEMENT),
            ("[1,2,3]", 3 * ELEMENT),
            ("[{},{}]", 2 * ELEMENT + 2 * OBJECT),
            (r#"[{"a":{"b":[0]}}]"#, 2 * ELEMENT + OBJECT + 2 * MEMBER),
            (r#"["\"#, ELEMENT),
            ("]}", 0),
        ];
        for (json, bytes) in rows {
            assert_eq!(footprint(json.as_bytes()), bytes, "{json}");
            assert!(footprint_of_marks(json.as_bytes()) >= bytes, "{json}");
        }
    }
}
