//! Which headers of a caller go on to a server.
//!
//! All others are removed, above all credentials, cookies and hop-by-hop headers (RFC 9110 §7.6.1).

use http::{HeaderMap, HeaderName, HeaderValue};

/// Headers of a caller that the Codex backend reads or the first-party client sends (protocol §8.1, and what 0.171.0 was
/// recorded with). They are forwarded when the caller sends them and never invented, but for `session-id`.
pub(crate) const TO_CHATGPT: &[&str] = &[
    "session-id",                             // protocol §8.1: drives prompt-cache affinity
    "thread-id",                              // protocol §8.1
    "x-client-request-id",                    // protocol §8.1, corrections no. 10
    "x-codex-turn-state",                     // protocol §8.1: sticky routing within a turn
    "x-openai-internal-codex-responses-lite", // protocol §8.1: goes with the Lite form of the body
    "x-codex-window-id",                      // protocol §8.1: first-party telemetry, incidental
    "x-codex-turn-metadata",                  // the same
    "x-codex-parent-thread-id",               // the same
    "x-codex-beta-features",                  // the same
    "x-codex-routing-hint",                   // corrections no. 10
    "x-openai-subagent",                      // protocol §8.1: first-party telemetry, incidental
    "x-openai-memgen-request",                // the same
    "x-responsesapi-include-timing-metrics",  // the same
];

/// Headers of a caller that other clients of Sign in with ChatGPT send (siwc §10.1, siwc §10.3), without telemetry.
pub(crate) const TO_PLAN_USAGE: &[&str] = &[
    "session-id",                             // siwc §10.1: drives prompt-cache affinity
    "x-client-request-id",                    // siwc §10.1
    "x-openai-internal-codex-responses-lite", // siwc §10.3: goes with the Lite form of the body
];

/// Headers of a caller that the Platform's documentation has.
pub(crate) const TO_OPENAI_API: &[&str] = &["openai-beta", "x-client-request-id", "idempotency-key"];

/// Returns those of `headers` that are in `names`.
///
/// Their values are copied, because a value as it was read keeps the buffer of the complete head alive.
pub(crate) fn request_headers(headers: &HeaderMap, names: &'static [&'static str]) -> HeaderMap {
    let forwarded = names.iter().filter_map(|name| {
        let value = HeaderValue::from_bytes(headers.get(*name)?.as_bytes());
        Some((HeaderName::from_static(name), value.ok()?))
    });
    forwarded.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(headers: &HeaderMap) -> Vec<&str> {
        let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }

    fn headers(names: &[&'static str]) -> HeaderMap {
        names.iter().map(|name| (HeaderName::from_static(name), "v".parse().unwrap())).collect()
    }

    #[test]
    fn request_headers_credentials_are_removed() {
        let sent = headers(&[
            "authorization",
            "x-api-key",
            "chatgpt-account-id",
            "originator",
            "cookie",
            "user-agent",
            "connection",
            "te",
            "session-id",
            "x-codex-turn-state",
            "version",
            "x-forwarded-for",
            "openai-organization",
            "openai-project",
        ]);
        assert_eq!(names(&request_headers(&sent, TO_CHATGPT)), ["session-id", "x-codex-turn-state"]);
        assert_eq!(names(&request_headers(&sent, TO_PLAN_USAGE)), ["session-id"]);
        assert!(request_headers(&sent, TO_OPENAI_API).is_empty());
    }
}
