//! `EncryptedReasoning` reasoning on its way through a caller: in the `signature` of a thinking block.
//!
//! A Responses backend that keeps nothing gives reasoning back reasoning, and wants it with the next request (protocol
//! §8.2, `include`). A thinking block has one place that callers return untouched, its `signature`. What is put there
//! says what it is, so that a signature of Anthropic's, or one that another account's backend reasoning, is known for
//! foreign: sent on, it would fail the whole request (`features.md` A6).

use std::fmt::Write;

/// Version 1 of the form `usher1:<origin>:<length of id>:<id><reasoning>`. Signatures of Anthropic are base64, which has
/// no colon.
const PREFIX: &str = "usher1:";

/// What a reasoning item has to have when it comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EncryptedReasoning<'a> {
    /// The item's id; may be empty.
    pub(crate) id: &'a str,
    /// Its `encrypted_content`; empty where the backend gave none.
    pub(crate) content: &'a str,
}

/// A name for an origin that tells nothing about it, because transcripts are kept and shared.
pub(crate) fn owner_tag(origin: Option<&str>) -> String {
    origin.map_or_else(|| "-".to_owned(), |origin| format!("{:08x}", fnv1a_64(origin) & 0xffff_ffff))
}

/// The signature that carries `reasoning`.
pub(crate) fn encode(tag: &str, reasoning: EncryptedReasoning<'_>) -> String {
    let EncryptedReasoning { id, content } = reasoning;
    let mut signature = String::with_capacity(PREFIX.len() + tag.len() + id.len() + content.len() + 8);
    write!(signature, "{PREFIX}{tag}:{}:{id}{content}", id.len()).expect("a string takes everything");
    signature
}

/// What `signature` carries; nothing when it was not made here for `tag`.
pub(crate) fn decode<'a>(tag: &str, signature: &'a str) -> Option<EncryptedReasoning<'a>> {
    let rest = signature.strip_prefix(PREFIX)?.strip_prefix(tag)?.strip_prefix(':')?;
    let (length, rest) = rest.split_once(':')?;
    let (id, content) = rest.split_at_checked(length.parse().ok()?)?;
    Some(EncryptedReasoning { id, content })
}

/// FNV-1a, 64 bits: the same on every computer and in every version, which a cached prompt needs.
pub(crate) fn fnv1a_64(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_sealed_opens(id in "\\PC{0,12}", content in "\\PC{0,40}", origin in proptest::option::of("\\PC{0,9}")) {
            let tag = owner_tag(origin.as_deref());
            let reasoning = EncryptedReasoning { id: &id, content: &content };
            let signature = encode(&tag, reasoning);
            prop_assert_eq!(decode(&tag, &signature), Some(reasoning));
        }

        #[test]
        fn nothing_else_does(signature in "(usher1:)?[-:0-9a-f]{0,12}\\PC{0,20}") {
            if let Some(reasoning) = decode("-", &signature) {
                prop_assert_eq!(encode("-", reasoning).len(), signature.len());
            }
        }
    }

    #[test]
    fn another_origin_is_foreign() {
        let reasoning = EncryptedReasoning { id: "rs_1", content: "gAAAA" };
        let signature = encode(&owner_tag(Some("one")), reasoning);
        assert_eq!(decode(&owner_tag(Some("two")), &signature), None);
        assert_eq!(decode(&owner_tag(None), &signature), None);
        assert!(!signature.contains("one"));
    }

    #[test]
    fn the_hash_is_the_published_one() {
        // Vectors of the FNV authors' test suite.
        assert_eq!(fnv1a_64(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a_64("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a_64("foobar"), 0x8594_4171_f739_67e8);
    }
}
