//! A proxy between `usher` and the sandbox that records the responses, so that a test knows each secret of a session.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;
use usher_sandbox::Sandbox;

/// The host of the proxy: same port as the sandbox and a name of the same length. A request contains the address only
/// in the redirect of a device sign-in; it is replaced on the way, and the content length stays correct.
const PROXY_HOST: &str = "127.0.0.2";
const SANDBOX_HOST: &str = "127.0.0.1";

/// All response bytes of the sandbox.
type Responses = Arc<Mutex<Vec<u8>>>;

/// A running recorder. Dropping it closes the listener.
pub struct RecordingProxy {
    issuer: String,
    chatgpt: String,
    responses: Responses,
    accepting: JoinHandle<()>,
}

impl RecordingProxy {
    /// Starts a recorder in front of `sandbox`.
    pub async fn to(sandbox: &Sandbox) -> Self {
        let port = Url::parse(sandbox.issuer()).ok().and_then(|url| url.port()).expect("it has a port");
        let host: Ipv4Addr = PROXY_HOST.parse().expect("an address");
        let listener = TcpListener::bind((host, port)).await.expect("only the sandbox has this port");
        let responses = Responses::default();
        let accepting = tokio::spawn(accept(listener, port, Arc::clone(&responses)));
        let [issuer, chatgpt] =
            [sandbox.issuer(), sandbox.chatgpt()].map(|url| url.replace(SANDBOX_HOST, PROXY_HOST));
        Self { issuer, chatgpt, responses, accepting }
    }

    /// Returns the `USHER_ISSUER_URL` of the proxy.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the `USHER_CHATGPT_URL` of the proxy.
    pub fn chatgpt(&self) -> &str {
        &self.chatgpt
    }

    /// Returns every value of a response field of this name, in order.
    pub fn response_values(&self, field: &str) -> Vec<String> {
        let responses = self.responses.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&responses);
        let begin = format!("\"{field}\":\"");
        let values = text.split(&begin).skip(1).filter_map(|rest| rest.split('"').next());
        values.map(str::to_owned).collect()
    }
}

impl Drop for RecordingProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, port: u16, responses: Responses) {
    loop {
        let (client, _) = listener.accept().await.expect("the listener accepts");
        // When the sandbox has ended, the connection is closed.
        let Ok(server) = TcpStream::connect((SANDBOX_HOST, port)).await else { continue };
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        tokio::spawn(forward(from_client, to_server, |request| {
            replace(request, PROXY_HOST.as_bytes(), SANDBOX_HOST.as_bytes());
        }));
        let responses = Arc::clone(&responses);
        tokio::spawn(forward(from_server, to_client, move |response| {
            responses.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(response);
        }));
    }
}

/// Forwards one direction. A broken connection counts as its end.
async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut on_chunk: impl FnMut(&mut [u8])) {
    let mut chunk = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut chunk).await {
        on_chunk(&mut chunk[..length]);
        if to.write_all(&chunk[..length]).await.is_err() {
            return;
        }
    }
    // Dropping `to` closes the connection to the other side.
}

fn replace(text: &mut [u8], old: &[u8], new: &[u8]) {
    let mut at = 0;
    while at + old.len() <= text.len() {
        if text[at..].starts_with(old) {
            text[at..at + old.len()].copy_from_slice(new);
        }
        at += 1;
    }
}
