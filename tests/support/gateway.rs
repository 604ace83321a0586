//! The built `usher serve`, and an HTTP client that sends exactly the bytes of a test.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::home::Home;
use crate::program::Running;

/// Longer than any response takes, so that a test that would hang fails instead.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);

/// A running gateway and a pass for it.
pub struct Gateway {
    running: Running,
    address: String,
    pass: String,
}

/// A complete HTTP response.
#[derive(Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names and values; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The complete body, without chunk framing.
    pub body: String,
}

impl Response {
    /// Returns the value of a header, or an empty string without it.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    }

    /// Parses the body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }

    /// Returns the `data:` of each event.
    pub fn data(&self) -> Vec<&str> {
        self.body.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim).collect()
    }

    /// Returns the name of each event that has one.
    pub fn events(&self) -> Vec<&str> {
        self.body.lines().filter_map(|line| line.strip_prefix("event:")).map(str::trim).collect()
    }
}

impl Gateway {
    /// Starts a gateway in `home`, with a pass for the provider in use.
    pub async fn start(home: &Home) -> Self {
        Self::start_with(home, &[]).await
    }

    /// Starts a gateway with a pass that is created with these arguments of `usher pass new`.
    pub async fn start_with(home: &Home, scope: &[&str]) -> Self {
        let pass = home.run(&[&["pass", "new", "test"], scope].concat()).await;
        assert_eq!(pass.code, 0, "{pass:?}");
        let mut running = home.start(&["serve", "--port", "0", "--json"]);
        let listening = running.event_named("listening").await;
        let address = listening["address"].as_str().expect("the event has the address").to_owned();
        Self { running, address, pass: pass.stdout.trim().to_owned() }
    }

    /// Returns `http://127.0.0.1:N`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Returns the secret of the pass.
    pub fn pass(&self) -> &str {
        &self.pass
    }

    /// Returns host and port.
    pub fn authority(&self) -> &str {
        self.address.strip_prefix("http://").expect("it is plain HTTP on loopback")
    }

    /// Returns the process id.
    pub fn id(&self) -> u32 {
        self.running.id()
    }

    /// Sends a GET request with the pass.
    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let pass = format!("Bearer {}", self.pass);
        self.send("GET", path, &[&[("authorization", pass.as_str())], headers].concat(), "").await
    }

    /// Sends a POST request of JSON with the pass.
    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.post_with(path, &[], body).await
    }

    /// Sends a POST request of JSON with the pass and further headers.
    pub async fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Response {
        let pass = format!("Bearer {}", self.pass);
        let own = [("authorization", pass.as_str()), ("content-type", "application/json")];
        self.send("POST", path, &[&own, headers].concat(), &body.to_string()).await
    }

    /// Returns reasoning that the backend encrypted for the account in use.
    pub async fn encrypted_reasoning(&self) -> String {
        let thought = self.post("/v1/responses", &json!({ "model": "", "input": "Think." })).await.json();
        let mut items = thought["output"].as_array().into_iter().flatten();
        let content = items.find_map(|item| item["encrypted_content"].as_str());
        content.unwrap_or_else(|| panic!("there is no encrypted reasoning in {thought}")).to_owned()
    }

    /// Sends a request with the correct host and length, and reads the response to its end.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
        let host = [("host", self.authority())];
        self.raw(&request(method, path, &[&host[..], headers].concat(), body)).await
    }

    /// Sends text on a new connection and reads the response to its end.
    pub async fn raw(&self, request: &str) -> Response {
        self.exchange_parsed(request.as_bytes()).await
    }

    /// Sends bytes on a new connection and reads the response to its end.
    pub async fn exchange_parsed(&self, request: &[u8]) -> Response {
        parse_response(&self.exchange(request).await)
    }

    /// Sends bytes on a new connection and returns the unparsed bytes of all responses.
    pub async fn exchange(&self, request: &[u8]) -> Vec<u8> {
        let mut connection = self.connect().await;
        connection.write_all(request).await.expect("the gateway reads");
        let mut response = Vec::new();
        let read = tokio::time::timeout(RESPONSE_TIMEOUT, connection.read_to_end(&mut response)).await;
        read.expect("the gateway responds in time").expect("the response can be read");
        response
    }

    /// Opens a connection to the gateway.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.authority()).await.expect("the gateway listens")
    }

    /// Stops the gateway with SIGTERM, as a service manager does.
    pub async fn stop(mut self) -> crate::program::Output {
        let id = i32::try_from(self.running.id()).expect("process ids are small");
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(id), nix::sys::signal::Signal::SIGTERM)
            .expect("it is our own child");
        self.running.end().await
    }
}

/// Returns the text of a request. The connection is closed after the response.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let lines = lines.concat();
    let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    format!("{method} {path} HTTP/1.1\r\n{lines}{length}connection: close\r\n\r\n{body}")
}

/// Parses the bytes of a response.
pub fn parse_response(bytes: &[u8]) -> Response {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no response: {text}"));
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if chunked { unchunked(body) } else { body.to_owned() };
    Response { status: status.expect("a status line"), headers, body }
}

/// Decodes a chunked body (RFC 9112 §7.1), up to where it was cut off.
fn unchunked(mut body: &str) -> String {
    let mut decoded = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else { break };
        let Some(chunk) = rest.get(..size) else { break };
        decoded.push_str(chunk);
        body = rest.get(size + 2..).unwrap_or_default();
    }
    decoded
}
