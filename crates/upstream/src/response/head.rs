//! What the head of every response says.

use usher_domain::{Plan, UnixTime, Usage};
use usher_net::HttpResponse;

use crate::response::limit_headers::LimitHeaders;

/// What the head of an answer says, whether it grants or refuses.
#[derive(Debug, Clone)]
pub(crate) struct ResponseHead {
    pub(crate) host: String,
    pub(crate) limits: LimitHeaders,
    pub(crate) retry_after: Option<UnixTime>,
    /// The far side's clock: times that are given as time left are counted from it.
    pub(crate) now: Option<UnixTime>,
}

impl ResponseHead {
    pub(crate) fn of(answer: &HttpResponse) -> Self {
        let now = answer.date();
        Self {
            host: answer.host().to_owned(),
            limits: LimitHeaders::read(answer.headers(), now),
            retry_after: answer.retry_after(),
            now,
        }
    }

    /// The limits in the headers.
    pub(crate) fn usage(&self) -> Option<Usage> {
        self.limits.usage(None)
    }

    /// The plan that the answer was made for.
    pub(crate) fn plan(&self) -> Option<&Plan> {
        self.limits.plan()
    }
}
