//! Against a server on the loopback address, with a shell that notes what it is asked for.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use usher_domain::{ErrorCode, Failure};

use super::*;
use crate::{App, BackgroundProgram, Environment, SystemClock, SystemProcesses};

struct NoBrowser;

impl usher_domain::ports::Browser for NoBrowser {
    fn open(&self, _: &url::Url) -> Result<(), Failure> {
        Ok(())
    }
}

/// Takes packages that are the text of their version, and replaces a file by them.
struct TestInstaller {
    program: std::path::PathBuf,
    restarts: AtomicUsize,
}

impl UpdateInstaller for TestInstaller {
    fn can_install(&self) -> bool {
        true
    }

    fn read_list(&self, list: &Value, _: &UpdateSource) -> Result<Option<UpdateOffer>, Failure> {
        let version = list["version"].as_str().unwrap().to_owned();
        if version == env!("CARGO_PKG_VERSION") {
            return Ok(None);
        }
        let notes = list["notes"].as_str().map(str::to_owned);
        let package = list["url"].as_str().unwrap().parse().unwrap();
        Ok(Some(UpdateOffer { version, notes, package, list: list.clone() }))
    }

    fn check(&self, offer: &UpdateOffer, _: &UpdateSource, package: &[u8]) -> Result<(), Failure> {
        if package == offer.version.as_bytes() {
            return Ok(());
        }
        Err(Failure::new(ErrorCode::UpdateFailed, "the signature is wrong"))
    }

    fn install(&self, _: &UpdateOffer, _: &UpdateSource, package: &[u8]) -> Result<(), Failure> {
        replace_program(&self.program, package)
            .map_err(|error| Failure::new(ErrorCode::UpdateFailed, error.to_string()))
    }

    fn restart(&self) {
        self.restarts.fetch_add(1, Ordering::Relaxed);
    }
}

/// A server with one response for each path.
struct Server {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `body` gives the head after the status, and the body, of a path. Without a body the connection stays open.
    async fn start(body: impl Fn(&str) -> (String, Option<Vec<u8>>) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = vec![0; 4096];
                let length = stream.read(&mut head).await.unwrap();
                let head = String::from_utf8_lossy(&head[..length]).into_owned();
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                seen.lock().push(head);
                let (head, body) = body(&path);
                stream.write_all(format!("HTTP/1.1 {head}\r\n\r\n").as_bytes()).await.unwrap();
                match body {
                    Some(body) => stream.write_all(&body).await.unwrap(),
                    None => open.push(stream),
                }
            }
        });
        Self { address, requests }
    }

    /// A server that offers `version`, whose package is `package`.
    async fn offering(version: &'static str, package: &'static str) -> Self {
        let own = Arc::new(Mutex::new(String::new()));
        let address = Arc::clone(&own);
        let server = Self::start(move |path| {
            let body = match path {
                "/latest.json" => {
                    let url = format!("{}/package", address.lock());
                    json!({ "version": version, "notes": "Faster.\u{202e}\u{7}", "url": url }).to_string()
                }
                _ => package.to_owned(),
            };
            (
                format!("200 OK\r\ncontent-length: {}\r\nconnection: close", body.len()),
                Some(body.into_bytes()),
            )
        })
        .await;
        own.lock().clone_from(&server.address);
        server
    }
}

struct Fixture {
    app: App,
    installer: Arc<TestInstaller>,
    folder: tempfile::TempDir,
}

impl Fixture {
    /// A home whose settings have this table.
    fn new(updates: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), updates).unwrap();
        let environment = Environment::from(|name| match name {
            "USHER_HOME" | "HOME" => Some(folder.path().as_os_str().to_owned()),
            "USHER_SECRETS" => Some("file".into()),
            _ => None,
        });
        let processes = Arc::new(SystemProcesses::default());
        let app =
            App::new(environment.unwrap(), Arc::new(SystemClock), Arc::new(NoBrowser), processes).unwrap();
        let program = folder.path().join("Usher.AppImage");
        std::fs::write(&program, "old").unwrap();
        let installer = Arc::new(TestInstaller { program, restarts: AtomicUsize::new(0) });
        let gateway = app.background.gateway(BackgroundProgram::beside(Some(Path::new("/nowhere/usher"))));
        app.updates.runs_in(UpdateShell { installer: Arc::clone(&installer) as _, gateway });
        Self { app, installer, folder }
    }

    fn from(server: &Server) -> Self {
        Self::new(&format!(
            "[updates]\nendpoint = \"{}/latest.json\"\npublic_key = \"key\"\n",
            server.address
        ))
    }

    fn program(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("Usher.AppImage")).unwrap()
    }

    fn restarts(&self) -> usize {
        self.installer.restarts.load(Ordering::Relaxed)
    }

    async fn install(&self, version: &str) -> (Result<(), Failure>, Vec<UpdateProgress>) {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&seen);
        let on_progress = Arc::new(move |progress: &UpdateProgress| noted.lock().push(progress.clone()));
        let installed = self.app.updates.install(version, on_progress).await;
        let seen = seen.lock().clone();
        (installed, seen)
    }
}

#[tokio::test]
async fn nothing_is_asked_until_address_and_key_are_set() {
    let server = Server::offering("9.0.0", "9.0.0").await;
    let address = format!("[updates]\nautomatic = true\nendpoint = \"{}/latest.json\"\n", server.address);
    for settings in ["", &address, "[updates]\nautomatic = true\npublic_key = \"key\"\n"] {
        let fixture = Fixture::new(settings);
        assert_eq!(fixture.app.updates.view().unwrap().way, UpdateWay::NotSetUp, "{settings}");
        assert!(!fixture.app.updates.is_due());
        assert_eq!(fixture.app.updates.check().await.unwrap_err().code, ErrorCode::BadUsage, "{settings}");
    }
    let fixture = Fixture::from(&server);
    assert_eq!(fixture.app.updates.view().unwrap().way, UpdateWay::InPlace);
    assert!(!fixture.app.updates.is_due(), "not by itself");
    assert!(server.requests.lock().is_empty(), "{:?}", server.requests.lock());
}

#[tokio::test]
async fn new_version_replaces_the_program_and_the_window_starts_again() {
    let server = Server::offering("9.0.0", "9.0.0").await;
    let fixture = Fixture::from(&server);
    fixture.app.updates.set_automatic(true).await.unwrap();
    assert!(fixture.app.updates.is_due());
    fixture.app.updates.check().await.unwrap();
    assert!(!fixture.app.updates.is_due(), "once a day");
    let view = fixture.app.updates.view().unwrap();
    let found = view.found.unwrap();
    assert_eq!(found.version, "9.0.0");
    assert_eq!(
        found.notes.as_deref(),
        Some("Faster.\u{fffd}\u{fffd}"),
        "as text that changes no terminal or page"
    );
    assert_eq!((fixture.program().as_str(), fixture.restarts()), ("old", 0), "nothing without a yes");

    let (installed, seen) = fixture.install("9.0.0").await;
    installed.unwrap();
    assert_eq!((fixture.program().as_str(), fixture.restarts()), ("9.0.0", 1));
    assert_eq!(seen.first(), Some(&UpdateProgress::Downloading { percent: Some(100) }));
    assert_eq!(seen.last(), Some(&UpdateProgress::Installing));
    for request in &*server.requests.lock() {
        assert!(request.to_lowercase().contains("user-agent: usher/"), "{request}");
        assert!(!request.to_lowercase().contains("authorization"), "{request}");
    }
}

#[tokio::test]
async fn same_version_is_no_update_and_another_one_is_not_installed() {
    let server = Server::offering(env!("CARGO_PKG_VERSION"), "x").await;
    let fixture = Fixture::from(&server);
    fixture.app.updates.check().await.unwrap();
    let view = fixture.app.updates.view().unwrap();
    assert_eq!((view.found, view.checked), (None, true));
    let (refused, _) = fixture.install("9.0.0").await;
    assert_eq!(refused.unwrap_err().code, ErrorCode::BadUsage);
    assert_eq!(fixture.program(), "old");
}

#[tokio::test]
async fn package_that_is_not_what_was_signed_changes_nothing() {
    let server = Server::offering("9.0.0", "tampered").await;
    let fixture = Fixture::from(&server);
    fixture.app.updates.check().await.unwrap();
    let (refused, seen) = fixture.install("9.0.0").await;
    assert_eq!(refused.unwrap_err().code, ErrorCode::UpdateFailed);
    assert!(!seen.contains(&UpdateProgress::Installing), "{seen:?}");
    assert_eq!((fixture.program().as_str(), fixture.restarts()), ("old", 0));
    let view = fixture.app.updates.view().unwrap();
    assert_eq!(view.progress, None, "it can be tried again");
    assert!(view.found.is_some());
}

#[tokio::test]
async fn download_that_is_cut_off_or_from_another_host_changes_nothing() {
    let body = json!({ "version": "9.0.0", "url": "http://127.0.0.2:9/package" }).to_string();
    let other_host = Server::start(move |_| {
        (
            format!("200 OK\r\ncontent-length: {}\r\nconnection: close", body.len()),
            Some(body.clone().into_bytes()),
        )
    })
    .await;
    let fixture = Fixture::from(&other_host);
    fixture.app.updates.check().await.unwrap();
    let (refused, _) = fixture.install("9.0.0").await;
    assert_eq!(refused.unwrap_err().code, ErrorCode::HostNotAllowed);
    assert_eq!(fixture.program(), "old");

    let own = Arc::new(Mutex::new(String::new()));
    let address = Arc::clone(&own);
    let cut = Server::start(move |path| match path {
        "/latest.json" => {
            let list =
                json!({ "version": "9.0.0", "url": format!("{}/package", address.lock()) }).to_string();
            let head = format!("200 OK\r\ncontent-length: {}\r\nconnection: close", list.len());
            (head, Some(list.into_bytes()))
        }
        _ => ("200 OK\r\ncontent-length: 500\r\nconnection: close".into(), Some(b"9.0.0".to_vec())),
    })
    .await;
    own.lock().clone_from(&cut.address);
    let fixture = Fixture::from(&cut);
    fixture.app.updates.check().await.unwrap();
    let (refused, _) = fixture.install("9.0.0").await;
    assert!(refused.is_err());
    assert_eq!((fixture.program().as_str(), fixture.restarts()), ("old", 0));
}

#[tokio::test]
async fn server_that_says_nothing_is_cancelled() {
    let own = Arc::new(Mutex::new(String::new()));
    let address = Arc::clone(&own);
    let silent = Server::start(move |path| match path {
        "/latest.json" => {
            let list =
                json!({ "version": "9.0.0", "url": format!("{}/package", address.lock()) }).to_string();
            let head = format!("200 OK\r\ncontent-length: {}\r\nconnection: close", list.len());
            (head, Some(list.into_bytes()))
        }
        _ => ("200 OK\r\ncontent-length: 500".into(), None),
    })
    .await;
    own.lock().clone_from(&silent.address);
    let fixture = Fixture::from(&silent);
    fixture.app.updates.check().await.unwrap();
    let cancelling = async {
        while silent.requests.lock().len() < 2 {
            tokio::task::yield_now().await;
        }
        let (second, _) = fixture.install("9.0.0").await;
        assert_eq!(second.unwrap_err().code, ErrorCode::BadUsage, "one at a time");
        fixture.app.updates.cancel();
    };
    let ((cancelled, _), ()) = tokio::join!(fixture.install("9.0.0"), cancelling);
    assert_eq!(cancelled.unwrap_err().code, ErrorCode::Cancelled);
    assert_eq!((fixture.program().as_str(), fixture.restarts()), ("old", 0));
}

#[tokio::test]
async fn answers_that_are_no_list_are_named() {
    for (head, body, code) in [
        ("404 Not Found", "", ErrorCode::UpstreamError),
        ("302 Found\r\nlocation: /other.json", "", ErrorCode::UpstreamError),
        ("302 Found\r\nlocation: http://127.0.0.2:9/", "", ErrorCode::HostNotAllowed),
        ("200 OK", "<html>sign in to this network</html>", ErrorCode::MalformedAnswer),
    ] {
        let server = Server::start(move |_| {
            let head = format!("{head}\r\ncontent-length: {}\r\nconnection: close", body.len());
            (head, Some(body.as_bytes().to_vec()))
        })
        .await;
        let fixture = Fixture::from(&server);
        assert_eq!(fixture.app.updates.check().await.unwrap_err().code, code, "{head}");
        assert_eq!(server.requests.lock().len(), 1, "no redirect is followed");
    }
    let large = Server::start(|_| {
        let body = vec![b' '; 300 * 1024];
        (format!("200 OK\r\ncontent-length: {}\r\nconnection: close", body.len()), Some(body))
    })
    .await;
    let fixture = Fixture::from(&large);
    assert_eq!(fixture.app.updates.check().await.unwrap_err().code, ErrorCode::MalformedAnswer);
}

#[cfg(unix)]
#[tokio::test]
async fn program_that_cannot_be_replaced_goes_on() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::offering("9.0.0", "9.0.0").await;
    let fixture = Fixture::from(&server);
    fixture.app.updates.check().await.unwrap();
    std::fs::rename(&fixture.installer.program, fixture.folder.path().join("moved")).unwrap();
    let (refused, _) = fixture.install("9.0.0").await;
    assert_eq!(refused.unwrap_err().code, ErrorCode::UpdateFailed);
    assert_eq!(fixture.restarts(), 0);
    std::fs::rename(fixture.folder.path().join("moved"), &fixture.installer.program).unwrap();
    std::fs::set_permissions(&fixture.installer.program, std::fs::Permissions::from_mode(0o755)).unwrap();
    fixture.install("9.0.0").await.0.unwrap();
    let mode = std::fs::metadata(&fixture.installer.program).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755, "it can still be started");
}
