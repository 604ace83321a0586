//! How much at once: connections in all, and requests of one pass; and how long nothing may be heard.

#![allow(clippy::disallowed_methods, reason = "tests stand outside: there is no clock to be given")]

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use usher_domain::ports::{Authorization, Bearer, BoxFuture, Clock, TokenSource};
use usher_domain::{
    AccessToken, Endpoints, Failure, Model, OAuthProvider, Pass, PassScope, ProviderId, UnixTime, Wire,
};
use usher_gateway::{Gateway, GatewayHost, Limits, PassRejected, RequestLog, Route};
use usher_net::{AllowedHosts, HttpClient, NetworkConfig};
use usher_sandbox::{Fault, Options, Sandbox};
use usher_upstream::{Backend, Observer, Service};

struct Noon;

impl Clock for Noon {
    fn now(&self) -> UnixTime {
        UnixTime(1_800_000_000)
    }
}

struct Nobody;

impl Observer for Nobody {
    fn usage(&self, _: usher_domain::Usage) {}
    fn models_etag(&self, _: &str) {}
}

struct Token(Authorization);

impl TokenSource for Token {
    fn authorization(&self) -> BoxFuture<'_, Result<Authorization, Failure>> {
        Box::pin(async { Ok(self.0.clone()) })
    }

    fn after_unauthorized<'a>(
        &'a self,
        _: &'a Authorization,
    ) -> BoxFuture<'a, Result<Authorization, Failure>> {
        self.authorization()
    }
}

/// Lets two passes in, and sends everything to one backend.
struct Desk(Route);

impl GatewayHost for Desk {
    fn authenticate<'a>(&'a self, presented: &'a str) -> BoxFuture<'a, Result<Arc<Pass>, PassRejected>> {
        let known = ["one", "two"].contains(&presented);
        let pass = Pass {
            id: presented.into(),
            name: presented.into(),
            scope: PassScope::default(),
            created_at: UnixTime(0),
            expires_at: None,
        };
        Box::pin(async move { if known { Ok(Arc::new(pass)) } else { Err(PassRejected::Unknown) } })
    }

    fn route<'a>(&'a self, _: &'a Pass, _: &'a str) -> BoxFuture<'a, Result<Route, Failure>> {
        Box::pin(async { Ok(self.0.clone()) })
    }

    fn models<'a>(&'a self, _: &'a Pass) -> BoxFuture<'a, Result<Vec<Model>, Failure>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn authorization<'a>(&'a self, _: &'a Pass) -> BoxFuture<'a, Result<Authorization, Failure>> {
        unreachable!("nobody asks for a token here")
    }

    fn revocation(&self, _: &Pass, _: &Route) -> Option<Failure> {
        None
    }
}

struct Running {
    sandbox: Sandbox,
    address: std::net::SocketAddr,
    live: Arc<RequestLog>,
    /// Dropping it ends the gateway.
    _until: oneshot::Sender<()>,
}

/// A gateway with `limits` before a sandbox.
async fn running(limits: Limits) -> Running {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let endpoints = Endpoints::parse(sandbox.issuer(), sandbox.chatgpt()).unwrap();
    let token = sandbox.issue("ada");
    let workspace = &usher_sandbox::ACCOUNTS.iter().find(|known| known.key == "ada").unwrap().workspaces[0];
    let tokens = Token(Authorization {
        bearer: Bearer::AccessToken(Arc::new(AccessToken::new(token.access_token))),
        account_id: Some(workspace.account_id.to_owned()),
        fedramp: false,
        headers: Vec::new(),
        base: endpoints.backend.clone(),
        expires_at: None,
    });
    let http =
        HttpClient::new(&NetworkConfig::default(), AllowedHosts::from_urls([&endpoints.backend])).unwrap();
    let service = Service::for_plan(&OAuthProvider::chatgpt(endpoints));
    let backend = Backend::new(Arc::new(http), service, Arc::new(tokens), Arc::new(Nobody));
    let route = Route {
        backend: Arc::new(backend),
        provider: ProviderId::Chatgpt,
        account: "ada".into(),
        uses_api_key: false,
        wire: Wire::Responses,
        model: Model { id: "gpt-6-sol".into(), ..Model::default() },
        effort: None,
    };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let live: Arc<RequestLog> = Arc::default();
    let gateway = Gateway::new(Arc::new(Desk(route)), Arc::new(Noon)).limits(limits).log(Arc::clone(&live));
    let (until, ended) = oneshot::channel();
    tokio::spawn(gateway.run(listener, async {
        let _: Result<(), _> = ended.await;
    }));
    Running { sandbox, address, live, _until: until }
}

impl Running {
    /// Sends a request and gives the connection.
    async fn ask(&self, method: &str, path: &str, pass: &str, body: &str) -> TcpStream {
        let mut connection = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nx-api-key: {pass}\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        connection.write_all(request.as_bytes()).await.unwrap();
        connection
    }

    /// A request whose answer hangs, once it is under way.
    async fn hanging(&self, pass: &str) -> TcpStream {
        self.sandbox.push_fault("responses", Fault::HangAfter { events: 3 });
        let body = r#"{"model":"","input":"hi","stream":true}"#;
        let mut connection = self.ask("POST", "/v1/responses", pass, body).await;
        assert_eq!(status(&mut connection).await, "200");
        connection
    }
}

async fn status(connection: &mut TcpStream) -> String {
    let mut line = [0; 12];
    let read = tokio::time::timeout(Duration::from_secs(20), connection.read_exact(&mut line)).await;
    read.expect("it answers").expect("the connection holds");
    String::from_utf8(line[9..].to_vec()).unwrap()
}

#[tokio::test]
async fn a_pass_has_so_many_requests_at_once_and_takes_none_from_another() {
    let running = running(Limits { requests_per_pass: 2, ..Limits::default() }).await;
    let (first, _second) = (running.hanging("one").await, running.hanging("one").await);
    let body = r#"{"model":"","input":"hi","stream":true}"#;
    let mut third = running.ask("POST", "/v1/responses", "one", body).await;
    assert_eq!(status(&mut third).await, "429");
    let mut other = running.ask("POST", "/v1/responses", "two", body).await;
    assert_eq!(status(&mut other).await, "200");
    let mut changes = running.live.changes();
    drop((first, other));
    while running.live.requests().iter().filter(|request| request.pass == "one").count() > 1 {
        changes.changed().await.unwrap();
    }
    let mut again = running.ask("POST", "/v1/responses", "one", body).await;
    assert_eq!(status(&mut again).await, "200");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_a_seat() {
    let running = running(Limits { connections: 2, ..Limits::default() }).await;
    let (first, _second) = (running.hanging("one").await, running.hanging("one").await);
    let mut third = running.ask("GET", "/healthz", "one", "").await;
    let mut byte = [0];
    let early = tokio::time::timeout(Duration::from_millis(300), third.peek(&mut byte)).await;
    assert!(early.is_err(), "there was a third permit");
    drop(first);
    assert_eq!(status(&mut third).await, "200");
}

#[tokio::test]
async fn a_provider_that_falls_silent_is_given_up_though_the_caller_is_kept_in_the_line() {
    let running = running(Limits::default()).await;
    let mut connection = running.hanging("one").await;
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    let mut said = Vec::new();
    while !String::from_utf8_lossy(&said).contains("response.failed") {
        assert!(connection.read_buf(&mut said).await.unwrap() > 0, "{}", String::from_utf8_lossy(&said));
    }
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("fell silent"), "{said}");
    assert!((19..=20).contains(&said.matches(": keep-alive").count()), "{said}");
    assert_eq!(begun.elapsed().as_secs() / 10, 30);
}

/// Bodies that still come in are requests as well.
#[tokio::test]
async fn a_request_counts_from_its_head_on() {
    let running = running(Limits { requests_per_pass: 2, ..Limits::default() }).await;
    let head = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nx-api-key: one\r\ncontent-length: 9\r\n\r\n{{",
            running.address
        )
    };
    let mut begun = Vec::new();
    for path in ["/v1/responses", "/v1/messages/count_tokens"] {
        let mut connection = TcpStream::connect(running.address).await.unwrap();
        connection.write_all(head(path).as_bytes()).await.unwrap();
        begun.push(connection);
    }
    // Nothing tells when a head was read, so a third is tried until there is no permit for it.
    let refused =
        async { while status(&mut running.ask("GET", "/v1/models", "one", "").await).await != "429" {} };
    tokio::time::timeout(Duration::from_secs(20), refused).await.expect("both have a permit");
    assert_eq!(status(&mut running.ask("GET", "/v1/models", "two", "").await).await, "200");
    drop(begun);
}
