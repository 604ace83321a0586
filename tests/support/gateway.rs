//! The built `usher serve`, and a client of it that sends exactly what a test says.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::home::Home;
use crate::program::Running;

/// Longer than anything here takes, so that a test that would hang fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A gateway that runs, and a pass for it.
pub struct Gateway {
    running: Running,
    address: String,
    pass: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// All of it, without chunks.
    pub body: String,
}

impl Answer {
    /// The value of a header; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }

    /// The `data:` of each event.
    pub fn data(&self) -> Vec<&str> {
        self.body.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim).collect()
    }

    /// The name of each event that has one.
    pub fn events(&self) -> Vec<&str> {
        self.body.lines().filter_map(|line| line.strip_prefix("event:")).map(str::trim).collect()
    }
}

impl Gateway {
    /// Starts one in `home`, with a pass for whatever the person uses.
    pub async fn start(home: &Home) -> Self {
        Self::start_with(home, &[]).await
    }

    /// The same with a pass that `usher pass new` is given these arguments for.
    pub async fn start_with(home: &Home, scope: &[&str]) -> Self {
        let pass = home.run(&[&["pass", "new", "test"], scope].concat()).await;
        assert_eq!(pass.code, 0, "{pass:?}");
        let mut running = home.start(&["serve", "--port", "0", "--json"]);
        let listening = running.event_called("listening").await;
        let address = listening["address"].as_str().expect("it says where").to_owned();
        Self { running, address, pass: pass.stdout.trim().to_owned() }
    }

    /// `http://127.0.0.1:N`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The secret of its pass.
    pub fn pass(&self) -> &str {
        &self.pass
    }

    /// Host and port.
    pub fn authority(&self) -> &str {
        self.address.strip_prefix("http://").expect("it is plain HTTP on loopback")
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.running.id()
    }

    /// A GET with the pass.
    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let pass = format!("Bearer {}", self.pass);
        self.send("GET", path, &[&[("authorization", pass.as_str())], headers].concat(), "").await
    }

    /// A POST of JSON with the pass.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, &[], body).await
    }

    /// The same with more headers.
    pub async fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let pass = format!("Bearer {}", self.pass);
        let own = [("authorization", pass.as_str()), ("content-type", "application/json")];
        self.send("POST", path, &[&own, headers].concat(), &body.to_string()).await
    }

    /// Reasoning that the backend has sealed for the account in use.
    pub async fn sealed(&self) -> String {
        let thought = self.post("/v1/responses", &json!({ "model": "", "input": "Think." })).await.json();
        let mut items = thought["output"].as_array().into_iter().flatten();
        let sealed = items.find_map(|item| item["encrypted_content"].as_str());
        sealed.unwrap_or_else(|| panic!("there is no sealed reasoning in {thought}")).to_owned()
    }

    /// Sends just this, with the right host and length, and reads the answer to its end.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let host = [("host", self.authority())];
        self.raw(&request(method, path, &[&host[..], headers].concat(), body)).await
    }

    /// Sends these bytes on a connection of their own and reads the answer to its end.
    pub async fn raw(&self, request: &str) -> Answer {
        self.exchange_parsed(request.as_bytes()).await
    }

    /// The same with bytes that are no text.
    pub async fn exchange_parsed(&self, request: &[u8]) -> Answer {
        parse(&self.exchange(request).await)
    }

    /// The same, with what comes back as it comes.
    pub async fn exchange(&self, request: &[u8]) -> Vec<u8> {
        let mut connection = self.connect().await;
        connection.write_all(request).await.expect("the gateway reads");
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, connection.read_to_end(&mut answer)).await;
        read.expect("it answers in time").expect("the answer can be read");
        answer
    }

    /// A connection.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.authority()).await.expect("the gateway listens")
    }

    /// Ends it as a service is ended.
    pub async fn stop(mut self) -> crate::program::Ran {
        let id = i32::try_from(self.running.id()).expect("process ids are small");
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(id), nix::sys::signal::Signal::SIGTERM)
            .expect("it is our own child");
        self.running.end().await
    }
}

/// A request as bytes; the connection ends with the answer.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let lines = lines.concat();
    let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    format!("{method} {path} HTTP/1.1\r\n{lines}{length}connection: close\r\n\r\n{body}")
}

fn parse(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text}"));
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if chunked { unchunked(body) } else { body.to_owned() };
    Answer { status: status.expect("a status line"), headers, body }
}

/// What came of a chunked body (RFC 9112 §7.1), as far as it came.
fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else { break };
        let Some(piece) = rest.get(..size) else { break };
        whole.push_str(piece);
        body = rest.get(size + 2..).unwrap_or_default();
    }
    whole
}
