//! The server: its connections, its routes, and its end.

use std::future::ready;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum_extra::extract::CookieJar;
use futures_util::StreamExt as _;
use http::{HeaderMap, Method, StatusCode, Uri};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tower::ServiceExt as _;
use usher_app::commands::CommandContext;
use usher_domain::{ErrorCode, Failure};

use crate::access::activity::{Activity, ActivityGuard};
use crate::access::origin;
use crate::access::session::{LinkText, LinkToken, SessionCookie, Sessions};
use crate::commands::{command_routes, read_json};
use crate::{headers, page};

/// A browser has six for a page; more are for tabs that are being closed.
const MAX_CONNECTIONS: usize = 64;
/// How long a connection may take to send the head of a request, or be idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Many times what a browser sends.
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// The pause after an error of the system, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// A request that goes on for as long as its panel is shown, also in a tab that nobody looks at: nobody waits for it.
const LASTING_REQUEST: &str = "/stream/watch_requests";

/// Options of a server.
pub struct PageServerOptions {
    /// The port; 0 takes any free one.
    pub port: u16,
    /// How long nobody may use the page before the server ends.
    pub idle_timeout: Duration,
    /// How long a link can be used.
    pub link_timeout: Duration,
    /// The cookie.
    pub cookie: SessionCookie,
    /// Called when a link was used.
    pub on_opened: Box<dyn Fn() + Send + Sync>,
}

/// Why a server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was stopped.
    Stopped,
    /// Nobody used the page.
    Idle,
}

/// Serves the page and its commands at 127.0.0.1.
pub struct PageServer {
    listener: TcpListener,
    port: u16,
    context: CommandContext,
    shared: Arc<Shared>,
    idle_timeout: Duration,
    link_timeout: Duration,
}

/// What requests share.
struct Shared {
    sessions: Sessions,
    activity: Activity,
    on_opened: Box<dyn Fn() + Send + Sync>,
}

impl PageServer {
    /// Listens. Nothing is answered before [`run`](Self::run).
    ///
    /// Fails with [`ErrorCode::PortBusy`] when another program has the port.
    pub async fn bind(context: CommandContext, options: PageServerOptions) -> Result<Self, Failure> {
        let failed = |error| bind_failure(options.port, &error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let shared = Shared {
            sessions: Sessions::new(options.cookie),
            activity: Activity::new(),
            on_opened: options.on_opened,
        };
        Ok(Self {
            port,
            listener,
            context,
            shared: Arc::new(shared),
            idle_timeout: options.idle_timeout,
            link_timeout: options.link_timeout,
        })
    }

    /// Returns the port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the address, for example `http://127.0.0.1:4567`. It opens nothing by itself.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Creates a link that opens the page once. An earlier one that was not used is void.
    ///
    /// The secret is in the fragment, which a browser does not send and no server logs.
    pub fn create_link(&self) -> Result<LinkText, Failure> {
        let token = self.shared.sessions.create_link(self.link_timeout)?;
        Ok(LinkText::new(format!("{}/#open={}", self.address(), token.expose())))
    }

    /// Serves until `shutdown`, or until nobody has used the page for the timeout. Then all connections are closed.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Ended {
        let router = router(self.context, Arc::clone(&self.shared));
        let idle = self.shared.activity.idle_for(self.idle_timeout);
        let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        // Dropping it closes them.
        let mut connections = JoinSet::new();
        tokio::pin!(shutdown, idle);
        loop {
            tokio::select! {
                () = &mut shutdown => return Ended::Stopped,
                () = &mut idle => return Ended::Idle,
                Some(_) = connections.join_next() => {}
                accepted = accept(&self.listener, &permits) => match accepted {
                    Ok((stream, permit)) => {
                        connections.spawn(serve(stream, router.clone(), permit));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
            }
        }
    }
}

fn bind_failure(port: u16, error: &io::Error) -> Failure {
    let code = match error.kind() {
        io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied => ErrorCode::PortBusy,
        _ => ErrorCode::Internal,
    };
    Failure::new(code, format!("127.0.0.1:{port}: {error}"))
}

/// Returns the next connection as soon as there is room for it.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, permit))
}

async fn serve(stream: TcpStream, router: Router, _permit: OwnedSemaphorePermit) {
    // Events are small and must not be delayed. A connection works without this option too.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| router.clone().oneshot(request));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

fn router(context: CommandContext, shared: Arc<Shared>) -> Router {
    let app = Arc::clone(&context.app);
    let commands =
        command_routes(context).route_layer(from_fn_with_state(Arc::clone(&shared), require_session));
    Router::new()
        .route("/session", post(open_session))
        .with_state(shared)
        .merge(commands)
        .fallback(move |method: Method, uri: Uri, headers: HeaderMap| {
            ready(page::file(&app, &method, &uri, &headers))
        })
        .layer(from_fn(check_origin))
        .layer(map_response(headers::add))
}

async fn check_origin(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match origin::check(&parts) {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(rejected) => {
            tracing::info!(?rejected, "a request was rejected");
            (StatusCode::FORBIDDEN, rejected.message()).into_response()
        }
    }
}

/// Admits a request of the session, which then counts as use of the page.
async fn require_session(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if !shared.sessions.admits(request.headers()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let guard = shared.activity.begin();
    let is_lasting = request.uri().path() == LASTING_REQUEST;
    let response = next.run(request).await;
    if is_lasting { response } else { held_by(response, guard) }
}

/// Returns the response; dropping its body drops the guard.
fn held_by(response: Response, guard: ActivityGuard) -> Response {
    response.map(|body| {
        Body::from_stream(body.into_data_stream().map(move |chunk| {
            let _held = &guard;
            chunk
        }))
    })
}

#[derive(Deserialize)]
struct LinkArguments {
    link: String,
}

/// Exchanges the link for the cookie and the key: 401 for one that is unknown, used or expired.
async fn open_session(State(shared): State<Arc<Shared>>, body: Body) -> Response {
    let given = match read_json(body).await {
        Ok(given) => given,
        Err(status) => return status.into_response(),
    };
    let Ok(LinkArguments { link }) = serde_json::from_value(given) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match shared.sessions.exchange(&LinkToken::new(link)) {
        Ok(Some((cookie, key))) => {
            drop(shared.activity.begin());
            (shared.on_opened)();
            let opened: Value = json!({ "key": key.expose() });
            (CookieJar::new().add(cookie), Json(opened)).into_response()
        }
        Ok(None) => StatusCode::UNAUTHORIZED.into_response(),
        Err(failure) => {
            tracing::error!(cause = %failure, "no session could be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
