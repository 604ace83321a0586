//! The headers of a response.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, Response};

use crate::host::Route;
use crate::response::body::ResponseBody;

/// Headers that describe a response (contract §3): the provider's that are forwarded, and our own.
pub(crate) struct ResponseHeaders {
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl ResponseHeaders {
    pub(crate) fn new(
        route: &Route,
        tier: Option<String>,
        forwarded: HeaderMap,
        dropped: &[Cow<'static, str>],
    ) -> Self {
        let own = [
            ("x-usher-account", route.account.clone()),
            ("x-usher-paid-by", route.paid_by.to_owned()),
            ("x-usher-model", route.model.id.clone()),
            ("x-usher-tier", tier.unwrap_or_default()),
            ("x-usher-dropped", dropped.join(", ")),
        ];
        let own = own.into_iter().filter(|(_, value)| !value.is_empty()).filter_map(|(name, value)| {
            Some((HeaderName::from_static(name), HeaderValue::from_str(&value).ok()?))
        });
        let forwarded = forwarded.into_iter().filter_map(|(name, value)| Some((name?, value)));
        Self { headers: forwarded.chain(own).collect() }
    }

    pub(crate) fn write(self, response: &mut Response<ResponseBody>) {
        response.headers_mut().extend(self.headers);
    }
}
