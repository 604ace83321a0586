//! Serves the commands of the window over HTTP on loopback, behind a random token, so that browser tests
//! drive the real core. Never shipped, and no part of the app depends on it.
//!
//! The first line on stdout is `{"event":"listening","port":…,"token":…}`; each time the core opens the
//! user's browser, a line `{"event":"opened","url":…}` follows, and the test opens it instead. The
//! process ends when its stdin closes, so that a killed test leaves nothing behind.

#![expect(clippy::print_stdout, reason = "a test program that speaks to the test on stdout")]

mod commands;

use std::convert::Infallible;
use std::io::Read as _;
use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;
use serde::Serialize;
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;
use tokio::sync::mpsc;
use url::Url;
use usher_app::view::{FailureView, GatewayRunner};
use usher_app::{App, Environment, LogTo, SystemClock, SystemProcesses, start_logging};
use usher_domain::ports::Browser;
use usher_domain::{ErrorCode, Failure};

/// Lines of newline-delimited JSON on their way to the page.
pub(crate) type Lines = mpsc::UnboundedSender<String>;

struct Bridge {
    app: Arc<App>,
    token: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let environment = Environment::read()?;
    start_logging(&environment.log, &LogTo::Stderr)?;
    let app = Arc::new(App::new(
        environment,
        Arc::new(SystemClock),
        Arc::new(PrintingBrowser),
        Arc::new(SystemProcesses::default()),
    )?);
    let (revoking, serving) = (Arc::clone(&app), Arc::clone(&app));
    tokio::spawn(async move { revoking.accounts.process_revocations_forever().await });
    tokio::spawn(async move { serving.gateway.run_forever(GatewayRunner::App).await });
    let token = uuid::Uuid::new_v4().simple().to_string();
    let bridge = Arc::new(Bridge { app, token: token.clone() });
    let router = Router::new()
        .route("/call/{command}", post(call))
        .route("/stream/{command}", post(stream_events))
        .route("/changes", get(changes))
        .with_state(bridge);
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", json!({ "event": "listening", "port": listener.local_addr()?.port(), "token": token }));
    let (closed, stdin_closed) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // Any end of the input means that the test has ended.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let _ = closed.send(());
    });
    tokio::select! {
        served = axum::serve(listener, router).into_future() => served?,
        _ = stdin_closed => {}
    }
    Ok(())
}

/// Prints the address instead of opening it.
struct PrintingBrowser;

impl Browser for PrintingBrowser {
    fn open(&self, url: &Url) -> Result<(), Failure> {
        println!("{}", json!({ "event": "opened", "url": url }));
        Ok(())
    }
}

async fn call(
    State(bridge): State<Arc<Bridge>>,
    Path(command): Path<String>,
    headers: HeaderMap,
    Json(arguments): Json<Value>,
) -> Response {
    if let Some(refused) = bridge.refuse(&headers) {
        return refused;
    }
    match commands::run(&bridge.app, &command, arguments).await {
        Ok(value) => Json(value).into_response(),
        Err(failure) => failed(failure),
    }
}

async fn stream_events(
    State(bridge): State<Arc<Bridge>>,
    Path(command): Path<String>,
    headers: HeaderMap,
    Json(arguments): Json<Value>,
) -> Response {
    if let Some(refused) = bridge.refuse(&headers) {
        return refused;
    }
    let (lines, received) = mpsc::unbounded_channel();
    tokio::spawn(commands::stream(Arc::clone(&bridge.app), command, arguments, lines));
    ndjson(received)
}

async fn changes(State(bridge): State<Arc<Bridge>>, headers: HeaderMap) -> Response {
    if let Some(refused) = bridge.refuse(&headers) {
        return refused;
    }
    let (lines, received) = mpsc::unbounded_channel();
    let app = Arc::clone(&bridge.app);
    tokio::spawn(async move {
        let gone = lines.clone();
        let watching = app.watcher.watch(move || send(&lines, &json!({})));
        tokio::select! {
            () = watching => {}
            () = gone.closed() => {}
        }
    });
    ndjson(received)
}

impl Bridge {
    fn refuse(&self, headers: &HeaderMap) -> Option<Response> {
        let given = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
        let wanted = format!("Bearer {}", self.token);
        if bool::from(given.ct_eq(wanted.as_bytes())) {
            None
        } else {
            Some(StatusCode::UNAUTHORIZED.into_response())
        }
    }
}

/// Sends `value` as a line. Without a page it is dropped.
pub(crate) fn send(lines: &Lines, value: &impl Serialize) {
    let line = serde_json::to_string(value).expect("views always encode");
    let _ = lines.send(line + "\n");
}

fn ndjson(lines: mpsc::UnboundedReceiver<String>) -> Response {
    let body = stream::unfold(lines, |mut lines| async {
        let line = lines.recv().await?;
        Some((Ok::<_, Infallible>(Bytes::from(line)), lines))
    });
    let headers = [(CONTENT_TYPE, "application/x-ndjson"), (CACHE_CONTROL, "no-store")];
    (headers, Body::from_stream(body)).into_response()
}

fn failed(failure: FailureView) -> Response {
    let status = if failure.code == ErrorCode::BadUsage {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    (status, Json(failure)).into_response()
}
