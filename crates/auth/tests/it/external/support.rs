//! A user's folder with the files of every program, in the formats of protocol §6.

use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tempfile::TempDir;
use usher_auth::{Discovery, ExternalPaths, ExternalSignIn, discover};
use usher_domain::UnixTime;

/// 2026-11-20T10:00:00Z.
pub(crate) const NOW: UnixTime = UnixTime(1_795_168_800);
/// Nine days later, as in tokens, in files with seconds or milliseconds, and in RFC 3339.
pub(crate) const LATER: i64 = NOW.0 + 9 * 24 * 60 * 60;
const LATER_IN_WORDS: &str = "2026-11-29T10:00:00Z";
/// The text in every secret of every file; no output may contain it.
pub(crate) const MARK: &str = "rt_marked_refresh_token_0123456789";

/// A user's folder with files of programs.
pub(crate) struct Computer {
    pub(crate) home: TempDir,
    pub(crate) paths: ExternalPaths,
}

impl Computer {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let config = Some(home.path().join(".config"));
        let paths = ExternalPaths { home: Some(home.path().to_owned()), config, ..ExternalPaths::default() };
        Self { home, paths }
    }

    pub(crate) fn put(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn put_json(&self, path: &str, value: &Value) -> PathBuf {
        self.put(path, value.to_string())
    }

    pub(crate) fn find(&self) -> Discovery {
        let found = discover(&self.paths, NOW);
        let shown = format!("{found:?} {}", serde_json::to_string(&found).unwrap());
        assert!(!shown.contains(MARK), "a secret is shown: {shown}");
        assert!(!shown.contains("eyJ"), "a token is shown: {shown}");
        found
    }

    pub(crate) fn one(&self) -> ExternalSignIn {
        let mut found = self.find();
        assert_eq!((found.sign_ins.len(), found.errors.len()), (1, 0), "{found:?}");
        found.sign_ins.remove(0)
    }
}

/// Returns an unsigned token with `claims`.
pub(crate) fn token(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(&json!({"alg":"none"})), part(claims))
}

/// Returns an access token of `person` that expires at `exp`.
pub(crate) fn access(person: &str, exp: i64) -> String {
    token(&json!({
        "exp": exp,
        "https://api.openai.com/auth": {
            "chatgpt_account_id": format!("acct-{person}"),
            "chatgpt_user_id": format!("user-{person}"),
            "chatgpt_plan_type": "plus",
        },
        "https://api.openai.com/profile": { "email": format!("{person}@example.com") },
    }))
}

/// Returns what Codex writes for `person`.
pub(crate) fn codex_file(person: &str, exp: i64) -> Value {
    json!({
        "auth_mode": "chatgpt",
        "OPENAI_API_KEY": null,
        "tokens": {
            "id_token": token(&json!({"email": format!("{person}@example.com")})),
            "access_token": access(person, exp),
            "refresh_token": MARK,
            "account_id": format!("acct-{person}"),
            "oauth_provenance": { "issuer": "https://auth.openai.com", "client_id": "app_x" },
            "login_owner_id": "owner",
        },
        "last_refresh": "2026-11-19T10:00:00.5Z",
    })
}

pub(crate) fn opencode_file() -> Value {
    json!({
        "anthropic": { "type": "api", "key": MARK },
        "openai": { "type": "oauth", "refresh": MARK, "access": access("bo", LATER), "expires": 1, "accountId": "org-x" },
    })
}

pub(crate) fn pi_file() -> Value {
    json!({
        "anthropic": { "type": "oauth", "refresh": MARK, "access": "x", "expires": 1 },
        "openai-codex": {
            "type": "oauth", "refresh": MARK, "access": "opaque", "expires": LATER * 1000 + 7, "accountId": "acct-pi",
        },
    })
}

pub(crate) fn missy_file(person: &str) -> Value {
    json!({
        "provider": "openai-oauth", "client_id": "app_x", "access_token": access(person, LATER),
        "refresh_token": MARK, "expires_at": 0, "token_type": "Bearer", "account_id": "auth0|sub",
        "email": "other@example.com", "account_name": "",
    })
}

pub(crate) fn cliproxyapi_file(person: &str) -> Value {
    json!({
        "type": "codex", "id_token": token(&json!({"email": format!("{person}@example.com")})),
        "access_token": "opaque", "refresh_token": MARK, "account_id": format!("acct-{person}"),
        "email": format!("{person}@example.com"), "expired": LATER_IN_WORDS,
        "last_refresh": "2026-11-19T18:00:00+08:00",
    })
}

pub(crate) fn goose_file() -> Value {
    json!({
        "access_token": "opaque", "refresh_token": MARK, "id_token": access("gil", 1),
        "expires_at": LATER_IN_WORDS, "account_id": null,
    })
}

pub(crate) const OPENCODE: &str = ".local/share/opencode/auth.json";
pub(crate) const PI: &str = ".pi/agent/auth.json";
pub(crate) const GOOSE: &str = if cfg!(windows) {
    ".config/Block/goose/config/chatgpt_codex/tokens.json"
} else {
    ".config/goose/chatgpt_codex/tokens.json"
};

/// Returns a folder with a file of every program.
pub(crate) fn everything() -> Computer {
    let computer = Computer::new();
    computer.put_json(".codex/auth.json", &codex_file("ada", LATER));
    computer.put_json(OPENCODE, &opencode_file());
    computer.put_json(PI, &pi_file());
    computer.put_json(".missy/secrets/openai-oauth.json", &missy_file("mia"));
    computer.put_json(".missy/secrets/openai-oauth-work.json", &missy_file("max"));
    computer.put_json(".cli-proxy-api/codex-cy@example.com.json", &cliproxyapi_file("cy"));
    computer.put_json(".cli-proxy-api/codex-di@example.com.json", &cliproxyapi_file("di"));
    computer.put_json(GOOSE, &goose_file());
    computer
}
