//! Waits for one browser redirect on the loopback address (RFC 8252 §7.3).
//!
//! A redirect with a wrong `state` gets a 400 and is ignored, so a stray page cannot end a sign-in. Only the right
//! redirect can: there is no cancel path. Every connection is served on its own task, so idle connections that a
//! browser opens in advance cannot block the real one.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use usher_domain::{ErrorCode, Failure, MAX_NAME_CHARS, sanitize_line};

use super::callback::{Callback, Reply, result_page};
use super::connections::{Connections, Progress};
use super::loopback_names::LoopbackNames;
use super::peer_user::Ends;
use super::result_page::{PendingPage, Redirect, SignInResult};

/// Limits how long a connection may take to send its request head, from its first byte.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// Pause after a failed accept: without a free file handle the next one would fail at once.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(20);
/// The listen backlog, as far as the system allows: when it is full, a browser's system retries only after a second.
const BACKLOG: u32 = 4096;

/// The listener that receives the redirect.
pub(crate) struct LoopbackListener {
    v4: TcpListener,
    /// For browsers that resolve `localhost` to `::1` first. Best effort: the sign-in works without it as long as
    /// 127.0.0.1 is bound.
    v6: Option<TcpListener>,
    port: u16,
    names: LoopbackNames,
}

/// A port that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusyPort {
    /// The port.
    pub port: u16,
    /// The program that uses it, if the system reveals it.
    pub holder: Option<String>,
    /// Why the system does not allow it, if it is not in use.
    pub refusal: Option<String>,
}

impl LoopbackListener {
    /// Binds the first free port of `ports`, and returns it with the busy ones before it.
    pub(crate) fn bind(ports: &[u16], names: LoopbackNames) -> Result<(Self, Vec<BusyPort>), Failure> {
        let mut busy = Vec::new();
        for &port in ports {
            match listen((Ipv4Addr::LOCALHOST, port).into()) {
                Ok(v4) => {
                    let port = v4.local_addr().map_or(port, |address| address.port());
                    let v6 = match names {
                        LoopbackNames::Ipv4 => None,
                        LoopbackNames::All => listen((Ipv6Addr::LOCALHOST, port).into()).ok(),
                    };
                    return Ok((Self { v4, v6, port, names }, busy));
                }
                Err(error) => {
                    tracing::info!(port, %error, "callback port not free");
                    let is_used = error.kind() == io::ErrorKind::AddrInUse;
                    busy.push(BusyPort {
                        port,
                        holder: port_holder(port).filter(|_| is_used),
                        refusal: (!is_used).then(|| error.to_string()),
                    });
                }
            }
        }
        Err(Failure::new(ErrorCode::PortBusy, describe(&busy)))
    }

    /// Returns the names that a request may have it by.
    pub(super) fn names(&self) -> LoopbackNames {
        self.names
    }

    /// Returns the bound port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Serves until the redirect of the sign-in has arrived. Its page has been sent, or waits for the result. Dropping the
    /// future closes the port.
    pub(super) async fn wait_for_redirect(self, callback: Callback) -> Redirect {
        let (done, mut redirects) = mpsc::channel::<Redirect>(1);
        let callback = Arc::new(callback);
        let mut connections = Connections::new();
        loop {
            tokio::select! {
                Some(Redirect { response, page }) = redirects.recv() => {
                    return Redirect { response, page: page.map(|page| page.keeping(connections)) };
                }
                accepted = accept(&self.v4, self.v6.as_ref()) => match accepted {
                    Ok(stream) => {
                        let (callback, done) = (Arc::clone(&callback), done.clone());
                        connections.add(|progress| serve(stream, progress, callback, done)).await;
                    }
                    // One connection failed, or no file handle is free.
                    Err(error) => {
                        tracing::debug!(%error, "a connection was not accepted");
                        connections.shrink();
                        tokio::time::sleep(ACCEPT_BACKOFF).await;
                    }
                },
                () = connections.ended() => {}
            }
        }
    }
}

/// Binds as tokio does, with a larger backlog.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // On Windows it would let another program have the same port.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn accept(v4: &TcpListener, v6: Option<&TcpListener>) -> io::Result<TcpStream> {
    let accepted = match v6 {
        Some(v6) => tokio::select! { accepted = v4.accept() => accepted, accepted = v6.accept() => accepted },
        None => v4.accept().await,
    };
    accepted.map(|(stream, _): (TcpStream, SocketAddr)| stream)
}

async fn serve(
    stream: TcpStream,
    progress: Arc<Progress>,
    callback: Arc<Callback>,
    done: mpsc::Sender<Redirect>,
) {
    if !progress.first_byte(&stream).await {
        return;
    }
    let ends = stream.peer_addr().ok().zip(stream.local_addr().ok());
    let ends = ends.map(|(client, callback)| Ends { client, callback });
    let received = Arc::new(Mutex::new(None));
    // Dropped when the connection has ended.
    let sending = Arc::new(Mutex::new(None));
    let (slot, sending_slot, early) = (Arc::clone(&received), Arc::clone(&sending), done.clone());
    let service = service_fn(move |request| {
        let reply = callback.respond(&request, ends);
        let (progress, slot) = (Arc::clone(&progress), Arc::clone(&slot));
        let (sending, early) = (Arc::clone(&sending_slot), early.clone());
        async move {
            Ok::<_, Infallible>(match reply {
                Reply::Page(page) => page,
                Reply::Failed(page, response) => {
                    progress.answered();
                    *slot.lock() = Some(Redirect { response, page: None });
                    page
                }
                Reply::Code(response) => {
                    progress.answered();
                    let (page, (result, is_sent)) = PendingPage::new();
                    *sending.lock() = Some(is_sent);
                    // The receiver is gone when the sign-in was cancelled, or has its answer already.
                    let _ = early.try_send(Redirect { response, page: Some(page) });
                    result_page(&result.await.unwrap_or(SignInResult::AlmostDone))
                }
            })
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = connection {
        tracing::debug!(%error, "a callback connection ended early");
    }
    // Only now has the page been sent; ending the wait earlier could cut it off.
    drop(sending);
    let redirect = received.lock().take();
    if let Some(redirect) = redirect {
        // The receiver is gone when the sign-in was cancelled meanwhile.
        let _ = done.send(redirect).await;
    }
}

/// Returns the program that listens on `port`, if the system reveals it.
pub fn port_holder(port: u16) -> Option<String> {
    let process = listeners::get_process_by_port(port, listeners::Protocol::TCP).ok()?;
    Some(format!("{} (process {})", sanitize_line(&process.name, MAX_NAME_CHARS), process.pid))
}

fn describe(busy: &[BusyPort]) -> String {
    let one = |BusyPort { port, holder, refusal }: &BusyPort| match (holder, refusal) {
        (_, Some(refusal)) => format!("port {port} may not be used: {refusal}"),
        (Some(holder), None) => format!("port {port} is used by {holder}"),
        (None, None) => format!("port {port} is used by another program"),
    };
    busy.iter().map(one).collect::<Vec<_>>().join(", and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_described_by_what_is_in_the_way() {
        let busy = |holder: Option<&str>, refusal: Option<&str>| BusyPort {
            port: 1455,
            holder: holder.map(Into::into),
            refusal: refusal.map(Into::into),
        };
        assert_eq!(describe(&[busy(Some("x (process 1)"), None)]), "port 1455 is used by x (process 1)");
        let refused = [busy(None, Some("Permission denied")), busy(None, None)];
        let text = "port 1455 may not be used: Permission denied, and port 1455 is used by another program";
        assert_eq!(describe(&refused), text);
    }
}
