//! Redacts the credentials of a request that a server repeats in its response.
//!
//! `redact` recognizes tokens and most keys by their form; the value of a secret header can be any text.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use usher_domain::Failure;
use usher_domain::ports::Authorization;

use crate::response::upstream_error::UpstreamErrorBody;

/// Shorter secrets may be ordinary words, such as the dummy key of a service that needs none.
const MIN_SECRET_LENGTH: usize = 8;
const REDACTED: &str = "[redacted]";

/// Returns `failure` without the credentials in `used`.
pub(crate) fn redact_failure(mut failure: Failure, used: &Authorization) -> Failure {
    redact_text(&mut failure.cause, used);
    failure
}

/// Returns the secrets that are redacted wherever they stand.
fn long_secrets(used: &Authorization) -> impl Iterator<Item = &str> {
    let headers = used.headers.iter().map(|header| header.value.expose());
    headers.chain([used.bearer.expose()]).filter(|secret| secret.len() >= MIN_SECRET_LENGTH)
}

/// Redacts the credentials in `text`.
fn redact_text(text: &mut String, used: &Authorization) {
    for secret in long_secrets(used) {
        replace_in_text(text, "", secret);
    }
    // A short key is redacted too where the text itself says that it is the key.
    if !used.bearer.expose().is_empty() {
        replace_in_text(text, "bearer ", used.bearer.expose());
    }
}

/// Replaces `secret` wherever it follows `before`, in any case of letters.
fn replace_in_text(text: &mut String, before: &str, secret: &str) {
    // Error codes are in lower case, whatever was sent. Secrets are ASCII, so offsets are the same in both.
    let (needle, lower) = (format!("{before}{}", secret.to_ascii_lowercase()), text.to_ascii_lowercase());
    let (mut redacted, mut from) = (String::new(), 0);
    for (at, _) in lower.match_indices(&needle) {
        redacted.push_str(&text[from..at + before.len()]);
        redacted.push_str(REDACTED);
        from = at + needle.len();
    }
    if from > 0 {
        redacted.push_str(&text[from..]);
        *text = redacted;
    }
}

/// Redacts the credentials in every text of a JSON value.
pub(crate) fn redact_json(value: &mut Value, used: &Authorization) {
    match value {
        Value::String(text) => redact_text(text, used),
        Value::Array(values) => values.iter_mut().for_each(|value| redact_json(value, used)),
        Value::Object(fields) => {
            fields.values_mut().for_each(|value| redact_json(value, used));
            let is_changed = |name: &String| redacted(name, used) != *name;
            if fields.keys().any(is_changed) {
                let fields_before = std::mem::take(fields);
                fields.extend(fields_before.into_iter().map(|(name, value)| (redacted(&name, used), value)));
            }
        }
        _ => {}
    }
}

/// Returns `text` without the credentials.
fn redacted(text: &str, used: &Authorization) -> String {
    let mut text = text.to_owned();
    redact_text(&mut text, used);
    text
}

/// Removes the headers that contain a credential, in their values or in their names.
pub(crate) fn redact_headers(headers: &mut HeaderMap, used: &Authorization) {
    let shortest = long_secrets(used).map(str::len).min().unwrap_or(usize::MAX);
    let shortest = shortest.min("bearer ".len() + used.bearer.expose().len());
    let is_clean = |text: &[u8]| {
        // Nearly all headers are too short to hold a credential.
        text.len() < shortest || {
            let text = String::from_utf8_lossy(text);
            redacted(&text, used) == text
        }
    };
    let is_clean = |(name, value): &(&HeaderName, &HeaderValue)| {
        is_clean(name.as_str().as_bytes()) && is_clean(value.as_bytes())
    };
    if !headers.iter().all(|header| is_clean(&header)) {
        let clean = headers.iter().filter(is_clean);
        *headers = clean.map(|(name, value)| (name.clone(), value.clone())).collect();
    }
}

/// Redacts the credentials in an error response that goes to a caller.
pub(crate) fn redact_error_body(body: &mut UpstreamErrorBody, used: &Authorization) {
    if let Some(error) = &mut body.error {
        redact_json(error, used);
    }
    redact_headers(&mut body.headers, used);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::StatusCode;
    use serde_json::json;
    use url::Url;
    use usher_domain::ErrorCode;
    use usher_domain::ports::{Bearer, ExtraHeader};
    use usher_domain::{ApiKey, HeaderSecret};

    use super::*;

    #[test]
    fn credentials_repeated_by_server_are_redacted() {
        let header =
            |value: &str| ExtraHeader { name: "x".into(), value: Arc::new(HeaderSecret::new(value)) };
        let used = Authorization {
            bearer: Bearer::ApiKey(Arc::new(ApiKey::new("Open-Sesame"))),
            account_id: None,
            fedramp: false,
            headers: vec![header("redacted"), header("ollama")],
            base: Url::parse("http://localhost/v1").unwrap(),
            expires_at: None,
        };
        let message = "localhost answered 401 open-sesame: é Open-SesameOpen-Sesame redacted, ollama";
        let failure = redact_failure(Failure::new(ErrorCode::InvalidKey, message), &used);
        let expected = "localhost answered 401 [redacted]: é [redacted][redacted] [redacted], ollama";
        assert_eq!(failure.cause, expected);
        let mut body = UpstreamErrorBody {
            status: StatusCode::FORBIDDEN,
            headers: [("x-error-json", "open-sesame"), ("retry-after", "7"), ("x-codex-open-sesame", "7")]
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .into_iter()
                .collect(),
            error: Some(
                json!({ "message": "Bearer Open-Sesame may not", "of": [["open-sesame", 1]], "Open-Sesame": 1 }),
            ),
        };
        redact_error_body(&mut body, &used);
        assert_eq!(body.headers.keys().collect::<Vec<_>>(), ["retry-after"]);
        let error =
            json!({ "message": "Bearer [redacted] may not", "of": [["[redacted]", 1]], "[redacted]": 1 });
        assert_eq!(body.error, Some(error));
        let short = Authorization { bearer: Bearer::ApiKey(Arc::new(ApiKey::new("aBcd"))), ..used };
        let failure =
            redact_failure(Failure::new(ErrorCode::InvalidKey, "bad key Bearer abcd, abcd"), &short);
        assert_eq!(failure.cause, "bad key Bearer [redacted], abcd", "alone it may be a word");
    }
}
