//! Matches a request to an endpoint and a dialect (contract §3).

use std::borrow::Cow;

use http::request::Parts;
use http::{HeaderMap, Method};

use crate::dialects::{self, Dialect, DialectEndpoint};

/// An endpoint of the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// An endpoint of the client's dialect.
    Dialect(DialectEndpoint),
    /// The list of models, or one of them.
    Models { id: Option<String> },
    /// The access token itself, for a sandbox that calls the provider directly.
    Token,
    /// Whether the gateway runs. Needs no pass and returns nothing else.
    Health,
}

/// Why a request matches no endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndpointError {
    /// No endpoint has this path.
    NotFound,
    /// An endpoint has it, but not with this method; these are allowed.
    MethodNotAllowed(&'static str),
    /// Codex tries a WebSocket first and falls back to POST after a 426.
    WebSocket,
}

/// Returns the dialect and the endpoint of `request`. Errors have a dialect too, which encodes them.
pub(crate) fn match_endpoint(request: &Parts) -> (Dialect, Result<Endpoint, EndpointError>) {
    let path = request.uri.path();
    let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
    let (dialect, endpoint, method) = match (dialects::match_route(path), path) {
        (Some((dialect, endpoint)), _) => (dialect, Endpoint::Dialect(endpoint), Method::POST),
        (None, "/usher/token") => (dialects::DEFAULT, Endpoint::Token, Method::POST),
        (None, "/healthz" | "/") => (dialects::DEFAULT, Endpoint::Health, Method::GET),
        (None, "/v1/models" | "/models") => {
            (dialects::of_shared_path(request), Endpoint::Models { id: None }, Method::GET)
        }
        (None, other) => {
            let dialect = dialects::of_shared_path(request);
            let id = other.strip_prefix("/v1").unwrap_or(other).strip_prefix("/models/");
            match id.and_then(percent_decode) {
                Some(id) => (dialect, Endpoint::Models { id: Some(id) }, Method::GET),
                None => return (dialect, Err(EndpointError::NotFound)),
            }
        }
    };
    let is_head = method == Method::GET && request.method == Method::HEAD;
    if request.method == method || is_head {
        return (dialect, Ok(endpoint));
    }
    if endpoint == Endpoint::Dialect(DialectEndpoint::Generate) && is_upgrade(&request.headers) {
        return (dialect, Err(EndpointError::WebSocket));
    }
    (dialect, Err(EndpointError::MethodNotAllowed(if method == Method::POST { "POST" } else { "GET, HEAD" })))
}

fn is_upgrade(headers: &HeaderMap) -> bool {
    let upgrade = headers.get(http::header::UPGRADE);
    upgrade.is_some_and(|protocol| protocol.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Decodes an id, in which clients write a slash as `%2F` or as it is; `None` if it is not UTF-8.
fn percent_decode(id: &str) -> Option<String> {
    percent_encoding::percent_decode_str(id).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::dialects::{CHAT_COMPLETIONS, DEFAULT, MESSAGES};

    fn match_request(
        method: &str,
        uri: &str,
        headers: &[(&str, &str)],
    ) -> (Dialect, Result<Endpoint, EndpointError>) {
        let request = Request::builder().method(method).uri(uri);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        match_endpoint(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn endpoint_each_contract_path_is_matched() {
        let rows = [
            ("POST", "/v1/responses", DEFAULT, Endpoint::Dialect(DialectEndpoint::Generate)),
            ("POST", "/responses", DEFAULT, Endpoint::Dialect(DialectEndpoint::Generate)),
            ("POST", "/v1/responses/compact", DEFAULT, Endpoint::Dialect(DialectEndpoint::Compact)),
            ("POST", "/v1/chat/completions", CHAT_COMPLETIONS, Endpoint::Dialect(DialectEndpoint::Generate)),
            ("POST", "/v1/messages?beta=true", MESSAGES, Endpoint::Dialect(DialectEndpoint::Generate)),
            (
                "POST",
                "/v1/messages/count_tokens?beta=true",
                MESSAGES,
                Endpoint::Dialect(DialectEndpoint::CountTokens),
            ),
            ("POST", "/messages", MESSAGES, Endpoint::Dialect(DialectEndpoint::Generate)),
            ("POST", "/messages/count_tokens", MESSAGES, Endpoint::Dialect(DialectEndpoint::CountTokens)),
            ("POST", "/chat/completions", CHAT_COMPLETIONS, Endpoint::Dialect(DialectEndpoint::Generate)),
            ("POST", "/responses/compact", DEFAULT, Endpoint::Dialect(DialectEndpoint::Compact)),
            ("POST", "/v1/responses/input_tokens", DEFAULT, Endpoint::Dialect(DialectEndpoint::CountTokens)),
            ("POST", "/responses/input_tokens", DEFAULT, Endpoint::Dialect(DialectEndpoint::CountTokens)),
            ("GET", "/models", DEFAULT, Endpoint::Models { id: None }),
            ("GET", "/models/a%2Fb", DEFAULT, Endpoint::Models { id: Some("a/b".into()) }),
            ("GET", "/v1/models", DEFAULT, Endpoint::Models { id: None }),
            ("GET", "/v1/models/a%2Fb", DEFAULT, Endpoint::Models { id: Some("a/b".into()) }),
            ("POST", "/usher/token", DEFAULT, Endpoint::Token),
            ("GET", "/healthz", DEFAULT, Endpoint::Health),
            ("HEAD", "/", DEFAULT, Endpoint::Health),
        ];
        for (method, uri, dialect, endpoint) in rows {
            assert_eq!(match_request(method, uri, &[]), (dialect, Ok(endpoint)), "{method} {uri}");
        }
    }

    #[test]
    fn model_id_is_percent_decoded_and_invalid_utf8_is_not_found() {
        let id = |uri| match_request("GET", uri, &[]).1;
        assert_eq!(
            id("/v1/models/a%2fb%3Ac%20d%C3%A9"),
            Ok(Endpoint::Models { id: Some("a/b:c d\u{e9}".into()) })
        );
        assert_eq!(id("/v1/models/a/b"), Ok(Endpoint::Models { id: Some("a/b".into()) }));
        assert_eq!(id("/v1/models/%FF"), Err(EndpointError::NotFound));
    }

    #[test]
    fn models_with_anthropic_version_use_messages_dialect() {
        let (dialect, _) =
            match_request("GET", "/v1/models?limit=1000", &[("anthropic-version", "2023-06-01")]);
        assert_eq!(dialect, MESSAGES);
    }

    #[test]
    fn endpoint_websocket_upgrade_is_refused() {
        let upgrade = [("connection", "Upgrade"), ("upgrade", "websocket")];
        assert_eq!(match_request("GET", "/v1/responses", &upgrade).1, Err(EndpointError::WebSocket));
        assert_eq!(
            match_request("GET", "/v1/responses", &[]).1,
            Err(EndpointError::MethodNotAllowed("POST"))
        );
        assert_eq!(
            match_request("DELETE", "/v1/models", &[]).1,
            Err(EndpointError::MethodNotAllowed("GET, HEAD"))
        );
        assert_eq!(match_request("GET", "/v1/files", &[]).1, Err(EndpointError::NotFound));
    }
}
