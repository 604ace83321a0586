//! API keys: which are valid, and which valid ones get an error.

use axum::http::StatusCode;

use super::ApiError;

/// Every key that begins like this is valid, but for a few that get an error.
const PREFIX: &str = "sk-sandbox-";

/// How long a rate limited key has to wait.
pub(crate) const RETRY_AFTER_S: u16 = 7;

/// A valid key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Valid,
    /// A key that may use no model, so its list is empty.
    NoModels,
    /// Each model request is rate limited, for a short time.
    RateLimited,
    /// The organization has no credit.
    NoQuota,
    /// The project has spent what it may.
    SpendLimit,
}

impl Key {
    /// Checks the bearer token of a request.
    pub(crate) fn check(bearer: Option<&str>) -> Result<Self, ApiError> {
        let Some(key) = bearer else {
            let message = "You didn't provide an API key. You need to provide your API key in an Authorization \
                           header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).";
            return Err(ApiError::new(StatusCode::UNAUTHORIZED, message.to_owned()));
        };
        match key.strip_prefix(PREFIX) {
            None | Some("" | "revoked") => {
                let message = format!(
                    "Incorrect API key provided: {}. You can find your API key at \
                     https://platform.openai.com/account/api-keys.",
                    mask(key)
                );
                Err(ApiError::new(StatusCode::UNAUTHORIZED, message).code("invalid_api_key"))
            }
            Some("nomodels") => Ok(Self::NoModels),
            Some("ratelimited") => Ok(Self::RateLimited),
            Some("noquota") => Ok(Self::NoQuota),
            Some("spend") => Ok(Self::SpendLimit),
            Some(_) => Ok(Self::Valid),
        }
    }

    /// Checks whether the key may use `model` now (protocol §10, protocol §10.1). Lists are not limited.
    pub(crate) fn check_limits(self, model: &str) -> Result<(), ApiError> {
        let limited = |message: String, kind: &'static str, code: &'static str| {
            Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, message).kind(kind).code(code))
        };
        match self {
            Self::Valid => Ok(()),
            Self::NoModels => Err(ApiError::no_such_model(model)),
            Self::RateLimited => {
                let message = format!(
                    "Rate limit reached for {model} in organization org-sandbox on requests per min (RPM): \
                     Limit 500, Used 500, Requested 1. Please try again in {RETRY_AFTER_S}s."
                );
                limited(message, "requests", "rate_limit_exceeded").map_err(|e| e.retry_after(RETRY_AFTER_S))
            }
            Self::NoQuota => limited(
                "You exceeded your current quota, please check your plan and billing details.".to_owned(),
                "insufficient_quota",
                "insufficient_quota",
            ),
            // Since 2026 the type may be the class and the code the case (protocol §10.1, no. 3).
            Self::SpendLimit => limited(
                "The project has reached its spend limit.".to_owned(),
                "insufficient_quota",
                "project_spend_limit_exceeded",
            ),
        }
    }
}

/// Returns a key as the real 401 repeats it: its beginning and its last four characters. A client must not show even that.
fn mask(key: &str) -> String {
    let characters: Vec<char> = key.chars().collect();
    match characters.len() {
        12.. => {
            let (head, tail) = (&characters[..7], &characters[characters.len() - 4..]);
            head.iter().chain(&['*'; 3]).chain(tail).collect()
        }
        short => "*".repeat(short),
    }
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn masked_key_keeps_only_its_ends() {
        assert_eq!(mask("sk-sandbox-stuvwxyz"), "sk-sand***wxyz");
        assert_eq!(mask("sk-live-1"), "*********");
        assert_eq!(mask("schlüssel-schlüssel"), "schlüss***ssel");
    }
}
