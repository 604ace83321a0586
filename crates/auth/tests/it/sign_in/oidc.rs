//! Against npm `oidc-provider`, an authorization server that others wrote (`tests/interop/oidc/server.js`).
//!
//! Proves that Usher follows its rules for PKCE, redirects, rotation, reuse and revocation. JSON bodies are converted to
//! forms in front of it; that they are sent as JSON is proven against the sandbox.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use usher_auth::RevocationStatus;
use usher_domain::ErrorCode;
use usher_sandbox::browser::Browser;

use crate::support::{BROWSER, World, after_401, token};

/// The server as a process of its own; ends with the test.
struct OidcProvider {
    child: Child,
    issuer: String,
}

impl OidcProvider {
    fn start() -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/interop/oidc");
        if !folder.join("node_modules").exists() {
            assert!(std::env::var_os("USHER_TEST_OIDC").is_none(), "npm ci in tests/interop/oidc first");
            println!("not run: npm ci in tests/interop/oidc first");
            return None;
        }
        let mut command = Command::new("node");
        command.arg("server.js").current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first: serde_json::Value =
            lines.map_while(Result::ok).find_map(|line| serde_json::from_str(&line).ok()).unwrap();
        Some(Self { child, issuer: first["issuer"].as_str().unwrap().to_owned() })
    }
}

impl Drop for OidcProvider {
    fn drop(&mut self) {
        // It may have ended already, when a test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn oidc_server_sign_in_refresh_and_revoke_work() {
    let Some(server) = OidcProvider::start() else { return };
    let world = World::new().await.at(&server.issuer);
    let pending = world.start(BROWSER).await;
    let landing = Browser::new().open(&pending.url).await;
    assert_eq!(landing.status, Some(200), "{landing:?}");
    let account = pending.ended().await.unwrap();
    assert_eq!(account.id().0, "user-alice:acct-alice");
    assert_eq!((account.email.as_deref(), account.plan.0.as_str()), (Some("alice@example.com"), "plus"));

    // Its access tokens expire after two minutes, so each new process refreshes.
    let mut last = token(&world.source(&account)).await.unwrap();
    for _ in 0..3 {
        let next = token(&world.source_of(world.another_store(), &account)).await.unwrap();
        assert!(!next.bearer.matches(&last.bearer), "rotated");
        last = next;
    }
    assert_eq!(world.revocation.disconnect(account.id()).await.unwrap(), RevocationStatus::Confirmed);
    assert!(world.summary().sign_ins.is_empty());
}

#[tokio::test]
async fn oidc_server_reused_refresh_token_ends_sign_in() {
    let Some(server) = OidcProvider::start() else { return };
    let world = World::new().await.at(&server.issuer);
    let pending = world.start(BROWSER).await;
    Browser::new().open(&pending.url).await;
    let account = pending.ended().await.unwrap();
    let file = world.home.path().join("secrets.usher");
    let before = std::fs::read(&file).unwrap();
    let used = token(&world.source(&account)).await.unwrap();
    // As from a restored backup: its token was spent by the refresh above.
    std::fs::write(&file, before).unwrap();
    let source = world.source_of(world.another_store(), &account);
    let backup = token(&source).await.err().expect("refused");
    assert_eq!(backup.code, ErrorCode::SignInRevoked, "{backup}");
    assert!(after_401(&source, &used).await.is_err());
    assert_eq!(world.summary().sign_ins[0].ended.as_ref().unwrap().code, ErrorCode::SignInRevoked);
}
