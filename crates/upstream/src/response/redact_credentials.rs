//! Takes out of a server's words what the request was let in by, which it may repeat. By their looks `redact` knows
//! tokens and most keys; a secret header can be any text.

use http::HeaderValue;
use serde_json::Value;
use usher_domain::Failure;
use usher_domain::ports::Authorization;

use crate::response::upstream_error::UpstreamErrorBody;

/// Shorter ones are words, such as the key that a service without keys is given.
const MIN_SECRET_LENGTH: usize = 8;
const REDACTED: &str = "[redacted]";

/// `failure` without it.
pub(crate) fn redact_failure(mut failure: Failure, used: &Authorization) -> Failure {
    redact_json(&mut failure.cause, used);
    failure
}

fn redact_json(text: &mut String, used: &Authorization) {
    let headers = used.headers.iter().map(|header| header.value.expose());
    for secret in headers.chain([used.bearer.expose()]).filter(|secret| secret.len() >= MIN_SECRET_LENGTH) {
        replace_in_text(text, "", secret);
    }
    // A short key is a secret all the same where the sentence itself says that it is the key.
    if !used.bearer.expose().is_empty() {
        replace_in_text(text, "bearer ", used.bearer.expose());
    }
}

/// Blanks `secret` wherever it stands behind `before`.
fn replace_in_text(text: &mut String, before: &str, secret: &str) {
    // Codes are in lower case, whatever was sent. What is secret is ASCII, so places are the same in both.
    let (wanted, mut from) = (format!("{before}{}", secret.to_ascii_lowercase()), 0);
    while let Some(at) = text[from..].to_ascii_lowercase().find(&wanted) {
        let at = from + at + before.len();
        text.replace_range(at..at + secret.len(), REDACTED);
        from = at + REDACTED.len();
    }
}

/// `value` without it, in whichever text it stands.
pub(crate) fn redact_header(value: &mut Value, used: &Authorization) {
    match value {
        Value::String(text) => redact_json(text, used),
        Value::Array(values) => values.iter_mut().for_each(|value| redact_header(value, used)),
        Value::Object(fields) => fields.values_mut().for_each(|value| redact_header(value, used)),
        _ => {}
    }
}

/// A refusal without it, for whoever is handed the server's own words. A header that repeats it is left out whole.
pub(crate) fn redact_headers(said: &mut UpstreamErrorBody, used: &Authorization) {
    if let Some(error) = &mut said.error {
        redact_header(error, used);
    }
    let is_clean = |value: &HeaderValue| {
        let mut text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        redact_json(&mut text, used);
        text.as_bytes() == value.as_bytes()
    };
    let clean = said.headers.iter().filter(|(_, value)| is_clean(value));
    said.headers = clean.map(|(name, value)| (name.clone(), value.clone())).collect();
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
    fn redact_credentials_echoed_by_server() {
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
        let said = "localhost answered 401 open-sesame: é Open-SesameOpen-Sesame redacted, ollama";
        let failure = redact_failure(Failure::new(ErrorCode::InvalidKey, said), &used);
        let expected = "localhost answered 401 [redacted]: é [redacted][redacted] [redacted], ollama";
        assert_eq!(failure.cause, expected);
        let mut said = UpstreamErrorBody {
            status: StatusCode::FORBIDDEN,
            headers: [("x-error-json", "open-sesame"), ("retry-after", "7")]
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .into_iter()
                .collect(),
            error: Some(json!({ "message": "Bearer Open-Sesame may not", "of": [["open-sesame", 1]] })),
        };
        redact_headers(&mut said, &used);
        assert_eq!(said.headers.keys().collect::<Vec<_>>(), ["retry-after"]);
        let error = json!({ "message": "Bearer [redacted] may not", "of": [["[redacted]", 1]] });
        assert_eq!(said.error, Some(error));
        let short = Authorization { bearer: Bearer::ApiKey(Arc::new(ApiKey::new("aBcd"))), ..used };
        let failure =
            redact_failure(Failure::new(ErrorCode::InvalidKey, "bad key Bearer abcd, abcd"), &short);
        assert_eq!(failure.cause, "bad key Bearer [redacted], abcd", "alone it may be a word");
    }
}
