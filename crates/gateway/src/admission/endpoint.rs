//! What is asked for, and in which dialect (contract section 3).

use http::request::Parts;
use http::{HeaderMap, Method};

/// Whose words a caller speaks, and so how a refusal is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// The Responses API.
    Responses,
    /// The Chat Completions API.
    ChatCompletions,
    /// Anthropic's Messages API.
    Messages,
}

impl Dialect {
    /// For people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Responses => "responses",
            Self::ChatCompletions => "chat_completions",
            Self::Messages => "messages",
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// An answer of a model.
    Generate,
    /// A shorter history (protocol §8.4).
    Compact,
    /// How many tokens a request has.
    CountTokens,
    /// The models, or one of them.
    Models { id: Option<String> },
    /// The access token itself, for a sandbox that speaks to the provider by itself.
    Token,
    /// Whether the gateway runs. Needs no pass and says nothing else.
    Health,
}

/// Why there is nothing at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndpointError {
    /// Nothing has this path.
    NotFound,
    /// Something has, but not by this method; these are allowed.
    MethodNotAllowed(&'static str),
    /// Codex asks for a WebSocket first and takes 426 as "use POST" (`clients.md`).
    WebSocket,
}

/// What `request` asks for. The dialect is told even where there is nothing, for the refusal.
pub(crate) fn match_endpoint(request: &Parts) -> (Dialect, Result<Endpoint, EndpointError>) {
    let path = request.uri.path();
    let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
    let (dialect, endpoint, method) = match path {
        "/v1/responses" | "/responses" => (Dialect::Responses, Endpoint::Generate, Method::POST),
        "/v1/responses/compact" | "/responses/compact" => {
            (Dialect::Responses, Endpoint::Compact, Method::POST)
        }
        "/v1/chat/completions" | "/chat/completions" => {
            (Dialect::ChatCompletions, Endpoint::Generate, Method::POST)
        }
        "/v1/messages" => (Dialect::Messages, Endpoint::Generate, Method::POST),
        "/v1/messages/count_tokens" => (Dialect::Messages, Endpoint::CountTokens, Method::POST),
        "/usher/token" => (Dialect::Responses, Endpoint::Token, Method::POST),
        "/v1/models" | "/models" => (models_dialect(request), Endpoint::Models { id: None }, Method::GET),
        "/healthz" | "/" => (Dialect::Responses, Endpoint::Health, Method::GET),
        other => match other.strip_prefix("/v1/models/") {
            Some(id) => {
                (models_dialect(request), Endpoint::Models { id: Some(percent_decode(id)) }, Method::GET)
            }
            None => return (models_dialect(request), Err(EndpointError::NotFound)),
        },
    };
    let reads = method == Method::GET && request.method == Method::HEAD;
    if request.method == method || reads {
        return (dialect, Ok(endpoint));
    }
    if endpoint == Endpoint::Generate && is_upgrade(&request.headers) {
        return (dialect, Err(EndpointError::WebSocket));
    }
    (dialect, Err(EndpointError::MethodNotAllowed(if method == Method::POST { "POST" } else { "GET, HEAD" })))
}

/// Lists have the same path in two dialects; Anthropic's clients always say which version of theirs they speak.
fn models_dialect(request: &Parts) -> Dialect {
    let anthropic =
        request.headers.contains_key("anthropic-version") || request.uri.path().starts_with("/v1/messages");
    if anthropic { Dialect::Messages } else { Dialect::Responses }
}

fn is_upgrade(headers: &HeaderMap) -> bool {
    let wanted = headers.get(http::header::UPGRADE);
    wanted.is_some_and(|protocol| protocol.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// An id may hold a slash, which clients write as `%2F` or as it is.
fn percent_decode(id: &str) -> String {
    id.replace("%2F", "/").replace("%2f", "/").replace("%3A", ":").replace("%3a", ":")
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn asked(
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
            ("POST", "/v1/responses", Dialect::Responses, Endpoint::Generate),
            ("POST", "/responses", Dialect::Responses, Endpoint::Generate),
            ("POST", "/v1/responses/compact", Dialect::Responses, Endpoint::Compact),
            ("POST", "/v1/chat/completions", Dialect::ChatCompletions, Endpoint::Generate),
            ("POST", "/v1/messages?beta=true", Dialect::Messages, Endpoint::Generate),
            ("POST", "/v1/messages/count_tokens?beta=true", Dialect::Messages, Endpoint::CountTokens),
            ("GET", "/v1/models", Dialect::Responses, Endpoint::Models { id: None }),
            ("GET", "/v1/models/a%2Fb", Dialect::Responses, Endpoint::Models { id: Some("a/b".into()) }),
            ("POST", "/usher/token", Dialect::Responses, Endpoint::Token),
            ("GET", "/healthz", Dialect::Responses, Endpoint::Health),
            ("HEAD", "/", Dialect::Responses, Endpoint::Health),
        ];
        for (method, uri, dialect, endpoint) in rows {
            assert_eq!(asked(method, uri, &[]), (dialect, Ok(endpoint)), "{method} {uri}");
        }
    }

    #[test]
    fn models_with_anthropic_version_use_messages_dialect() {
        let (dialect, _) = asked("GET", "/v1/models?limit=1000", &[("anthropic-version", "2023-06-01")]);
        assert_eq!(dialect, Dialect::Messages);
    }

    #[test]
    fn endpoint_websocket_upgrade_is_refused() {
        let upgrade = [("connection", "Upgrade"), ("upgrade", "websocket")];
        assert_eq!(asked("GET", "/v1/responses", &upgrade).1, Err(EndpointError::WebSocket));
        assert_eq!(asked("GET", "/v1/responses", &[]).1, Err(EndpointError::MethodNotAllowed("POST")));
        assert_eq!(asked("DELETE", "/v1/models", &[]).1, Err(EndpointError::MethodNotAllowed("GET, HEAD")));
        assert_eq!(asked("GET", "/v1/files", &[]).1, Err(EndpointError::NotFound));
    }
}
