//! Random keys and strings.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Returns 32 random bytes.
pub(crate) fn key() -> [u8; 32] {
    let mut bytes = [0; 32];
    // Without the operating system's random bytes no token here would be a secret.
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// Returns 32 random bytes in base64url without padding, behind `prefix`.
///
/// The prefixes let a test search a disk or a log for anything that the sandbox issued.
pub(crate) fn string(prefix: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(key()))
}

/// Returns a code that a person types: four letters, five digits, as in the recorded device sign-in.
pub(crate) fn user_code() -> String {
    // No vowels and nothing that looks like a digit.
    const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
    let bytes = key();
    let letters = bytes[..4].iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]));
    let digits = bytes[4..9].iter().map(|byte| char::from(b'0' + byte % 10));
    letters.chain(['-']).chain(digits).collect()
}
