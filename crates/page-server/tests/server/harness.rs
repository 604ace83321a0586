//! A server on a home of its own, and requests to it byte by byte, as no browser would send them.

use std::fmt::Write as _;
use std::future::ready;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;
use usher_app::commands::{CommandContext, Window};
use usher_app::view::{CloseAnswer, DeepLinkView, NameHolder};
use usher_app::{App, Environment, SystemClock, SystemProcesses};
use usher_domain::Failure;
use usher_domain::ports::{BoxFuture, Browser};
use usher_page_server::{Ended, PageServer, PageServerOptions, SessionCookie};

/// Longer than any answer takes.
const TIMEOUT: Duration = Duration::from_secs(20);

struct NoBrowser;

impl Browser for NoBrowser {
    fn open(&self, _url: &Url) -> Result<(), Failure> {
        Ok(())
    }
}

struct NoWindow;

impl Window for NoWindow {
    fn bring_forward(&self) {}
    fn open_file(&self, _path: &Path) -> Result<(), Failure> {
        Ok(())
    }
    fn choose_file<'a>(&'a self, _name: &'a str) -> BoxFuture<'a, Option<PathBuf>> {
        Box::pin(ready(None))
    }
    fn choose_existing_file(&self) -> BoxFuture<'_, Result<Option<PathBuf>, Failure>> {
        Box::pin(ready(Ok(None)))
    }
    fn answer_close(&self, _answer: CloseAnswer) {}
    fn name_holder(&self) -> Option<NameHolder> {
        None
    }

    fn take_deep_link(&self) -> Option<DeepLinkView> {
        None
    }
}

/// A running server.
pub(crate) struct Server {
    pub(crate) port: u16,
    /// The secret of its link.
    pub(crate) link: String,
    pub(crate) running: JoinHandle<Ended>,
    stop: Option<oneshot::Sender<()>>,
    _home: TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(Duration::from_secs(600)).await
    }

    /// Starts a server that ends after `idle_timeout`.
    pub(crate) async fn start_with(idle_timeout: Duration) -> Self {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().to_str().unwrap().to_owned();
        let environment = Environment::from(|name| match name {
            "USHER_HOME" | "HOME" => Some(path.clone().into()),
            "USHER_SECRETS" => Some("file".into()),
            _ => None,
        });
        let app = App::new(
            environment.unwrap(),
            Arc::new(SystemClock),
            Arc::new(NoBrowser),
            Arc::new(SystemProcesses::default()),
        );
        let context = CommandContext::of_own_gateway(Arc::new(app.unwrap()), Arc::new(NoWindow));
        let options = PageServerOptions {
            port: 0,
            idle_timeout,
            link_timeout: Duration::from_secs(600),
            // The same for all, as for two runs in one home.
            cookie: SessionCookie::of_home("0123456789abcdef"),
            on_opened: Box::new(|| {}),
        };
        let server = PageServer::bind(context, options).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let (address, link) =
            server.create_link().unwrap().expose().split_once("/#open=").map(owned).unwrap();
        assert_eq!(address, server.address());
        let port = server.port();
        let running = tokio::spawn(server.run(async { drop(stopped.await) }));
        Self { port, link, running, stop: Some(stop), _home: home }
    }

    /// Stops the server; returns why it ended.
    pub(crate) async fn stop(mut self) -> Ended {
        drop(self.stop.take());
        (&mut self.running).await.unwrap()
    }

    /// Returns a request as the page of this server sends it, without a session.
    pub(crate) fn post(&self, path: &str) -> Request {
        let origin = format!("http://127.0.0.1:{}", self.port);
        self.request("POST", path).header("origin", &origin).header("content-type", "application/json")
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        let headers = vec![("host".to_owned(), format!("127.0.0.1:{}", self.port))];
        Request {
            port: self.port,
            method: method.into(),
            path: path.into(),
            headers,
            body: String::new(),
            length: None,
        }
    }

    /// Exchanges the link.
    pub(crate) async fn open(&self) -> Session {
        let opened = self.post("/session").json(&json!({ "link": self.link })).send().await;
        assert_eq!(opened.status, 200, "{}", opened.head);
        let cookie = opened.header("set-cookie").expect("it sets the cookie");
        for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let answer: Value = serde_json::from_str(&opened.body).unwrap();
        Session { cookie, key: answer["key"].as_str().unwrap().to_owned() }
    }
}

fn owned((one, other): (&str, &str)) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

/// What a tab has.
pub(crate) struct Session {
    pub(crate) cookie: String,
    pub(crate) key: String,
}

/// A request, header by header.
#[derive(Clone)]
pub(crate) struct Request {
    port: u16,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
    length: Option<usize>,
}

impl Request {
    /// Sets a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn json(mut self, value: &Value) -> Self {
        self.body = value.to_string();
        self
    }

    /// Announces a body of `length` bytes, and sends none.
    pub(crate) fn announcing(self, length: usize) -> Self {
        Self { length: Some(length), ..self }
    }

    /// Adds cookie and key.
    pub(crate) fn of(self, session: &Session) -> Self {
        self.header("cookie", &session.cookie).header("x-usher-key", &session.key)
    }

    /// Sends the request; the connection stays open.
    pub(crate) async fn begin(self) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
        let length = self.length.unwrap_or(self.body.len());
        write!(text, "content-length: {length}\r\nconnection: close\r\n\r\n{}", self.body).unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    pub(crate) async fn send(self) -> Response {
        let mut stream = self.begin().await;
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(TIMEOUT, stream.read_to_end(&mut bytes)).await;
        read.expect("an answer in time").unwrap();
        Response::parse(&bytes)
    }
}

/// A response.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    pub(crate) bytes: Vec<u8>,
}

impl Response {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let bytes = bytes[end + 4..].to_vec();
        Self { status, head, body: String::from_utf8_lossy(&bytes).into_owned(), bytes }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

/// Reads from `stream` until it has sent `text`.
pub(crate) async fn read_until(stream: &mut TcpStream, text: &str) {
    let mut seen = String::new();
    while !seen.contains(text) {
        let mut bytes = [0; 1024];
        let read = tokio::time::timeout(TIMEOUT, stream.read(&mut bytes)).await.expect("an answer in time");
        let length = read.unwrap();
        assert!(length > 0, "it ended after: {seen}");
        seen.push_str(&String::from_utf8_lossy(&bytes[..length]));
    }
}
