//! Searches for leaks of entered secrets: keys, secret headers and access tokens from standard input or the
//! environment, and the tokens of other programs' files. Every command that uses them runs with everything logged, also
//! against servers that echo requests; then each secret is searched for in everything that the commands left.

use std::fs;
use std::path::Path;

use serde_json::json;
use tempfile::TempDir;
use usher_sandbox::{Fault, Options, Rule, Sandbox};
use usher_tests::{Home, Secrets};

use crate::auth::leftovers::{KEY_FILE, Left};
use crate::auth::secret_search::echoes;

const SERVICE: &str = "openai-compatible:groq";
const PLATFORM_KEY: &str = "sk-sandbox-pL8vQ2mZx0Tb57RkwY2c";
const ENVIRONMENT_KEY: &str = "sk-sandbox-eN4cJ7hWs9Ud31FgaK6o";
const SERVICE_KEY: &str = "sk-sandbox-sV5nB1rXi3Ml86PzqH0e";
const REPLACED_KEY: &str = "sk-sandbox-oL2dY9tCu7Ga40EjvM3i";
const REFUSED_KEY: &str = "sk-rF6bK3wNo8Qe52LxyD7a";
const HEADER: &str = "hV1kS8gPz6Rm94TfnC5u";
const ACCESS_TOKEN: &str = "at-sandbox-ben-3918462057";
const REFUSED_TOKEN: &str = "at-rT7jA5xIe2Wv68NsbO9q";

struct Session {
    sandbox: Sandbox,
    home: Home,
    /// The folder of other programs' files; separate, because those contain their tokens on purpose.
    _person: TempDir,
    left: Left,
    secrets: Secrets,
}

impl Session {
    async fn new() -> Self {
        let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
        let mut home = Home::at(&sandbox);
        let person = tempfile::tempdir().unwrap();
        home.set("HOME", person.path().to_str().unwrap());
        home.set("USHER_LOG", "trace");
        let mut secrets = Secrets::default();
        put_codex(&sandbox, person.path(), &mut secrets);
        for (kind, secret) in [
            ("key of the Platform", PLATFORM_KEY),
            ("key of the environment", ENVIRONMENT_KEY),
            ("key of a service", SERVICE_KEY),
            ("replaced key", REPLACED_KEY),
            ("refused key", REFUSED_KEY),
            ("secret header", HEADER),
            ("access token", ACCESS_TOKEN),
            ("refused access token", REFUSED_TOKEN),
        ] {
            secrets.add(kind, secret);
        }
        Self { sandbox, home, _person: person, left: Left::default(), secrets }
    }

    /// Runs a command without and with `--json`.
    async fn run(&mut self, arguments: &[&str]) {
        for output in [self.home.run(arguments).await, self.home.json(arguments).await] {
            self.left.note_ran(&self.home, &arguments.join(" "), &output, "");
        }
    }

    /// Runs a command both ways with `secret` on standard input and asserts the exit status.
    async fn give(&mut self, arguments: &[&str], secret: &str, code: i32) {
        for arguments in [arguments.to_vec(), [arguments, &["--json"]].concat()] {
            let mut running = self.home.start(&arguments);
            self.left.note_running(&self.home, &arguments.join(" "), &running);
            running.type_line(secret).await;
            let output = running.end().await;
            assert_eq!(output.code, code, "{arguments:?}: {output:?}");
            self.left.note_ran(&self.home, &arguments.join(" "), &output, "");
        }
    }

    /// Runs a command both ways while `endpoint` echoes `secret` in every form.
    async fn repeated(&mut self, endpoint: &str, secret: &str, arguments: &[&str]) {
        for fault in echoes(secret) {
            let rule = Rule { at: endpoint.to_owned(), times: 2, after: 0, fault };
            self.sandbox.script(vec![rule]);
            self.run(arguments).await;
            assert!(self.sandbox.pending_faults().is_empty(), "{endpoint} was not asked by {arguments:?}");
        }
        for event in [
            json!({"type": "response.failed", "response": {"error": {"code": secret, "message": secret}}}),
            json!({"type": "error", "code": secret, "message": secret}),
        ] {
            if endpoint.ends_with("responses") {
                let fault = Fault::Event { event, after_events: 1 };
                self.sandbox.script(vec![Rule { at: endpoint.to_owned(), times: 2, after: 0, fault }]);
                self.run(arguments).await;
            }
        }
    }
}

/// Writes the file of a Codex that is signed in as Ada.
fn put_codex(sandbox: &Sandbox, person: &Path, secrets: &mut Secrets) {
    let tokens = sandbox.issue("ada");
    let file = json!({
        "auth_mode": "chatgpt",
        "OPENAI_API_KEY": null,
        "tokens": {
            "id_token": tokens.id_token,
            "access_token": tokens.access_token,
            "refresh_token": tokens.refresh_token,
            "oauth_provenance": {"issuer": sandbox.issuer(), "client_id": "app_x"},
        },
    });
    fs::create_dir(person.join(".codex")).unwrap();
    fs::write(person.join(".codex/auth.json"), file.to_string()).unwrap();
    secrets.add("id token of Codex", &tokens.id_token);
    secrets.add("access token of Codex", &tokens.access_token);
    secrets.add("refresh token of Codex", &tokens.refresh_token.unwrap());
}

async fn look_at_everything(session: &mut Session) {
    for arguments in [
        &["status"][..],
        &["providers", "list"],
        &["accounts", "list"],
        &["import"],
        &["import", "--dry-run"],
        &["import", "--from", "codex"],
        &["doctor"],
        &["doctor", "--export"],
    ] {
        session.run(arguments).await;
    }
}

/// Runs every command that sends requests to `provider`.
async fn use_provider(session: &mut Session, provider: &str) {
    for arguments in [&["status"][..], &["models"], &["models", "--refresh"], &["test"], &["usage"]] {
        session.run(&[arguments, &["--provider", provider]].concat()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entered_secrets_are_left_nowhere() {
    let mut session = Session::new().await;
    let base = format!("{}/both", session.sandbox.compatible());

    session.give(&["login", "--api-key-stdin"], REPLACED_KEY, 0).await;
    session.give(&["login", "--api-key-stdin"], PLATFORM_KEY, 0).await;
    use_provider(&mut session, "openai").await;
    for endpoint in ["platform.models", "platform.responses"] {
        session.repeated(endpoint, PLATFORM_KEY, &["test", "--provider", "openai"]).await;
    }
    session.run(&["logout", "--provider", "openai", "--yes"]).await;
    session.give(&["login", "--api-key-stdin"], REFUSED_TOKEN, 3).await;

    session.run(&["providers", "add", "openai-compatible", "--name", "groq", "--base-url", &base]).await;
    session.give(&["providers", "set", SERVICE, "--api-key-stdin"], REFUSED_KEY, 0).await;
    use_provider(&mut session, SERVICE).await;
    session.give(&["providers", "set", SERVICE, "--api-key-stdin"], SERVICE_KEY, 0).await;
    session.give(&["providers", "set", SERVICE, "--header-stdin", "x-team"], HEADER, 0).await;
    use_provider(&mut session, SERVICE).await;
    for secret in [SERVICE_KEY, HEADER] {
        session.repeated("compatible.models", secret, &["models", "--refresh", "--provider", SERVICE]).await;
        session.repeated("compatible.responses", secret, &["test", "--provider", SERVICE]).await;
    }
    session.run(&["providers", "set", SERVICE, "--wire", "chat_completions"]).await;
    session.repeated("compatible.chat_completions", HEADER, &["test", "--provider", SERVICE]).await;
    // The key stays with the address that it was saved for.
    session.run(&["providers", "set", SERVICE, "--base-url", "http://localhost:9"]).await;
    use_provider(&mut session, SERVICE).await;

    session.give(&["login", "--access-token-stdin"], REFUSED_TOKEN, 3).await;
    for fault in echoes(ACCESS_TOKEN) {
        // An unfollowed redirect, an HTML page, a malformed response: each has its own code.
        session.sandbox.script(vec![Rule { at: "whoami".into(), times: 1, after: 0, fault }]);
        let output = session.home.json_with_input(&["login", "--access-token-stdin"], ACCESS_TOKEN).await;
        assert_ne!(output.code, 0, "{output:?}");
        session.left.note_ran(&session.home, "login --access-token-stdin", &output, "");
    }
    session.give(&["login", "--access-token-stdin"], ACCESS_TOKEN, 0).await;
    use_provider(&mut session, "chatgpt").await;
    session.repeated("usage", ACCESS_TOKEN, &["usage"]).await;

    session.home.set("OPENAI_API_KEY", ENVIRONMENT_KEY);
    use_provider(&mut session, "openai").await;
    session.repeated("platform.responses", ENVIRONMENT_KEY, &["test", "--provider", "openai"]).await;
    look_at_everything(&mut session).await;
    use_provider(&mut session, "codex-cli").await;
    let token = session.sandbox.issue("ada").access_token;
    session.secrets.add("another access token", &token);
    session.repeated("responses", &token, &["test", "--provider", "codex-cli"]).await;
    look_at_everything(&mut session).await;
    session.run(&["providers", "remove", SERVICE]).await;
    session.run(&["logout", "--yes"]).await;
    assert_nothing_left(session);
}

fn assert_nothing_left(mut session: Session) {
    let key = session.home.read(KEY_FILE);
    session.secrets.add("store's key", key.trim());
    session.left.assert_free_of(&session.secrets);
    session.left.assert_log_was_on();

    // Control: the sandbox has seen each of them.
    let requests: Vec<String> =
        session.sandbox.all_requests().iter().map(|request| format!("{request:?}")).collect();
    for sent in [PLATFORM_KEY, ENVIRONMENT_KEY, SERVICE_KEY, REFUSED_KEY, HEADER, ACCESS_TOKEN, REFUSED_TOKEN]
    {
        assert!(requests.iter().any(|request| request.contains(sent)), "{sent} was sent");
    }
    let exported = session.home.path().join("logs/diagnostics.txt");
    assert!(fs::read_to_string(exported).unwrap().contains("host "), "the export was written");
}
