//! Serves the commands of the window over HTTP on loopback, behind a random token, so that browser tests
//! drive the real core. Never shipped, and no part of the app depends on it.
//!
//! The first line on stdout is `{"event":"listening","port":…,"token":…}`; each time the core opens the
//! user's browser, a line `{"event":"opened","url":…}` follows, and the test opens it instead. The
//! process ends when its stdin closes, so that a killed test leaves nothing behind.

#![expect(clippy::print_stdout, reason = "a test program that speaks to the test on stdout")]

mod test_window;

use std::io::Read as _;
use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use subtle::ConstantTimeEq as _;
use url::Url;
use usher_app::commands::CommandContext;
use usher_app::view::GatewayRunner;
use usher_app::{App, Environment, LogTo, SystemClock, SystemProcesses, start_logging};
use usher_domain::Failure;
use usher_domain::ports::Browser;
use usher_page_server::command_routes;

use crate::test_window::TestWindow;

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
    let commands = command_routes(CommandContext::of_own_gateway(app, Arc::new(TestWindow)));
    let router = commands.layer(from_fn_with_state(format!("Bearer {token}"), require_token));
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

async fn require_token(State(wanted): State<String>, request: Request, next: Next) -> Response {
    let given = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
    if bool::from(given.ct_eq(wanted.as_bytes())) {
        next.run(request).await
    } else {
        StatusCode::UNAUTHORIZED.into_response()
    }
}
