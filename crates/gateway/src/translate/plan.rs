//! What a request becomes at its provider: untouched but for what must change, or translated.

use std::borrow::Cow;
use std::pin::Pin;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use serde::Deserialize;
use usher_dialect::chat_completions;
use usher_dialect::error::BadRequest;
use usher_dialect::json::{Raw, RawObject, Text};
use usher_dialect::translate::{Target, ToolNames};
use usher_domain::{ProviderId, UnixTime, Wire};
use usher_upstream::{ForwardEndpoint, ForwardRequest, ForwardResponse, UpstreamError};

use crate::dialects::{Dialect, DialectEndpoint};
use crate::host::Route;
use crate::response::encoding::ResponseEncoding;
use crate::response::forward::Forwarder;
use crate::translate::conversation;

/// Longest name of a model. It is remembered with the request, and shown.
const MAX_MODEL_NAME_LENGTH: usize = 256;

/// A request that is ready to be sent, as often as it takes.
pub(crate) struct UpstreamCall {
    pub(crate) route: Route,
    endpoint: ForwardEndpoint,
    /// In pieces, most of them the caller's own bytes.
    pub(crate) body: Vec<Bytes>,
    headers: HeaderMap,
    session: String,
    /// The answer comes as a stream.
    pub(crate) streamed: bool,
}

/// How the answer gets back to the caller.
pub(crate) enum ResponsePlan {
    /// As it comes.
    Passthrough,
    /// Event by event, in the dialect that it comes in.
    ForwardEvents(Forwarder),
    /// In one piece, from a stream.
    Collect(ResponseEncoding),
    /// Event by event in another dialect.
    Translate(ResponseEncoding),
}

/// What came of a request.
pub(crate) struct RequestPlan {
    pub(crate) call: UpstreamCall,
    pub(crate) response: ResponsePlan,
    /// Names of what could not be carried.
    pub(crate) dropped: Vec<Cow<'static, str>>,
}

/// What a request says before anybody reads all of it.
pub(crate) struct GenerateRequest<'a> {
    pub(crate) dialect: Dialect,
    endpoint: DialectEndpoint,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) object: RawObject<'a>,
    /// As the caller names it; empty when it names none.
    pub(crate) model: String,
    streams: bool,
    body: &'a Bytes,
    now: UnixTime,
}

impl<'a> GenerateRequest<'a> {
    /// Looks at `body`.
    pub(crate) fn read(
        dialect: Dialect,
        endpoint: DialectEndpoint,
        headers: &'a HeaderMap,
        body: &'a Bytes,
        now: UnixTime,
    ) -> Result<Self, BadRequest> {
        let members = RawObject::parse(body)?;
        let model = members.get::<Text<'_>>("model").map(|model| model.to_string()).unwrap_or_default();
        if model.len() > MAX_MODEL_NAME_LENGTH {
            return Err(BadRequest::at("model", "no model has a name as long as this"));
        }
        let streams = members.get::<bool>("stream").unwrap_or(false);
        Ok(Self { dialect, endpoint, headers, object: members, model, streams, body, now })
    }

    /// Makes of it what `route` takes. `pass` is the id of the pass that it came with.
    pub(crate) fn plan(self, route: Route, pass: &str) -> Result<RequestPlan, BadRequest> {
        let session = conversation::cache_key(self.headers, &self.object, pass);
        if self.endpoint == DialectEndpoint::Compact {
            return self.forward_compact(route, session);
        }
        let wire = self.wire_api(&route);
        if self.dialect.native_wire() != Some(wire) {
            return self.translate(route, session, wire);
        }
        match wire {
            Wire::Responses => self.forward_responses(route, session),
            Wire::ChatCompletions => Ok(self.forward_chat(route, session)),
        }
    }

    /// Returns the API that the request is sent in. The OpenAI Platform has both, so the caller's own saves a
    /// translation.
    fn wire_api(&self, route: &Route) -> Wire {
        match (self.dialect.native_wire(), &route.provider) {
            (Some(wire), ProviderId::Openai) => wire,
            _ => route.wire,
        }
    }

    /// Responses to Responses.
    fn forward_responses(self, route: Route, session: String) -> Result<RequestPlan, BadRequest> {
        let (streams, now, codex) = (self.streams, self.now, is_codex(self.headers));
        let mut body = self.object;
        body.set("model", Raw::from_value(&route.model.id));
        if let Some(effort) = route.effort.as_deref().filter(|_| !has_effort(&body)) {
            body.set("reasoning", with_effort(&body, effort));
        }
        // Services of others may refuse a field that they do not know; the first-party client names it itself.
        let nameless = body.get::<Text<'_>>("prompt_cache_key").is_none();
        if nameless && !codex && is_openai(&route.provider) {
            body.set("prompt_cache_key", Raw::from_value(&session));
        }
        let dropped = route.backend.apply_body_rules(ForwardEndpoint::Responses, &mut body)?;
        let streamed = body.get::<bool>("stream").unwrap_or(false);
        let way = match (streams, streamed) {
            (true, _) => ResponsePlan::ForwardEvents(Forwarder::for_responses(codex)),
            (false, false) => ResponsePlan::Passthrough,
            (false, true) => ResponsePlan::Collect(ResponseEncoding::responses(&route.model.id, now)),
        };
        let headers = route.backend.forwarded_headers(self.headers);
        let body = body_chunks(body, self.body);
        let outgoing =
            UpstreamCall { route, endpoint: ForwardEndpoint::Responses, body, headers, session, streamed };
        Ok(RequestPlan { call: outgoing, response: way, dropped })
    }

    /// A shorter history: one request, one whole answer.
    fn forward_compact(self, route: Route, session: String) -> Result<RequestPlan, BadRequest> {
        let mut body = self.object;
        body.set("model", Raw::from_value(&route.model.id));
        let dropped = route.backend.apply_body_rules(ForwardEndpoint::Compact, &mut body)?;
        let (headers, body) = (route.backend.forwarded_headers(self.headers), body_chunks(body, self.body));
        let outgoing = UpstreamCall {
            route,
            endpoint: ForwardEndpoint::Compact,
            body,
            headers,
            session,
            streamed: false,
        };
        Ok(RequestPlan { call: outgoing, response: ResponsePlan::Passthrough, dropped })
    }

    /// Chat Completions to Chat Completions.
    fn forward_chat(self, route: Route, session: String) -> RequestPlan {
        let mut body = self.object;
        body.set("model", Raw::from_value(&route.model.id));
        if let Some(effort) = &route.effort
            && body.raw("reasoning_effort").is_none()
        {
            body.set("reasoning_effort", Raw::from_value(effort));
        }
        let streamed = self.streams;
        let (headers, body) = (route.backend.forwarded_headers(self.headers), body_chunks(body, self.body));
        let outgoing = UpstreamCall {
            route,
            endpoint: ForwardEndpoint::ChatCompletions,
            body,
            headers,
            session,
            streamed,
        };
        let way = if streamed {
            ResponsePlan::ForwardEvents(Forwarder::for_chat())
        } else {
            ResponsePlan::Passthrough
        };
        RequestPlan { call: outgoing, response: way, dropped: Vec::new() }
    }

    /// Any dialect to another: by way of the Responses API's own shape.
    fn translate(self, route: Route, session: String, wire: Wire) -> Result<RequestPlan, BadRequest> {
        let efforts: Vec<&str> = route.model.efforts.iter().map(|effort| effort.id.as_str()).collect();
        let origin = route.reasoning_origin();
        let target = Target {
            model: &route.model.id,
            efforts: &efforts,
            default_effort: route.effort.as_deref(),
            web_search: wire == Wire::Responses && is_openai(&route.provider),
            cache_key: is_openai(&route.provider).then_some(session.as_str()),
            reasoning_owner: Some(&origin),
        };
        let mut translated = self.dialect.translate_request(self.object, &target)?;
        let mut dropped = std::mem::take(&mut translated.dropped);
        let (ask, body, tools) = match wire {
            Wire::Responses => {
                dropped.extend(
                    route.backend.apply_body_rules(ForwardEndpoint::Responses, &mut translated.body)?,
                );
                (ForwardEndpoint::Responses, std::mem::take(&mut translated.body), ToolNames::default())
            }
            Wire::ChatCompletions => {
                translated.body.set("model", Raw::from_value(&route.model.id));
                let chat = chat_completions::from_responses(&translated.body)?;
                dropped.extend(chat.dropped);
                (ForwardEndpoint::ChatCompletions, chat.body, chat.tools)
            }
        };
        dropped.sort();
        dropped.dedup();
        // Headers of other dialects mean nothing to a provider.
        let headers = if self.dialect.native_wire() == Some(Wire::Responses) {
            route.backend.forwarded_headers(self.headers)
        } else {
            HeaderMap::new()
        };
        let encoding = ResponseEncoding::new(translated.format, wire, tools, &route.model.id, self.now);
        let way =
            if self.streams { ResponsePlan::Translate(encoding) } else { ResponsePlan::Collect(encoding) };
        let body = body_chunks(body, self.body);
        let outgoing = UpstreamCall { route, endpoint: ask, body, headers, session, streamed: true };
        Ok(RequestPlan { call: outgoing, response: way, dropped })
    }
}

impl UpstreamCall {
    /// It is not sent again: what that would take is let go, while the answer may go on for minutes.
    pub(crate) fn drop_request(&mut self) {
        self.body = Vec::new();
        self.headers = HeaderMap::new();
    }

    /// Sends it for the last time, with what that takes.
    pub(crate) fn send_last(
        &mut self,
    ) -> Pin<Box<dyn Future<Output = Result<ForwardResponse, UpstreamError>> + Send>> {
        let last = Self {
            route: self.route.clone(),
            endpoint: self.endpoint,
            body: std::mem::take(&mut self.body),
            headers: std::mem::take(&mut self.headers),
            session: std::mem::take(&mut self.session),
            streamed: self.streamed,
        };
        Box::pin(async move { last.send().await })
    }

    /// Sends it; the answer is there as soon as its head is.
    pub(crate) async fn send(&self) -> Result<ForwardResponse, UpstreamError> {
        let relay = ForwardRequest {
            endpoint: self.endpoint,
            model: &self.route.model.id,
            body: &self.body,
            streamed: self.streamed,
            headers: &self.headers,
            session: Some(&self.session),
        };
        self.route.backend.forward(&relay).await
    }
}

/// `object` as they are sent: what stands in the caller's `body` is a part of it still.
fn body_chunks(members: RawObject<'_>, body: &Bytes) -> Vec<Bytes> {
    let within = body.as_ptr_range();
    let piece = |piece: Cow<'_, [u8]>| match piece {
        Cow::Borrowed(part) if within.contains(&part.as_ptr()) => body.slice_ref(part),
        made => made.into_owned().into(),
    };
    members.into_chunks().into_iter().map(piece).collect()
}

/// First-party clients name themselves so (protocol §8.1, protocol correction 10). Only they know the events outside the
/// public vocabulary (no. 14).
fn is_codex(headers: &HeaderMap) -> bool {
    let starts = |name: &str, start: &str| {
        let value = headers.get(name).map(HeaderValue::as_bytes);
        value.is_some_and(|value| {
            value.len() >= start.len() && value[..start.len()].eq_ignore_ascii_case(start.as_bytes())
        })
    };
    starts("originator", "codex") || starts("user-agent", "codex")
}

fn is_openai(provider: &ProviderId) -> bool {
    !matches!(provider, ProviderId::Compatible(_))
}

#[derive(Deserialize)]
struct Reasoning<'a> {
    #[serde(borrow, default)]
    effort: Option<Raw<'a>>,
}

fn has_effort(body: &RawObject<'_>) -> bool {
    body.get::<Reasoning<'_>>("reasoning").is_some_and(|reasoning| reasoning.effort.is_some())
}

/// The caller's `reasoning` with this effort in it.
fn with_effort(body: &RawObject<'_>, effort: &str) -> Raw<'static> {
    // `ultra` is a name of the catalogue only (protocol §7.1).
    let effort = if effort == "ultra" { "max" } else { effort };
    let said = body.raw("reasoning").map_or("{}", Raw::get);
    let mut reasoning = RawObject::parse(said.as_bytes()).unwrap_or_default();
    reasoning.set("effort", Raw::from_value(&effort));
    Raw::from_value(&reasoning)
}
