//! Sign-ins of other programs on this computer: they are listed, never changed, and their tokens are never shown.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::{Value, json};
use usher_sandbox::{Options, Sandbox, TokenSet};
use usher_tests::{Home, Output, Secrets};

pub(crate) const CODEX: &str = ".codex/auth.json";
pub(super) const OPENCODE: &str = ".local/share/opencode/auth.json";
pub(super) const PI: &str = ".pi/agent/auth.json";
const MISSY: &str = ".missy/secrets/openai-oauth.json";
const MISSY_TOO: &str = ".missy/secrets/openai-oauth-work.json";
const CLI_PROXY_API: &str = ".cli-proxy-api/codex-pia@example.com.json";
const GOOSE: &str = ".config/goose/chatgpt_codex/tokens.json";

/// The user's folder, separate from Usher's own, with the files of other programs.
pub(crate) struct Person {
    pub(crate) sandbox: Sandbox,
    pub(crate) home: Home,
    pub(crate) folder: PathBuf,
    secrets: Secrets,
}

/// The content and modification time of every file and folder.
type Listing = BTreeMap<PathBuf, (Option<Vec<u8>>, SystemTime)>;

impl Person {
    pub(crate) async fn new() -> Self {
        let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
        let mut home = Home::at(&sandbox);
        let folder = home.path().join("person");
        fs::create_dir(&folder).unwrap();
        home.set("HOME", folder.to_str().unwrap());
        home.set("PATH", "");
        home.set("USHER_LOG", "trace");
        Self { sandbox, home, folder, secrets: Secrets::default() }
    }

    pub(crate) fn put(&self, path: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Signs `account` in as another program does. Its tokens must not appear in any output.
    pub(crate) fn issue(&mut self, account: &str) -> TokenSet {
        let tokens = self.sandbox.issue(account);
        let refresh = tokens.refresh_token.as_deref().unwrap();
        for (kind, secret) in [
            ("id token", &*tokens.id_token),
            ("access token", &tokens.access_token),
            ("refresh token", refresh),
        ] {
            self.secrets.add(kind, secret);
        }
        tokens
    }

    /// Returns the file that Codex writes after a sign-in at `issuer` (protocol §6).
    pub(crate) fn codex_file(&mut self, account: &str, issuer: Option<&str>) -> Value {
        let tokens = self.issue(account);
        let mut file = json!({
            "auth_mode": "chatgpt",
            "OPENAI_API_KEY": null,
            "tokens": {
                "id_token": tokens.id_token,
                "access_token": tokens.access_token,
                "refresh_token": tokens.refresh_token,
                "login_owner_id": "owner",
            },
            "last_refresh": "2026-11-19T10:00:00.5Z",
        });
        if let Some(issuer) = issuer {
            let provenance = json!({"issuer": issuer, "client_id": "app_EMoamEEZ73f0CkXaXp7hrann"});
            file["tokens"]["oauth_provenance"] = provenance;
        }
        file
    }

    /// Writes the file of a Codex that is signed in as `account`.
    pub(crate) fn put_codex(&mut self, account: &str) {
        let issuer = self.sandbox.issuer().to_owned();
        let file = self.codex_file(account, Some(&issuer));
        self.put(CODEX, file.to_string());
    }

    fn listing(&self) -> Listing {
        let mut listing = Listing::new();
        let mut paths = vec![self.folder.clone()];
        while let Some(path) = paths.pop() {
            let changed = fs::symlink_metadata(&path).unwrap().modified().unwrap();
            let content = path.is_file().then(|| fs::read(&path).unwrap());
            if content.is_none() {
                paths.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            }
            listing.insert(path, (content, changed));
        }
        listing
    }

    /// Runs `usher … --json` and asserts that it shows no token and changes none of the user's files.
    pub(crate) async fn json(&self, arguments: &[&str]) -> Output {
        self.run(&[arguments, &["--json"]].concat()).await
    }

    /// Runs `usher` without `--json`, with the same checks.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        let before = self.listing();
        let output = self.home.run(arguments).await;
        let after = self.listing();
        let differs = |path: &&PathBuf| before.get(*path) != after.get(*path);
        let changed: Vec<&PathBuf> = before.keys().chain(after.keys()).filter(differs).collect();
        assert!(changed.is_empty(), "{arguments:?} changed {changed:?}");
        self.assert_shows_no_token(arguments, &output);
        output
    }

    pub(crate) fn assert_shows_no_token(&self, arguments: &[&str], output: &Output) {
        for (stream, text) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            let found = self.secrets.found_in(text.as_bytes());
            assert_eq!(found, None, "in {stream} of {arguments:?}");
        }
    }

    /// Returns one line per found sign-in: program, e-mail, path below the user's folder, advice.
    async fn found(&self, arguments: &[&str]) -> Vec<String> {
        let document = self.json(&[&["import"], arguments].concat()).await.done();
        let field = |one: &Value, name: &str| one[name].as_str().unwrap_or("-").to_owned();
        let line = |one: &Value| {
            let path = field(one, "place").replace(self.folder.to_str().unwrap(), "~");
            format!("{} {} {path} {}", field(one, "program"), field(one, "email"), field(one, "advice"))
        };
        document["found"].as_array().unwrap().iter().map(line).collect()
    }
}

/// One sign-in of every program, in the formats of protocol §6.
pub(super) async fn with_every_program() -> Person {
    let mut person = Person::new().await;
    person.put_codex("ada");
    let other = person.issue("ben");
    person.put(
        OPENCODE,
        json!({
            "anthropic": {"type": "api", "key": "sk-ant-of-another-provider"},
            "openai": {
                "type": "oauth", "refresh": other.refresh_token, "access": other.access_token,
                "expires": 1_795_168_800_000_i64, "accountId": "org-x",
            },
        })
        .to_string(),
    );
    let other = person.issue("eve");
    let entry =
        json!({"type": "oauth", "refresh": other.refresh_token, "access": other.access_token, "expires": 1});
    person.put(PI, json!({"openai-codex": entry}).to_string());
    for (path, account) in [(MISSY, "fay"), (MISSY_TOO, "ada-work")] {
        let other = person.issue(account);
        let file = json!({
            "provider": "openai-oauth", "client_id": "app_x", "access_token": other.access_token,
            "refresh_token": other.refresh_token, "expires_at": 0, "token_type": "Bearer",
            "email": "of-the-file@example.com",
        });
        person.put(path, file.to_string());
    }
    let other = person.issue("pia");
    let file = json!({
        "type": "codex", "id_token": other.id_token, "access_token": other.access_token,
        "refresh_token": other.refresh_token, "account_id": "acct-of-the-file", "email": "pia@example.com",
        "expired": "2026-11-29T10:00:00Z", "last_refresh": "2026-11-19T18:00:00+08:00",
    });
    person.put(CLI_PROXY_API, file.to_string());
    let other = person.issue("uma");
    let file = json!({
        "access_token": other.access_token, "refresh_token": other.refresh_token, "id_token": other.id_token,
        "expires_at": "2026-11-29T10:00:00Z", "account_id": null,
    });
    person.put(GOOSE, file.to_string());
    person
}

const EVERYTHING: [&str; 7] = [
    "codex ada@example.com ~/.codex/auth.json link",
    "opencode ben@example.com ~/.local/share/opencode/auth.json sign_in",
    "pi eve@example.com ~/.pi/agent/auth.json sign_in",
    "missy ada@example.com ~/.missy/secrets/openai-oauth-work.json sign_in",
    "missy fay@example.com ~/.missy/secrets/openai-oauth.json sign_in",
    "cli-proxy-api pia@example.com ~/.cli-proxy-api/codex-pia@example.com.json sign_in",
    "goose uma@example.com ~/.config/goose/chatgpt_codex/tokens.json sign_in",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_ins_of_every_program_are_listed_and_unchanged() {
    let person = with_every_program().await;
    assert_eq!(person.found(&["--dry-run"]).await, EVERYTHING);
    assert_eq!(person.found(&[]).await, EVERYTHING, "without a program it only lists, too");
    assert_eq!(person.found(&["--from", "pi", "--dry-run"]).await, EVERYTHING[2..3]);
    let output = person.run(&["import", "--dry-run"]).await;
    for line in
        ["Codex CLI: ada@example.com, Plus", "usher import --from codex", "CLIProxyAPI: pia@", "usher login"]
    {
        assert!(output.stdout.contains(line), "{line}: {output:?}");
    }
    assert_eq!(person.sandbox.all_requests().len(), 0, "no request was sent");
    assert_eq!(person.home.files("config.toml").len(), 0, "nothing was linked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_file_is_reported_beside_valid_ones() {
    let mut person = with_every_program().await;
    let token = person.issue("ada").access_token;
    for (broken, at) in [(CODEX, 0), (OPENCODE, 1), (GOOSE, 6)] {
        let intact = fs::read(person.folder.join(broken)).unwrap();
        for text in [format!("{{\"tokens\":{{\"access_token\":\"{token}"), "[]".into(), String::new()] {
            person.put(broken, &text);
            let found = person.json(&["import", "--dry-run"]).await.done();
            let found = found["found"].as_array().unwrap();
            assert_eq!(found.len(), EVERYTHING.len(), "{broken} {text:?}: {found:?}");
            let (good, bad): (Vec<_>, Vec<_>) = found.iter().partition(|one| one["trouble"].is_null());
            let program = EVERYTHING[at].split(' ').next().unwrap();
            assert_eq!((good.len(), bad.len()), (EVERYTHING.len() - 1, 1), "{found:?}");
            assert_eq!((&bad[0]["program"], &bad[0]["email"]), (&json!(program), &Value::Null));
            assert!(bad[0]["place"].as_str().unwrap().ends_with(broken), "{bad:?}");
            let output = person.run(&["import"]).await;
            let why = if text.is_empty() { "it is empty, or sign in to " } else { "it is not what " };
            assert!(output.stdout.contains(why), "{output:?}");
        }
        person.put(broken, intact);
    }
    let found = person.run(&["import"]).await;
    assert!(!found.stdout.contains("\n    in "), "nothing is broken: {found:?}");
    person.put(CODEX, "broken");
    let found = person.run(&["import"]).await;
    assert!(found.stdout.contains(&format!("\n    in {}/{CODEX}", person.folder.display())), "{found:?}");
    let refused = person.json(&["import", "--from", "codex"]).await.error(3);
    assert!(refused["message"].as_str().unwrap().contains("not what Codex CLI writes"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn empty_folder_lists_nothing() {
    let person = Person::new().await;
    assert_eq!(person.found(&[]).await, [""; 0]);
    for program in ["codex", "goose"] {
        let refused = person.json(&["import", "--from", program]).await.error(3);
        assert!(refused["message"].as_str().unwrap().contains(program), "{refused}");
    }
}

/// Within the minute in which the same account is not asked for again.
#[tokio::test]
async fn usage_is_asked_again_when_codex_has_another_account() {
    let mut person = Person::new().await;
    person.home.hurry();
    person.put_codex("ada");
    assert_eq!(person.json(&["import", "--from", "codex"]).await.code, 0);
    for (account, plan) in [("ada", "plus"), ("fay", "free"), ("ada", "plus")] {
        person.put_codex(account);
        for _ in 0..2 {
            let usage = person.json(&["usage", "--provider", "codex-cli"]).await.done();
            assert_eq!(usage["plan"], plan);
        }
    }
    assert_eq!(person.sandbox.requests("usage").len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_program_is_wrong_usage() {
    let person = Person::new().await;
    for program in ["nosuch", "CODEX", "claude", ""] {
        for more in [&[][..], &["--dry-run"]] {
            let arguments = [&["import", "--from", program], more].concat();
            let refused = person.json(&arguments).await;
            assert_eq!(refused.code, 2, "{refused:?}");
            let message = refused.json()["error"]["message"].take();
            for name in ["codex", "opencode", "pi", "missy", "cli-proxy-api", "goose"] {
                assert!(message.as_str().unwrap().contains(name), "{message}");
            }
        }
    }
}

/// An API key is no ChatGPT sign-in, but the advice explains how to use it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codex_with_api_key_gets_advice() {
    let person = Person::new().await;
    person.put(CODEX, json!({"auth_mode": "apikey", "OPENAI_API_KEY": "sk-x"}).to_string());
    let found = person.run(&["import"]).await;
    assert!(found.stdout.contains("signed in with an API key"), "{found:?}");
    let refused = person.json(&["import", "--from", "codex"]).await.error(3);
    assert!(refused["message"].as_str().unwrap().contains("usher login --api-key-stdin"), "{refused}");
}
