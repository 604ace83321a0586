//! A wire between `usher` and the sandbox that keeps what passes, so that a test knows each secret of a session.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;
use usher_sandbox::Sandbox;

/// Same port as the sandbox, and a name of the same length: a request's one mention of the address, the redirect of a
/// device sign-in, is put right as it passes, and its length stays true.
const HERE: &str = "127.0.0.2";
const SANDBOX: &str = "127.0.0.1";

/// Everything that the sandbox has answered through this wire.
type Answers = Arc<Mutex<Vec<u8>>>;

/// The wire. Dropping it cuts it.
pub struct Wire {
    issuer: String,
    chatgpt: String,
    answers: Answers,
    accepting: JoinHandle<()>,
}

impl Wire {
    /// One that leads to `sandbox`.
    pub async fn to(sandbox: &Sandbox) -> Self {
        let port = Url::parse(sandbox.issuer()).ok().and_then(|url| url.port()).expect("it has a port");
        let here: Ipv4Addr = HERE.parse().expect("an address");
        let listener = TcpListener::bind((here, port)).await.expect("only the sandbox has this port");
        let answers = Answers::default();
        let accepting = tokio::spawn(accept(listener, port, Arc::clone(&answers)));
        let [issuer, chatgpt] = [sandbox.issuer(), sandbox.chatgpt()].map(|url| url.replace(SANDBOX, HERE));
        Self { issuer, chatgpt, answers, accepting }
    }

    /// `USHER_ISSUER_URL` by this wire.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// `USHER_CHATGPT_URL` by this wire.
    pub fn chatgpt(&self) -> &str {
        &self.chatgpt
    }

    /// Every value that an answer had in a field of this name, in order.
    pub fn answered(&self, field: &str) -> Vec<String> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&answers);
        let begin = format!("\"{field}\":\"");
        let values = text.split(&begin).skip(1).filter_map(|rest| rest.split('"').next());
        values.map(str::to_owned).collect()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, port: u16, answers: Answers) {
    loop {
        let (client, _) = listener.accept().await.expect("the listener stands");
        // A sandbox that has gone is a connection that ends.
        let Ok(server) = TcpStream::connect((SANDBOX, port)).await else { continue };
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        tokio::spawn(pass(from_client, to_server, |request| {
            replace(request, HERE.as_bytes(), SANDBOX.as_bytes());
        }));
        let answers = Arc::clone(&answers);
        tokio::spawn(pass(from_server, to_client, move |answer| {
            answers.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(answer);
        }));
    }
}

/// Passes all of one direction on. An end that breaks is an end.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut on_piece: impl FnMut(&mut [u8])) {
    let mut piece = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        on_piece(&mut piece[..length]);
        if to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
    // Dropping `to` tells the other side.
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
