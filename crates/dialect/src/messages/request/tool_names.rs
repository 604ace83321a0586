//! Replaces tool names and call ids that the Responses API would reject.

use std::borrow::Cow;

use crate::messages::signature::fnv1a_64;
use crate::translate::{CallerTool, ToolNames};

/// Most characters of a function's name and of a call's id (`openai` 6.49.0,
/// `ResponseFormatTextJSONSchemaConfig.name`: "a-z, A-Z, 0-9, or contain underscores and dashes, with a maximum
/// length of 64").
const MAX_LENGTH: usize = 64;

/// Digits of the hash at the end of a replacement.
const HASH_DIGITS: usize = 16;

/// Returns `name` if it is allowed, else a replacement.
///
/// The same name has the same replacement on every computer, so that a conversation continues as it began.
pub(crate) fn sanitize_name(name: &str) -> Cow<'_, str> {
    if name.len() <= MAX_LENGTH && name.bytes().all(is_allowed) {
        return Cow::Borrowed(name);
    }
    let allowed =
        |character: char| if character.is_ascii() && is_allowed(character as u8) { character } else { '_' };
    let begin: String = name.chars().take(MAX_LENGTH - HASH_DIGITS - 1).map(allowed).collect();
    Cow::Owned(format!("{begin}_{:016x}", fnv1a_64(name)))
}

/// Sanitizes `name` and records in `names` what the replacement stands for.
pub(crate) fn sanitize_and_record<'n>(name: &'n str, names: &mut ToolNames) -> Cow<'n, str> {
    let sanitized = sanitize_name(name);
    if let Cow::Owned(replacement) = &sanitized {
        let tool = CallerTool { name: name.to_owned(), namespace: None, custom: false };
        names.insert(replacement.clone(), tool);
    }
    sanitized
}

fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sanitized_name_is_allowed(name in "\\PC{1,90}|[a-zA-Z_-]{1,90}") {
            let sanitized = sanitize_name(&name);
            prop_assert!(sanitized.len() <= MAX_LENGTH && sanitized.bytes().all(is_allowed), "{}", sanitized);
        }
    }

    #[test]
    fn sanitized_names_with_equal_prefix_differ() {
        let (one, other) = ("a".repeat(70), "a".repeat(71));
        assert_ne!(sanitize_name(&one), sanitize_name(&other));
        assert_eq!(sanitize_name("mcp__server__tool"), "mcp__server__tool");
        assert_eq!(sanitize_name("files.read"), "files_read_d5ab421fd0376a62");
    }
}
