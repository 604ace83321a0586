//! Searches for leaked secrets after a session of plan usage with everything logged, as `auth/secret_search.rs` does for
//! the other sign-in. The ID token is a secret here too: it is a hint in an address that only the browser gets.

use std::fs;

use serde_json::Value;
use usher_sandbox::browser::{Browser, Page};
use usher_sandbox::{Options, PlanGrantOperation, Rule, Sandbox};
use usher_tests::{Home, Output, RecordingProxy, Running, Secrets};

use crate::auth::leftovers::{KEY_FILE, Left, recording_browser};
use crate::auth::secret_search::echoes;

struct Session {
    sandbox: Sandbox,
    proxy: RecordingProxy,
    home: Home,
    left: Left,
    secrets: Secrets,
}

impl Session {
    async fn new() -> Self {
        let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
        let proxy = RecordingProxy::to(&sandbox).await;
        sandbox.change_settings(|settings| settings.plan_usage.issuer = Some(proxy.issuer().to_owned()));
        let mut home = Home::at_addresses(proxy.issuer(), proxy.chatgpt());
        home.set("USHER_PLATFORM_URL", &format!("{}/v1", proxy.issuer()));
        home.set("USHER_LOG", "trace");
        Self { sandbox, proxy, home, left: Left::default(), secrets: Secrets::default() }
    }

    fn note_ran(&mut self, command: &str, output: &Output, on_purpose: &str) {
        self.left.note_ran(&self.home, command, output, on_purpose);
    }

    async fn run(&mut self, arguments: &[&str]) {
        for output in [self.home.run(arguments).await, self.home.json(arguments).await] {
            self.note_ran(&arguments.join(" "), &output, "");
        }
    }

    fn newest(&self, field: &str) -> String {
        self.proxy.response_values(field).pop().unwrap_or_else(|| panic!("no response had {field}"))
    }

    /// Runs a command twice against each response that echoes `secret`.
    async fn run_echoed(&mut self, endpoint: &str, secret: &str, arguments: &[&str]) {
        for fault in echoes(secret) {
            self.sandbox.script(vec![Rule { at: endpoint.to_owned(), times: 2, after: 0, fault }]);
            self.run(arguments).await;
        }
    }

    /// Signs in with a browser that is started, and notes what it was started with.
    async fn sign_in(&mut self, arguments: &[&str]) {
        let folder = recording_browser(&mut self.home);
        let mut login = self.home.start(&[&["login", "--chatgpt", "--json"], arguments].concat());
        let pipe = folder.path().join("opened");
        let opened = tokio::task::spawn_blocking(move || fs::read_to_string(pipe).unwrap()).await.unwrap();
        let state = self.opened(&mut login).await;
        let start = opened.split_whitespace().next().unwrap().to_owned();
        assert!(start.contains("/start/"), "{opened}");
        self.left.note("arguments and environment of the browser", opened);
        self.left.note_running(&self.home, "login", &login);
        let Page { body, status, .. } = Browser::new().approve(&start, "ada").await;
        assert_eq!(status, Some(200), "{body}");
        self.left.note("the page that the browser ends at", body);
        let output = login.end().await;
        assert_eq!(output.code, 0, "{output:?}");
        // Of the address only the state is printed on purpose.
        self.note_ran("login", &output, &state);
    }

    /// Returns the state in the address of the pending sign-in.
    async fn opened(&mut self, login: &mut Running) -> String {
        let url = login.event_named("open").await["url"].as_str().unwrap().to_owned();
        let parsed = url::Url::parse(&url).unwrap();
        let state = parsed.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        self.secrets.add("state", &state);
        state
    }

    fn collect(&mut self) {
        for (field, kind) in
            [("id_token", "id token"), ("access_token", "access token"), ("refresh_token", "refresh token")]
        {
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
        let key = self.home.read(KEY_FILE);
        self.secrets.add("store's key", key.trim());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn session_of_plan_usage_leaves_no_secret() {
    let mut session = Session::new().await;
    session.sign_in(&[]).await;
    for arguments in
        [&["status"][..], &["accounts"], &["models", "--refresh"], &["test"], &["usage"], &["doctor"]]
    {
        session.run(arguments).await;
    }
    let access = session.newest("access_token");
    session.run_echoed("plan.models", &access, &["models", "--refresh"]).await;
    session.run_echoed("plan.responses", &access, &["test"]).await;
    session.sandbox.change_plan_grants(PlanGrantOperation::ExpireAccess, None);
    session.run(&["test"]).await;
    // The page gets the ID token as a hint, and nothing else does.
    session.sign_in(&["--account", "ada@example.com"]).await;
    let hinted =
        session.sandbox.all_requests().iter().any(|one| format!("{one:?}").contains("id_token_hint"));
    assert!(hinted, "the browser was given the hint");
    let refresh = session.newest("refresh_token");
    for fault in echoes(&refresh).into_iter().take(3) {
        session.sandbox.push_fault("plan.revoke", fault);
    }
    session.run(&["logout", "--yes"]).await;
    session.run(&["status"]).await;

    session.collect();
    assert_eq!(session.secrets.kinds().len(), 7, "{:?}", session.secrets.kinds());
    session.left.assert_free_of(&session.secrets);
    session.left.assert_log_was_on();
}
