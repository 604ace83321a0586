//! The commands of the window as HTTP requests.
//!
//! `POST /call/COMMAND` has the arguments as JSON and answers with the result. `POST /stream/COMMAND` answers with a line
//! `{"event":…}` for each event, and `{"done":true}` or `{"failed":…}` at the end. `POST /changes` answers with a line for
//! each change by this process or another, for as long as the page listens.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use usher_app::commands::{CommandContext, EventSink, call};
use usher_app::view::FailureView;
use usher_domain::{ErrorCode, Failure};

use crate::lines::Lines;

/// More than any command takes.
const MAX_BODY_BYTES: usize = 256 * 1024;
/// How long the body of a request may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Returns the routes of all commands, without any check of who asks.
pub fn command_routes(context: CommandContext) -> Router {
    Router::new()
        .route("/call/{command}", post(run))
        .route("/stream/{command}", post(run_with_events))
        .route("/changes", post(report_changes))
        .with_state(context)
}

/// Runs a command and answers with its result.
async fn run(State(context): State<CommandContext>, Path(command): Path<String>, body: Body) -> Response {
    let arguments = match read_json(body).await {
        Ok(arguments) => arguments,
        Err(status) => return status.into_response(),
    };
    // In a task, so that a page that leaves does not stop it half way.
    let running = tokio::spawn(async move { call(&context, &command, arguments, Arc::new(drop)).await });
    match running.await {
        Ok(Ok(value)) => Json(value).into_response(),
        Ok(Err(failure)) => failed(failure),
        Err(error) => {
            let failure = Failure::new(ErrorCode::Internal, "a command ended early").with_source(error);
            failed(FailureView::from(failure))
        }
    }
}

/// Runs a command and answers with its events as they occur. A page that leaves does not stop it; one that comes again can
/// join a sign-in.
async fn run_with_events(
    State(context): State<CommandContext>,
    Path(command): Path<String>,
    body: Body,
) -> Response {
    let arguments = match read_json(body).await {
        Ok(arguments) => arguments,
        Err(status) => return status.into_response(),
    };
    let (lines, response) = Lines::response();
    tokio::spawn(async move {
        let events: EventSink = {
            let lines = lines.clone();
            Arc::new(move |event| lines.send(&json!({ "event": event })))
        };
        match call(&context, &command, arguments, events).await {
            Ok(_) => lines.send(&json!({ "done": true })),
            Err(failure) => lines.send(&json!({ "failed": failure })),
        }
    });
    response
}

/// Answers with a line for each change.
async fn report_changes(State(context): State<CommandContext>) -> Response {
    let (lines, response) = Lines::response();
    tokio::spawn(async move {
        let watching = context.app.watcher.watch(|| lines.send(&json!({})));
        tokio::select! {
            () = watching => {}
            () = lines.closed() => {}
        }
    });
    response
}

/// Reads a body of JSON within its limits. An empty one is null.
pub(crate) async fn read_json(body: Body) -> Result<Value, StatusCode> {
    // Not only once that much has arrived.
    if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let read = tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, MAX_BODY_BYTES)).await;
    let bytes = read.map_err(|_| StatusCode::REQUEST_TIMEOUT)?.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&bytes).map_err(|_| StatusCode::BAD_REQUEST)
}

fn failed(failure: FailureView) -> Response {
    let status = if failure.code == ErrorCode::BadUsage {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    (status, Json(failure)).into_response()
}
