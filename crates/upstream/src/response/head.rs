//! The part of a response's head that every response may have, errors too.

use usher_domain::{Plan, UnixTime, Usage};
use usher_net::HttpResponse;

use crate::response::limit_headers::LimitHeaders;

/// The longest request id that is shown.
const MAX_ID_LENGTH: usize = 80;

/// What the head of a response says, be it a success or an error.
#[derive(Debug, Clone)]
pub(crate) struct ResponseHead {
    pub(crate) host: String,
    pub(crate) limits: LimitHeaders,
    pub(crate) retry_after: Option<UnixTime>,
    /// The server's clock, from `Date`: relative times are counted from it.
    pub(crate) now: Option<UnixTime>,
    /// `x-request-id`, which OpenAI's support asks for.
    pub(crate) request_id: Option<String>,
}

impl ResponseHead {
    /// Reads the head of `response`.
    pub(crate) fn of(response: &HttpResponse) -> Self {
        let now = response.date();
        Self {
            host: response.host().to_owned(),
            limits: LimitHeaders::read(response.headers(), now),
            retry_after: response.retry_after(),
            now,
            request_id: response.header("x-request-id").and_then(printable_id),
        }
    }

    /// Returns the limits in the headers.
    pub(crate) fn usage(&self) -> Option<Usage> {
        self.limits.usage(None)
    }

    /// Returns the plan that the response was made for.
    pub(crate) fn plan(&self) -> Option<&Plan> {
        self.limits.plan()
    }
}

/// Returns an id that can be shown: one word, as `OpenAI` makes them.
fn printable_id(id: &str) -> Option<String> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (!id.is_empty() && id.len() <= MAX_ID_LENGTH && id.bytes().all(is_word)).then(|| id.to_owned())
}
