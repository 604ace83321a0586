//! The network: proxies, certificates, host names and unreachable addresses. Each failure has its code, and neither a
//! proxy's password nor a token leaks.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use usher_sandbox::{Fault, Options, Sandbox};
use usher_tests::{Home, Secrets, sign_in, signed_in};

use crate::providers::proxy_tunnel::{NAME, Proxy, TlsFront};

const PASSWORD: &str = "open-sesame-4711";

/// Signs in at a sandbox whose backend has another host name and is only reachable through `proxy`.
async fn behind(proxy: &Proxy, sandbox: &Sandbox) -> Home {
    let mut home = Home::at_addresses(sandbox.issuer(), &format!("https://{NAME}/backend-api"));
    home.set("HTTPS_PROXY", &format!("http://ada:{PASSWORD}@{}", proxy.address));
    home.set("USHER_LOG", "trace");
    sign_in(&home, sandbox, "ada").await;
    home
}

/// Signs in through `proxy`, with the certificate authority in `SSL_CERT_FILE`.
async fn trusting(proxy: &Proxy, sandbox: &Sandbox, front: &TlsFront) -> Home {
    let mut home = behind(proxy, sandbox).await;
    home.write("authority.pem", &front.authority);
    let file = home.path().join("authority.pem");
    home.set("SSL_CERT_FILE", file.to_str().unwrap());
    home
}

async fn sandbox() -> Sandbox {
    Sandbox::start(Options::for_tests()).await.unwrap()
}

/// Returns the text of a field.
fn text<'a>(document: &'a Value, field: &str) -> &'a str {
    document[field].as_str().unwrap_or_else(|| panic!("{field} of {document}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rejecting_proxy_is_named_without_password() {
    let (sandbox, proxy) = (sandbox().await, Proxy::refusing().await);
    let home = behind(&proxy, &sandbox).await;
    let (usage, doctor) = (home.json(&["usage"]).await, home.json(&["doctor"]).await);
    let error = usage.error(5);
    assert_eq!(error["code"], "proxy");
    assert!(
        text(&error, "message").contains(&format!("the proxy {} did not connect to {NAME}", proxy.address))
    );
    assert!(doctor.stdout.contains(&format!("{NAME}: through {}", proxy.address)), "{doctor:?}");

    assert!(proxy.connects().iter().all(|head| head.starts_with(&format!("CONNECT {NAME}:443 "))));
    let mut secrets = Secrets::default();
    secrets.add("password", &format!("ada:{PASSWORD}"));
    assert!(secrets.found_in(proxy.connects()[0].as_bytes()).is_some(), "the proxy received the password");
    for output in [&usage.stdout, &usage.stderr, &doctor.stdout, &doctor.stderr] {
        assert_eq!(secrets.found_in(output.as_bytes()), None, "{output}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_proxy_is_named() {
    let sandbox = sandbox().await;
    let proxy = Proxy::refusing().await;
    let home = behind(&proxy, &sandbox).await;
    let address = proxy.address.clone();
    drop(proxy);
    let error = home.json(&["usage"]).await.error(5);
    assert_eq!(error["code"], "proxy");
    assert!(text(&error, "message").contains(&format!("the proxy {address} ")), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proxy_sees_only_host_name() {
    let sandbox = sandbox().await;
    let front = TlsFront::to(&sandbox, NAME).await;
    let proxy = Proxy::to(&front).await;
    let home = trusting(&proxy, &sandbox, &front).await;
    home.json(&["test"]).await.done();
    let request = sandbox.requests("responses").pop().expect("the test came through");
    let mut secrets = Secrets::default();
    secrets.add("token", request.header("authorization").unwrap());
    assert!(!proxy.passed().is_empty());
    assert_eq!(secrets.found_in(&proxy.passed()), None, "the traffic is encrypted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_proxy_hosts_are_connected_directly() {
    let (sandbox, proxy) = (sandbox().await, Proxy::refusing().await);
    let mut home = behind(&proxy, &sandbox).await;
    let before = proxy.connects().len();
    home.set("NO_PROXY", "elsewhere.test,.usher.test");
    // Only the proxy knows the name.
    assert_eq!(home.json(&["usage"]).await.error_code(5), "dns");
    assert_eq!(proxy.connects().len(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_proxy_patterns_and_ports_are_connected_directly() {
    let (sandbox, proxy) = (sandbox().await, Proxy::refusing().await);
    let mut home = behind(&proxy, &sandbox).await;
    for direct in ["*.usher.test".to_owned(), format!("{NAME}:443")] {
        let before = proxy.connects().len();
        home.set("NO_PROXY", &direct);
        assert_eq!(home.json(&["usage"]).await.error_code(5), "dns", "{direct}");
        assert_eq!(proxy.connects().len(), before, "{direct}");
    }
}

/// The part after the first `@` was taken for the host, and shown.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proxy_password_that_is_not_encoded_is_not_shown() {
    let (sandbox, proxy) = (sandbox().await, Proxy::refusing().await);
    let mut home = behind(&proxy, &sandbox).await;
    let before = proxy.connects().len();
    for value in
        ["http://ada:open@sesame-4711#w@", "http://ada:sesame-4711/w@", "\"http://sesame-4711.test:1\" "]
    {
        home.set("HTTPS_PROXY", &format!("{value}{}", proxy.address));
        let (usage, doctor) = (home.json(&["usage"]).await, home.json(&["doctor"]).await);
        let error = usage.error(5);
        assert_eq!(error["code"], "proxy", "{error}");
        assert!(text(&error, "message").contains("HTTPS_PROXY was not used"), "{error}");
        assert!(doctor.stdout.contains("HTTPS_PROXY"), "{doctor:?}");
        for output in [&usage.stdout, &usage.stderr, &doctor.stdout, &doctor.stderr] {
            assert!(!output.contains("sesame-4711"), "{output}");
        }
    }
    assert_eq!(proxy.connects().len(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn https_proxy_that_speaks_plain_http_is_named() {
    let (sandbox, proxy) = (sandbox().await, Proxy::refusing().await);
    let mut home = behind(&proxy, &sandbox).await;
    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = plain.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        }
    });
    home.set("HTTPS_PROXY", &format!("https://{address}"));
    let error = home.json(&["usage"]).await.error(5);
    assert_eq!(error["code"], "proxy", "{error}");
    let message = text(&error, "message");
    assert!(message.contains(&format!("the proxy https://{address} does not use TLS")), "{message}");
    assert!(message.contains("http:// instead of https://"), "{message}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn socks_proxy_is_used() {
    let (sandbox, proxy) = (sandbox().await, Proxy::refusing().await);
    let mut home = behind(&proxy, &sandbox).await;
    home.set("HTTPS_PROXY", "");
    let socks = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socks.local_addr().unwrap();
    // Greeting, then the request with the name of the host (RFC 1928 §3, §4), which is refused.
    let server = tokio::spawn(async move {
        let (mut stream, _) = socks.accept().await.unwrap();
        let (mut greeting, mut request) = ([0; 3], [0; 256]);
        stream.read_exact(&mut greeting).await.unwrap();
        stream.write_all(&[5, 0]).await.unwrap();
        let length = stream.read(&mut request).await.unwrap();
        stream.write_all(&[5, 2, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
        (greeting[0], request[..length].to_vec())
    });
    home.set("ALL_PROXY", &format!("socks5h://{address}"));
    let error = home.json(&["usage"]).await.error(5);
    assert_eq!(error["code"], "proxy", "{error}");
    assert!(text(&error, "message").contains(&format!("the proxy socks5h://{address} ")), "{error}");
    let (version, request) = server.await.unwrap();
    assert_eq!(version, 5);
    assert!(request.windows(NAME.len()).any(|part| part == NAME.as_bytes()), "{request:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loopback_never_uses_proxy() {
    let (sandbox, proxy) = (sandbox().await, Proxy::refusing().await);
    let mut home = Home::at(&sandbox);
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"] {
        home.set(name, &format!("http://{}", proxy.address));
    }
    sign_in(&home, &sandbox, "ada").await;
    home.json(&["test"]).await.done();
    assert_eq!(proxy.connects(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn authority_from_ssl_cert_file_is_trusted() {
    let sandbox = sandbox().await;
    let front = TlsFront::to(&sandbox, NAME).await;
    let proxy = Proxy::to(&front).await;
    let mut home = behind(&proxy, &sandbox).await;
    let error = home.json(&["usage"]).await.error(5);
    assert_eq!(error["code"], "tls");
    assert!(text(&error, "message").contains(&format!("the connection to {NAME} is not trusted")), "{error}");
    assert!(text(&error, "hint").contains("SSL_CERT_FILE"), "{error}");
    assert_eq!(sandbox.count("usage"), 0, "no token was sent there");

    home.write("authority.pem", &front.authority);
    let file = home.path().join("authority.pem");
    home.set("SSL_CERT_FILE", file.to_str().unwrap());
    assert_eq!(home.json(&["usage"]).await.done()["plan"], "plus");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn authority_from_ssl_cert_file_is_trusted_on_loopback() {
    let sandbox = sandbox().await;
    let front = TlsFront::to(&sandbox, "localhost").await;
    let mut home = Home::at_addresses(sandbox.issuer(), &front.on_this_computer());
    sign_in(&home, &sandbox, "ada").await;
    assert_eq!(home.json(&["usage"]).await.error_code(5), "tls");
    assert_eq!(sandbox.count("usage"), 0);
    home.write("authority.pem", &front.authority);
    home.set("SSL_CERT_FILE", home.path().join("authority.pem").to_str().unwrap());
    assert_eq!(home.json(&["usage"]).await.done()["plan"], "plus");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificate_for_another_name_is_not_trusted() {
    let sandbox = sandbox().await;
    let front = TlsFront::to(&sandbox, "elsewhere.test").await;
    let proxy = Proxy::to(&front).await;
    let home = trusting(&proxy, &sandbox, &front).await;
    assert_eq!(home.json(&["usage"]).await.error_code(5), "tls");
    assert_eq!(sandbox.count("usage"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invalid_certificate_file_is_named() {
    let (sandbox, mut home) = signed_in().await;
    home.write("empty.pem", "");
    for name in ["missing.pem", "empty.pem", "config.toml"] {
        home.write("config.toml", "version = 1\n");
        let file = home.path().join(name);
        home.set("SSL_CERT_FILE", file.to_str().unwrap());
        let error = home.json(&["usage"]).await.error(5);
        assert_eq!(error["code"], "tls", "{name}");
        assert!(text(&error, "message").contains(file.to_str().unwrap()), "{error}");
        assert_eq!(home.json(&["status"]).await.code, 0, "{name}: what needs no network goes on");
    }
    assert_eq!(sandbox.all_requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unreachable_addresses_are_reported() {
    let closed_port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr()).unwrap();
    for (issuer, code) in [
        (format!("http://{closed_port}"), "offline"),
        (format!("https://{closed_port}"), "offline"),
        ("https://no-such-host.invalid".to_owned(), "dns"),
    ] {
        let home = Home::at_addresses(&issuer, &format!("{issuer}/backend-api"));
        let ran = home.json(&["login", "--device"]).await;
        let last = ran.documents().pop().unwrap();
        assert_eq!((ran.code, &last["code"]), (5, &json!(code)), "{issuer}: {ran:?}");
        assert!(ran.stderr.contains("error: ") && ran.stderr.contains("hint: "), "{ran:?}");
    }
}

/// A token must not be sent to the target of a redirect.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redirect_is_not_followed() {
    let (sandbox, home) = signed_in().await;
    let other = Sandbox::start(Options::for_tests()).await.unwrap();
    for (endpoint, path) in
        [("usage", "/backend-api/wham/usage"), ("responses", "/backend-api/codex/responses")]
    {
        let location = other.issuer().to_owned() + path;
        let headers = [("location".to_owned(), location)].into();
        sandbox.push_fault(endpoint, Fault::Status { status: 307, body: Value::Null, headers });
    }
    assert_eq!(home.json(&["usage"]).await.error_code(1), "host_not_allowed");
    let test = home.json(&["test"]).await;
    assert_eq!((test.code, &test.json()["stages"][3]["code"]), (1, &json!("host_not_allowed")), "{test:?}");
    assert_eq!(other.all_requests().len(), 0, "{:?}", other.counts());
}
