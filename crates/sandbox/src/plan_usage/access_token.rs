//! The form of an access token.

use jsonwebtoken::Algorithm;

/// Returns whether a bearer token has the form of this sign-in's access tokens: a JWT with RS256 (siwc §6).
///
/// It decides who serves `/v1`, where the Platform has the same paths for API keys (siwc §9).
pub(crate) fn is_access_token(token: &str) -> bool {
    jsonwebtoken::decode_header(token).is_ok_and(|header| header.alg == Algorithm::RS256)
}
