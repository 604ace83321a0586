//! Encrypted reasoning, carried through the caller in the `signature` of a thinking block.
//!
//! A Responses backend that stores nothing returns reasoning encrypted, and wants it back with the next request
//! (protocol §8.2, `include`). Callers return one field of a thinking block untouched: its `signature`. What is
//! written there identifies itself, so that a signature of Anthropic's, or reasoning that another account's backend
//! encrypted, is recognized: sent on, it would make the backend reject the request.

use std::fmt::Write;

/// Version 1 of the format `usher1:<owner tag>:<length of id>:<id><content>`. Anthropic's signatures are base64,
/// which has no colon.
const PREFIX: &str = "usher1:";

/// The fields that a reasoning item needs when it is sent back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EncryptedReasoning<'a> {
    /// The item's id; may be empty.
    pub(crate) id: &'a str,
    /// Its `encrypted_content`; empty if the backend gave none.
    pub(crate) content: &'a str,
}

/// Returns a tag for an account that reveals nothing about it, because transcripts are stored and shared.
pub(crate) fn owner_tag(owner: Option<&str>) -> String {
    owner.map_or_else(|| "-".to_owned(), |owner| format!("{:08x}", fnv1a_64(owner) & 0xffff_ffff))
}

/// Returns the signature that carries `reasoning`.
pub(crate) fn encode(tag: &str, reasoning: EncryptedReasoning<'_>) -> String {
    let EncryptedReasoning { id, content } = reasoning;
    let mut signature = String::with_capacity(PREFIX.len() + tag.len() + id.len() + content.len() + 8);
    write!(signature, "{PREFIX}{tag}:{}:{id}{content}", id.len()).expect("writing to a string cannot fail");
    signature
}

/// Returns the reasoning in `signature`; `None` if it was not encoded here for `tag`.
pub(crate) fn decode<'a>(tag: &str, signature: &'a str) -> Option<EncryptedReasoning<'a>> {
    let rest = signature.strip_prefix(PREFIX)?.strip_prefix(tag)?.strip_prefix(':')?;
    let (length, rest) = rest.split_once(':')?;
    let (id, content) = rest.split_at_checked(length.parse().ok()?)?;
    Some(EncryptedReasoning { id, content })
}

/// Returns the 64-bit FNV-1a hash: the same on every computer and in every version, which a cached prompt needs.
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
        fn encoded_reasoning_decodes(id in "\\PC{0,12}", content in "\\PC{0,40}", owner in proptest::option::of("\\PC{0,9}")) {
            let tag = owner_tag(owner.as_deref());
            let reasoning = EncryptedReasoning { id: &id, content: &content };
            let signature = encode(&tag, reasoning);
            prop_assert_eq!(decode(&tag, &signature), Some(reasoning));
        }

        #[test]
        fn decode_accepts_only_encoded_signatures(signature in "(usher1:)?[-:0-9a-f]{0,12}\\PC{0,20}") {
            if let Some(reasoning) = decode("-", &signature) {
                prop_assert_eq!(encode("-", reasoning).len(), signature.len());
            }
        }
    }

    #[test]
    fn decode_for_another_owner_returns_none() {
        let reasoning = EncryptedReasoning { id: "rs_1", content: "gAAAA" };
        let signature = encode(&owner_tag(Some("one")), reasoning);
        assert_eq!(decode(&owner_tag(Some("two")), &signature), None);
        assert_eq!(decode(&owner_tag(None), &signature), None);
        assert!(!signature.contains("one"));
    }

    #[test]
    fn fnv1a_64_matches_published_vectors() {
        // Vectors of the FNV authors' test suite.
        assert_eq!(fnv1a_64(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a_64("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a_64("foobar"), 0x8594_4171_f739_67e8);
    }
}
