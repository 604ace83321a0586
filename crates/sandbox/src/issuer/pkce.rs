//! RFC 7636, the S256 method only.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Returns the challenge of `verifier` (RFC 7636 §4.2).
pub(crate) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// Returns whether `verifier` is well formed (RFC 7636 §4.1) and belongs to `challenge` (RFC 7636 §4.6).
pub(crate) fn matches(verifier: &str, challenge: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(unreserved)
        && self::challenge(verifier) == challenge
}

/// Returns whether `challenge` can be a SHA-256 in base64url: 43 characters.
pub(crate) fn is_challenge(challenge: &str) -> bool {
    challenge.len() == 43 && URL_SAFE_NO_PAD.decode(challenge).is_ok_and(|hash| hash.len() == 32)
}

#[cfg(test)]
mod tests {
    use super::{challenge, is_challenge, matches};

    #[test]
    fn challenge_matches_rfc_7636_appendix_b() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let expected = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(challenge(verifier), expected);
        assert!(is_challenge(expected));
        assert!(matches(verifier, expected));
        assert!(!matches("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl", expected));
        assert!(!is_challenge(verifier.get(1..).unwrap_or_default()));
    }

    #[test]
    fn verifier_too_short_is_rejected() {
        assert!(!matches("short", &challenge("short")));
    }
}
