//! The APIs that clients may use. A new one is one file here and one line in [`DIALECTS`].

mod chat_completions;
mod inbound_dialect;
mod messages;
mod responses;

use http::request::Parts;

pub(crate) use inbound_dialect::{Dialect, DialectEndpoint, ResponseFormat};

/// The dialect of paths that belong to none.
pub(crate) const DEFAULT: Dialect = &responses::Responses;
#[cfg(test)]
pub(crate) const MESSAGES: Dialect = &messages::Messages;
#[cfg(test)]
pub(crate) const CHAT_COMPLETIONS: Dialect = &chat_completions::ChatCompletions;

/// All dialects.
pub(crate) static DIALECTS: [Dialect; 3] =
    [&responses::Responses, &chat_completions::ChatCompletions, &messages::Messages];

/// Returns the dialect and the endpoint of `path`.
pub(crate) fn match_route(path: &str) -> Option<(Dialect, DialectEndpoint)> {
    DIALECTS.iter().find_map(|&dialect| {
        let (_, endpoint) = dialect.routes().iter().find(|(route, _)| *route == path)?;
        Some((dialect, *endpoint))
    })
}

/// Returns the dialect of a request at a path that dialects share.
pub(crate) fn of_shared_path(request: &Parts) -> Dialect {
    DIALECTS.iter().copied().find(|dialect| dialect.claims(request)).unwrap_or(DEFAULT)
}

/// Returns the format of the Responses API.
pub(crate) fn responses_format() -> Box<dyn ResponseFormat> {
    Box::new(responses::ResponsesFormat)
}
