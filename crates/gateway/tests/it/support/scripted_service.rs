//! A provider that answers with what a test has set, and remembers what it was asked.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http_body_util::{BodyExt, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// An answer to one request.
#[derive(Clone)]
pub(crate) struct Answer {
    content_type: &'static str,
    body: String,
    /// What follows after a silence, which ends with the notification.
    rest: Option<(Arc<Notify>, String)>,
}

impl Answer {
    /// Returns a stream of events.
    pub(crate) fn stream(events: impl Into<String>) -> Self {
        Self::body("text/event-stream", events)
    }

    /// Returns a stream of events that falls silent before `rest`.
    pub(crate) fn stream_with_silence(events: String, silence: Arc<Notify>, rest: String) -> Self {
        Self { rest: Some((silence, rest)), ..Self::stream(events) }
    }

    /// Returns a body.
    pub(crate) fn body(content_type: &'static str, body: impl Into<String>) -> Self {
        Self { content_type, body: body.into(), rest: None }
    }
}

/// The provider.
pub(crate) struct ScriptedService {
    address: String,
    script: Arc<Script>,
}

#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<Answer>>,
    requests: Mutex<Vec<Value>>,
}

impl ScriptedService {
    /// Starts the provider.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::<Script>::default();
        let shared = Arc::clone(&script);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let script = Arc::clone(&shared);
                let service = service_fn(move |request| respond(Arc::clone(&script), request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(connection), service));
            }
        });
        Self { address, script }
    }

    /// Returns its address, as `http://127.0.0.1:N`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Sets the answers to the next requests. One that has none left is refused.
    pub(crate) fn set_answers(&self, answers: impl IntoIterator<Item = Answer>) {
        *self.script.answers.lock() = answers.into_iter().collect();
    }

    /// Takes the bodies of the requests so far.
    pub(crate) fn take_requests(&self) -> Vec<Value> {
        std::mem::take(&mut *self.script.requests.lock())
    }
}

async fn respond(
    script: Arc<Script>,
    request: Request<Incoming>,
) -> Result<Response<BoxBody<Bytes, Infallible>>, Infallible> {
    let body = request.into_body().collect().await.expect("the gateway sends its request").to_bytes();
    script.requests.lock().push(serde_json::from_slice(&body).expect("requests are JSON"));
    let answer = script.answers.lock().pop_front();
    let status = if answer.is_some() { 200 } else { 500 };
    let Answer { content_type, body, rest } =
        answer.unwrap_or_else(|| Answer::body("text/plain", "no answer is left"));
    let first = stream::once(async { body });
    let rest = stream::iter(rest).then(|(silence, rest)| async move {
        silence.notified().await;
        rest
    });
    let frames = first.chain(rest).map(|text| Ok(Frame::data(Bytes::from(text))));
    let response = Response::builder().status(status).header("content-type", content_type);
    Ok(response.body(BodyExt::boxed(StreamBody::new(frames))).expect("its parts are valid"))
}
