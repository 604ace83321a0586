//! The part of a response's head that every response may have, errors too.

use usher_domain::{Plan, UnixTime, Usage};
use usher_net::HttpResponse;

use crate::response::limit_headers::LimitHeaders;

/// What the head of a response says, be it a success or an error.
#[derive(Debug, Clone)]
pub(crate) struct ResponseHead {
    pub(crate) host: String,
    pub(crate) limits: LimitHeaders,
    pub(crate) retry_after: Option<UnixTime>,
    /// The server's clock, from `Date`: relative times are counted from it.
    pub(crate) now: Option<UnixTime>,
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
