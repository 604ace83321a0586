//! A small company network: the sandbox has another host name with TLS and is only reachable through a proxy.

use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use usher_sandbox::Sandbox;

/// The host name of the certificate. It does not resolve, so only the proxy reaches it.
pub(crate) const NAME: &str = "chatgpt.usher.test";

/// The sandbox's backend as `https://`.
pub(crate) struct TlsFront {
    port: u16,
    /// The certificate authority in PEM.
    pub(crate) authority: String,
    accepting: JoinHandle<()>,
}

impl TlsFront {
    /// Starts a server whose certificate is for `certified`.
    pub(crate) async fn to(sandbox: &Sandbox, certified: &str) -> Self {
        let authority_key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = authority.self_signed(&authority_key).unwrap().pem();
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new([certified.to_owned()]).unwrap();
        let certificate = leaf.signed_by(&key, &Issuer::new(authority, authority_key)).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .unwrap();
        let (listener, port) = listener().await;
        let behind = url::Url::parse(sandbox.chatgpt()).unwrap().port().unwrap();
        let accepting = tokio::spawn(accept_tls(listener, TlsAcceptor::from(Arc::new(config)), behind));
        Self { port, authority: pem, accepting }
    }

    /// Returns the address without a proxy, for a certificate for `localhost`.
    pub(crate) fn on_this_computer(&self) -> String {
        format!("https://localhost:{}/backend-api", self.port)
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

async fn accept_tls(listener: TcpListener, acceptor: TlsAcceptor, behind: u16) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            // A client that does not trust the certificate disconnects here.
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let mut sandbox = TcpStream::connect(("127.0.0.1", behind)).await.unwrap();
            let _ = copy_bidirectional(&mut stream, &mut sandbox).await;
        });
    }
}

/// A proxy for `CONNECT` (RFC 9110 §9.3.6) that records requests and traffic.
pub(crate) struct Proxy {
    /// Host and port.
    pub(crate) address: String,
    seen: Arc<Mutex<Seen>>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    connects: Vec<String>,
    passed: Vec<u8>,
}

impl Proxy {
    /// Starts a proxy that connects every request to `front`.
    pub(crate) async fn to(front: &TlsFront) -> Self {
        Self::new(Some(front.port)).await
    }

    /// Starts a proxy that rejects the password.
    pub(crate) async fn refusing() -> Self {
        Self::new(None).await
    }

    async fn new(front: Option<u16>) -> Self {
        let (listener, port) = listener().await;
        let seen = Arc::<Mutex<Seen>>::default();
        let accepting = tokio::spawn(accept(listener, front, Arc::clone(&seen)));
        Self { address: format!("127.0.0.1:{port}"), seen, accepting }
    }

    /// Returns the heads of the received requests.
    pub(crate) fn connects(&self) -> Vec<String> {
        self.with_seen(|seen| seen.connects.clone())
    }

    /// Returns the bytes that clients sent through it.
    pub(crate) fn passed(&self) -> Vec<u8> {
        self.with_seen(|seen| seen.passed.clone())
    }

    fn with_seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, front: Option<u16>, seen: Arc<Mutex<Seen>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(lead(stream, front, Arc::clone(&seen)));
    }
}

async fn lead(mut client: TcpStream, front: Option<u16>, seen: Arc<Mutex<Seen>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = client.read_u8().await else { return };
        head.push(byte);
    }
    let note = |what: &dyn Fn(&mut Seen)| what(&mut seen.lock().unwrap_or_else(PoisonError::into_inner));
    note(&|seen| seen.connects.push(String::from_utf8_lossy(&head).into_owned()));
    let Some(front) = front else {
        let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"test\"\r\n\
                       Content-Length: 0\r\nConnection: close\r\n\r\n";
        let _ = client.write_all(refusal.as_bytes()).await;
        return;
    };
    let server = TcpStream::connect(("127.0.0.1", front)).await.unwrap();
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move { copy(&mut from_server, &mut to_client).await });
    let mut piece = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from_client.read(&mut piece).await {
        note(&|seen| seen.passed.extend_from_slice(&piece[..length]));
        if to_server.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}
