//! One request from the door to its answer.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use hyper::body::{Body as _, Incoming};
use usher_domain::ports::{Bearer, Clock};
use usher_domain::{ErrorCode, Pass};
use usher_upstream::{Ask, Relayed};

use crate::answer::{Body, Telling, as_it_is};
use crate::codec::Shape;
use crate::collect::{Unanswered, collect};
use crate::crowd::{Crowd, Seat};
use crate::desk::{Denied, FrontDesk, Route};
use crate::endpoint::{self, Dialect, Endpoint};
use crate::live::{Live, Outcome, Place};
use crate::pace::{Serving, Turn};
use crate::prepare::{Outgoing, Prepared, Request as Asked, Way};
use crate::reply::Refusal;
use crate::sealed::Unopened;
use crate::server::Limits;
use crate::stream::{Teller, Translator, counted};
use crate::tokens::Counter;
use crate::{body, entry, models, pass};

/// What every request needs.
pub(crate) struct Path {
    pub(crate) desk: Arc<dyn FrontDesk>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) live: Arc<Live>,
    pub(crate) limits: Limits,
    pub(crate) counter: Counter,
    pub(crate) crowd: Crowd,
    pub(crate) unopened: Unopened,
    /// The port that we answer at.
    pub(crate) port: u16,
}

impl Path {
    /// Serves one request; a refusal is an answer too.
    pub(crate) async fn serve(
        self: Arc<Self>,
        request: Request<Incoming>,
        serving: Serving,
    ) -> Result<Response<Body>, Infallible> {
        let turn = serving.begin(!request.body().is_end_stream());
        let (parts, body) = request.into_parts();
        let (dialect, asked) = endpoint::of(&parts);
        // A box, because hyper keeps room for what it is given as long as there is a connection, and this is wanted
        // until the answer begins.
        let served = Box::pin(async {
            entry::check(&parts, self.port)?;
            match asked? {
                Endpoint::Health => Ok(json(br#"{"status":"ok"}"#.to_vec())),
                Endpoint::Models { id } => self.models(&parts, dialect, id.as_deref()).await,
                Endpoint::CountTokens => self.count_tokens(&parts, body, &turn).await,
                Endpoint::Token => self.token(&parts).await,
                Endpoint::Answer => {
                    let ask = if dialect == Dialect::ChatCompletions {
                        Ask::ChatCompletions
                    } else {
                        Ask::Responses
                    };
                    self.answer(parts, dialect, ask, body, turn).await
                }
                Endpoint::Compact => self.answer(parts, dialect, Ask::Compact, body, turn).await,
            }
        });
        Ok(served.await.unwrap_or_else(|refusal: Refusal| {
            tracing::debug!(status = refusal.trouble.status, code = refusal.trouble.code, "refused");
            refusal.into_response(dialect)
        }))
    }

    async fn answer(
        &self,
        parts: Parts,
        dialect: Dialect,
        ask: Ask,
        body: Incoming,
        turn: Turn,
    ) -> Result<Response<Body>, Refusal> {
        let (pass, own_seat) = self.admit(&parts).await?;
        let body = body::read(&parts.headers, body).await?;
        turn.has_read();
        let asked = Asked::read(dialect, ask, &parts.headers, &body, self.clock.now())?;
        let route = self.route(&pass, &asked.model, dialect).await?;
        let mut place =
            self.live.enter(Arc::clone(&pass), own_seat, &route, dialect.name(), self.clock.now());
        place.came_to(Outcome::Failed(ErrorCode::BadUsage));
        let Prepared { mut outgoing, way, mut dropped } = asked.prepare(route, &pass.id)?;
        // The copy that is sent is the only one that is kept while the model works.
        drop((body, parts));
        place.came_to(Outcome::Left);
        let sent = tokio::select! {
            sent = self.unopened.send(&mut outgoing, &mut dropped) => sent.map_err(|declined| {
                (declined.failure.code, Refusal::declined(&declined, self.clock.now()))
            }),
            why = place.must_end() => Err((why.code, Refusal::of(&why, self.clock.now()))),
        };
        let mut relayed = sent.map_err(|(code, refusal)| {
            place.came_to(Outcome::Failed(code));
            refusal
        })?;
        let told = Told::of(&outgoing.route, relayed.take_headers(), &dropped);
        let content_type = relayed.take_content_type();
        let mut response = match way {
            Way::AsItIs => pieces(content_type, as_it_is(relayed, place), turn),
            Way::Events(forwarder) => {
                self.telling(relayed, Teller::Forward(forwarder), outgoing, place, turn)
            }
            Way::Written(shape) => {
                let teller = Teller::Write(Box::new(Translator::new(shape)));
                self.telling(relayed, teller, outgoing, place, turn)
            }
            Way::Collected(shape) => self.collect(relayed, shape, outgoing, place).await?,
        };
        told.write(&mut response);
        Ok(response)
    }

    fn telling(
        &self,
        relayed: Relayed,
        teller: Teller,
        outgoing: Outgoing,
        place: Place,
        turn: Turn,
    ) -> Response<Body> {
        let telling = Telling::new(relayed, teller, outgoing, place, Arc::clone(&self.clock));
        pieces(Some(HeaderValue::from_static("text/event-stream; charset=utf-8")), telling.pieces(), turn)
    }

    /// The whole answer of a server that only streams.
    async fn collect(
        &self,
        relayed: Relayed,
        shape: Shape,
        mut outgoing: Outgoing,
        mut place: Place,
    ) -> Result<Response<Body>, Refusal> {
        let answer = match collect(relayed, &shape, &mut outgoing, &mut place).await {
            Ok(answer) => answer,
            Err(unanswered) => {
                let now = self.clock.now();
                let (code, refusal) = match unanswered {
                    Unanswered::Failed(failure) => (failure.code, Refusal::of(&failure, now)),
                    Unanswered::Theirs(failure, error) => {
                        let mut refusal = Refusal::of(&failure, now);
                        refusal.trouble.original = Some(error);
                        (failure.code, refusal)
                    }
                    Unanswered::Declined(declined) => {
                        (declined.failure.code, Refusal::declined(&declined, now))
                    }
                };
                place.came_to(Outcome::Failed(code));
                return Err(refusal);
            }
        };
        place.came_to(Outcome::Done);
        place.cost(answer.usage.as_ref().map(counted));
        Ok(json(shape.whole(&answer)))
    }

    /// The pass of a request, and a seat among those of that pass.
    async fn admit(&self, parts: &Parts) -> Result<(Arc<Pass>, Seat), Refusal> {
        let presented = pass::presented(&parts.headers);
        let mut denied = Denied::Unknown;
        for candidate in &presented.candidates {
            match self.desk.admit(candidate).await {
                Ok(pass) => {
                    let most = self.limits.requests_per_pass;
                    let seat = self.crowd.seat(&pass.id, most).ok_or_else(|| Refusal::crowded(most))?;
                    return Ok((pass, seat));
                }
                Err(Denied::Unknown) => {}
                Err(other) => denied = other,
            }
        }
        Err(Refusal::denied(denied, presented.own_sign_in, self.clock.now()))
    }

    async fn route(&self, pass: &Pass, model: &str, dialect: Dialect) -> Result<Route, Refusal> {
        self.desk.route(pass, model).await.map_err(|failure| {
            let now = self.clock.now();
            self.live.refused(pass, model, dialect.name(), now, failure.code);
            Refusal::of(&failure, now)
        })
    }

    async fn models(
        &self,
        parts: &Parts,
        dialect: Dialect,
        id: Option<&str>,
    ) -> Result<Response<Body>, Refusal> {
        let (pass, _seat) = self.admit(parts).await?;
        if let (Dialect::Responses, None, Some(version)) =
            (dialect, id, models::codex_version(parts.uri.query()))
        {
            return self.catalogue(&pass, version).await;
        }
        let refused = |failure| Refusal::of(&failure, self.clock.now());
        let listed = self.desk.models(&pass).await.map_err(refused)?;
        let Some(id) = id else { return Ok(json(models::all(&listed, dialect))) };
        let means = self.desk.route(&pass, id).await.map_err(refused)?.model.id;
        models::one(&listed, dialect, id, &means).map(json)
    }

    /// The provider's own catalogue, as far as the pass goes.
    async fn catalogue(&self, pass: &Pass, version: &str) -> Result<Response<Body>, Refusal> {
        let route = self.desk.route(pass, "").await;
        let route = route.map_err(|failure| Refusal::of(&failure, self.clock.now()))?;
        let asked = route.backend.catalogue(version).await;
        let mut catalogue = asked.map_err(|declined| Refusal::declined(&declined, self.clock.now()))?;
        if let (Some(catalogue), Some(_)) = (&mut catalogue, &pass.scope.model) {
            catalogue.retain(&route.model.id);
        }
        let mut response = json(models::catalogue(catalogue.as_ref()));
        if let Some(etag) = catalogue.and_then(|catalogue| catalogue.etag) {
            response.headers_mut().insert(ETAG, etag);
        }
        Ok(response)
    }

    /// The access token for a pass that was made for it; an API key is not short-lived and never leaves.
    async fn token(&self, parts: &Parts) -> Result<Response<Body>, Refusal> {
        let (pass, _seat) = self.admit(parts).await?;
        if !pass.scope.token {
            return Err(Refusal::not_allowed("this pass was not made with `--allow token`"));
        }
        let authorization = self.desk.authorization(&pass).await;
        let authorization = authorization.map_err(|failure| Refusal::of(&failure, self.clock.now()))?;
        let Bearer::AccessToken(token) = &authorization.bearer else {
            return Err(Refusal::not_allowed("this provider is let in by a key, which is not handed out"));
        };
        let body = serde_json::json!({
            "token_type": "Bearer",
            "access_token": token.expose(),
            "account_id": authorization.account_id,
            "expires_at": authorization.expires_at,
        });
        Ok(json(serde_json::to_vec(&body).expect("a JSON value has no key that JSON lacks")))
    }

    async fn count_tokens(
        &self,
        parts: &Parts,
        body: Incoming,
        turn: &Turn,
    ) -> Result<Response<Body>, Refusal> {
        let (_, seat) = self.admit(parts).await?;
        let body = body::read(&parts.headers, body).await?;
        turn.has_read();
        let tokens = self.counter.count(body, seat).await?;
        Ok(json(format!(r#"{{"input_tokens":{tokens}}}"#).into_bytes()))
    }
}

/// What is said about an answer in its headers (contract section 3).
struct Told {
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Told {
    fn of(route: &Route, theirs: HeaderMap, dropped: &[std::borrow::Cow<'static, str>]) -> Self {
        let own = [
            ("x-usher-account", route.account.clone()),
            ("x-usher-model", route.model.id.clone()),
            ("x-usher-dropped", dropped.join(", ")),
        ];
        let own = own.into_iter().filter(|(_, value)| !value.is_empty()).filter_map(|(name, value)| {
            Some((HeaderName::from_static(name), HeaderValue::from_str(&value).ok()?))
        });
        let theirs = theirs.into_iter().filter_map(|(name, value)| Some((name?, value)));
        Self { headers: theirs.chain(own).collect() }
    }

    fn write(self, response: &mut Response<Body>) {
        response.headers_mut().extend(self.headers);
    }
}

fn json(body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::whole(Bytes::from(body)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn pieces(
    kind: Option<HeaderValue>,
    pieces: impl futures_util::Stream<Item = Result<Bytes, crate::answer::Cut>> + Send + 'static,
    turn: Turn,
) -> Response<Body> {
    let mut response = Response::new(Body::Pieces(Box::pin(pieces), Some(turn)));
    if let Some(kind) = kind {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
