//! Searches for leaked secrets after a complete session with everything logged: each sign-in method, each command,
//! refreshes, responses that echo a token, a kill. Every secret that was transferred is searched for in both outputs,
//! in every file of the home during and after commands, in arguments and environment of every process, and in the page
//! that the browser showed.
//!
//! Secrets that are printed on purpose are allowed in that one output: the address to open, which contains the state,
//! and the code to enter.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use usher_sandbox::browser::{Browser, Page};
use usher_sandbox::{Fault, GrantOperation, Options, Rule, Sandbox};
use usher_tests::{Home, Output, RecordingProxy, Running, Secrets, device_login};

use crate::auth::leftovers::{KEY_FILE, Left, files, recording_browser};

const LONG: Duration = Duration::from_secs(60);
/// The code of a redirect of another sign-in.
const STRAY_CODE: &str = "ac_stray_Xq81mZ0vTb57RkwY2c";

struct Session {
    sandbox: Sandbox,
    proxy: RecordingProxy,
    home: Home,
    left: Left,
    secrets: Secrets,
}

impl Session {
    async fn new() -> Self {
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        let proxy = RecordingProxy::to(&sandbox).await;
        let mut home = Home::at_addresses(proxy.issuer(), proxy.chatgpt());
        let temporary = home.path().join("tmp");
        fs::create_dir(&temporary).unwrap();
        home.set("TMPDIR", temporary.to_str().unwrap());
        home.set("USHER_LOG", "trace");
        Self { sandbox, proxy, home, left: Left::default(), secrets: Secrets::default() }
    }

    /// Adds the output of a command; `on_purpose` is printed for the user.
    fn note_ran(&mut self, command: &str, output: &Output, on_purpose: &str) {
        self.left.note_ran(&self.home, command, output, on_purpose);
    }

    fn note_running(&mut self, command: &str, process: &Running) {
        self.left.note_running(&self.home, command, process);
    }

    /// Runs a command without and with `--json`.
    async fn run(&mut self, arguments: &[&str]) {
        for output in [self.home.run(arguments).await, self.home.json(arguments).await] {
            self.note_ran(&arguments.join(" "), &output, "");
        }
    }

    /// Returns the newest value of a field in the responses so far.
    fn newest(&self, field: &str) -> String {
        self.proxy.response_values(field).pop().unwrap_or_else(|| panic!("no response had {field}"))
    }

    fn refuse_access(&self) {
        self.sandbox.change_grants(GrantOperation::ExpireAccess, None);
    }

    /// Returns every secret of requests, responses and files.
    fn collect(&mut self) {
        for (field, kind) in [
            ("id_token", "id token"),
            ("access_token", "access token"),
            ("refresh_token", "refresh token"),
            ("authorization_code", "code for a device"),
            ("code_verifier", "verifier for a device"),
            ("device_auth_id", "device's id"),
            ("user_code", "device's code"),
        ] {
            for secret in self.proxy.response_values(field) {
                self.secrets.add(kind, &secret);
            }
        }
        for request in self.sandbox.all_requests() {
            for (field, kind) in [("code", "code"), ("code_verifier", "verifier")] {
                if let Some(secret) = request.body.get(field).and_then(Value::as_str) {
                    self.secrets.add(kind, secret);
                }
            }
        }
        self.secrets.add("stray code", STRAY_CODE);
        let key = self.home.read(KEY_FILE);
        self.secrets.add("store's key", key.trim());
    }
}

/// Returns the address of the pending sign-in and adds its state to the secrets.
async fn opened(session: &mut Session, login: &mut Running) -> String {
    let url = login.event_named("open").await["url"].as_str().unwrap().to_owned();
    let state = url::Url::parse(&url)
        .unwrap()
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
        .into_owned();
    session.secrets.add("state", &state);
    url
}

async fn sign_in_by_browser(session: &mut Session) {
    let browser_folder = recording_browser(&mut session.home);
    let mut login = session.home.start(&["login", "--json"]);
    let pipe = browser_folder.path().join("opened");
    let recorded = tokio::task::spawn_blocking(move || fs::read_to_string(pipe).unwrap()).await.unwrap();
    let url = opened(session, &mut login).await;
    // Other users can read the arguments, so they have a page that works once, and never the address of the sign-in page.
    assert!(
        recorded.contains("http://127.0.0.1:1455/start/") && recorded.contains("USHER_HOME="),
        "{recorded}"
    );
    session.left.note("arguments and environment of the browser", recorded);
    let stray = format!("http://127.0.0.1:1455/auth/callback?code={STRAY_CODE}&state=wrong");
    assert_eq!(Browser::new().open(&stray).await.status, Some(400));
    session.note_running("login", &login);
    let Page { status, body, .. } = Browser::new().approve(&url, "ada").await;
    assert_eq!(status, Some(200));
    session.left.note("the page that the browser ends at", body);
    let output = login.end().await;
    assert_eq!(output.code, 0, "{output:?}");
    session.note_ran("login", &output, &url);
}

async fn sign_in_by_pasting(session: &mut Session) {
    let mut login = session.home.start(&["login", "--paste", "--json"]);
    let url = opened(session, &mut login).await;
    let landing = Browser::new().approve(&url, "pia").await;
    assert_eq!(landing.status, None, "the port is closed");
    session.note_running("login --paste", &login);
    login.type_line(&landing.url.as_str().replace("state=", "state=x")).await;
    login.type_line(&format!("http://127.0.0.1:1455/auth/callback?code={STRAY_CODE}")).await;
    login.type_line(landing.url.as_str()).await;
    let output = login.end().await;
    assert_eq!((output.code, output.stderr.matches("error: ").count()), (0, 2), "{output:?}");
    session.note_ran("login --paste", &output, &url);
}

async fn sign_in_by_device(session: &mut Session, expected: i32) {
    let output = device_login(&session.home, &session.sandbox, "eve").await;
    assert_eq!(output.code, expected, "{output:?}");
    let code = session.newest("user_code");
    session.note_ran("login --device", &output, &code);
}

fn status(status: u16, body: Value, headers: &[(&str, &str)]) -> Fault {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Fault::Status { status, body, headers: headers.collect::<BTreeMap<_, _>>() }
}

/// Returns errors and responses that echo `secret` wherever a server could.
pub(crate) fn echoes(secret: &str) -> Vec<Fault> {
    let inside = STANDARD.encode(json!({"error": {"code": secret, "message": secret}}).to_string());
    vec![
        status(
            400,
            json!({"error": {"code": secret, "type": secret, "param": secret, "message": format!("bad token {secret}")}}),
            &[],
        ),
        status(500, json!({"error": secret, "error_description": format!("Bearer {secret}!")}), &[]),
        status(503, json!({"detail": {"code": secret, "message": [secret]}}), &[("x-error-json", &inside)]),
        status(
            429,
            json!({"detail": format!("{{\"token\":\"{secret}\"}}"), "code": secret}),
            &[("retry-after", secret)],
        ),
        status(
            403,
            json!(format!("<html>{secret}</html>")),
            &[("content-type", "text/html"), ("cf-ray", secret)],
        ),
        status(302, json!(secret), &[("location", &format!("http://127.0.0.1:9/{secret}"))]),
        Fault::Malformed { body: format!("{{\"access_token\":\"{secret}\",\"plan_type\":{{\"{secret}\":") },
        Fault::Malformed { body: secret.to_owned() },
    ]
}

/// Injects `fault` at `endpoint` into both runs of a command.
async fn run_with(session: &mut Session, endpoint: &str, fault: Fault, arguments: &[&str]) {
    session.sandbox.script(vec![Rule { at: endpoint.to_owned(), times: 2, after: 0, fault: fault.clone() }]);
    if endpoint == "token.refresh_token" {
        session.refuse_access();
    }
    session.run(arguments).await;
    let pending = session.sandbox.pending_faults();
    assert!(pending.is_empty(), "{fault:?} did not strike {arguments:?}");
}

/// Runs commands against responses that echo the tokens.
async fn echoed(session: &mut Session) {
    for fault in echoes(&session.newest("access_token")) {
        run_with(session, "usage", fault, &["usage"]).await;
    }
    for fault in echoes(&session.newest("access_token")).into_iter().take(2) {
        run_with(session, "models", fault.clone(), &["models", "--refresh"]).await;
        run_with(session, "responses", fault, &["test"]).await;
    }
    let token = session.newest("access_token");
    for event in [
        json!({"type": "response.failed", "response": {"error": {"code": token, "message": token}}}),
        json!({"type": "error", "code": token, "message": token}),
    ] {
        run_with(session, "responses", Fault::Event { event, after_events: 1 }, &["test"]).await;
    }
    for fault in echoes(&session.newest("refresh_token")) {
        // The server rotated the token with a malformed response, so the stored one is invalid and the sign-in is lost.
        if !matches!(fault, Fault::Malformed { .. }) {
            run_with(session, "token.refresh_token", fault, &["usage"]).await;
        }
    }
    let at_the_server = session.newest("access_token");
    let refused = status(401, json!({"error": {"code": "token_expired", "message": at_the_server}}), &[]);
    run_with(session, "usage", refused, &["usage"]).await;
}

/// Kills a refresh while the refresh token is in transit.
async fn killed(session: &mut Session) {
    session.refuse_access();
    let before = session.sandbox.count("token.refresh_token");
    session.sandbox.push_fault("token.refresh_token", Fault::Hang);
    let mut usage = session.home.start(&["usage", "--json"]);
    session.sandbox.wait_for("token.refresh_token", before + 1, LONG).await.expect("it refreshes");
    session.note_running("a refresh", &usage);
    usage.signal(Signal::SIGKILL);
    let output = usage.end().await;
    session.note_ran("a usage that was killed", &output, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callback_ports_session_leaves_no_secret() {
    let mut session = Session::new().await;
    // The token expires so soon that the next command refreshes it early.
    session.sandbox.change_settings(|settings| settings.access_token_lifetime_s = 4 * 60);
    sign_in_by_browser(&mut session).await;
    session.sandbox.change_settings(|settings| settings.access_token_lifetime_s = 7 * 24 * 60 * 60);
    session.run(&["usage"]).await;
    assert_ne!(session.sandbox.count("token.refresh_token"), 0, "it was refreshed early");
    for arguments in [
        &["status"][..],
        &["models"],
        &["models", "--refresh"],
        &["use", "gpt-5.5", "--effort", "high"],
        &["test"],
        &["doctor"],
    ] {
        session.run(arguments).await;
    }
    echoed(&mut session).await;
    killed(&mut session).await;
    session.run(&["usage"]).await;
    sign_in_by_pasting(&mut session).await;

    // A rejection that ends the sign-in is stored and reported again by each command.
    let refresh = session.newest("refresh_token");
    session.refuse_access();
    let ended = json!({"error": {"code": format!("no_{refresh}"), "message": refresh}});
    session.sandbox.push_fault("token.refresh_token", status(401, ended, &[]));
    session.run(&["usage"]).await;
    session.run(&["status"]).await;

    let code_refused = echoes(STRAY_CODE).remove(0);
    session.sandbox.push_fault("token.authorization_code", code_refused);
    sign_in_by_device(&mut session, 1).await;
    sign_in_by_device(&mut session, 0).await;
    session.run(&["usage"]).await;
    for fault in echoes(&session.newest("refresh_token")).into_iter().take(2) {
        session.sandbox.push_fault("revoke", fault);
    }
    session.run(&["logout", "--yes"]).await;
    session.run(&["usage"]).await;
    assert_nothing_left(session);
}

fn assert_nothing_left(mut session: Session) {
    session.collect();
    assert_eq!(
        session.secrets.kinds().len(),
        12,
        "every kind was transferred: {:?}",
        session.secrets.kinds()
    );
    session.left.assert_free_of(&session.secrets);

    // Control: the search finds existing text, the sandbox has seen these tokens, and everything was logged.
    let mut printed = Secrets::default();
    printed.add("e-mail", "ada@example.com");
    assert!(session.left.all().any(|what| printed.found_in(what).is_some()), "who is signed in was printed");
    let requests = session.sandbox.all_requests().into_iter().map(|request| format!("{request:?}"));
    assert!(
        requests.into_iter().filter(|one| session.secrets.found_in(one.as_bytes()).is_some()).count() > 20
    );
    session.left.assert_log_was_on();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passphrase_is_stored_nowhere() {
    const PASSPHRASE: &str = "correct horse battery staple";
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let mut home = Home::at(&sandbox);
    home.set("USHER_PASSPHRASE", PASSPHRASE);
    home.set("USHER_LOG", "trace");
    let mut output = vec![device_login(&home, &sandbox, "ada").await, home.json(&["usage"]).await];
    assert!(output.iter().all(|output| output.code == 0), "{output:?}");
    home.set("USHER_PASSPHRASE", &PASSPHRASE.replace("horse", "zebra"));
    output.push(home.json(&["usage"]).await);
    assert_eq!(output[2].error_code(1), "passphrase_needed");

    let mut secrets = Secrets::default();
    secrets.add("passphrase", PASSPHRASE);
    for (path, content) in files(home.path()) {
        assert_eq!(secrets.found_in(&content), None, "{path}");
    }
    for Output { stdout, stderr, .. } in &output {
        assert_eq!(secrets.found_in(stdout.as_bytes()).or(secrets.found_in(stderr.as_bytes())), None);
    }
}
