//! `usher preferences secrets`: the key of the secrets is moved, and no sign-in is ever lost.

#[cfg(target_os = "linux")]
pub(crate) mod keyring;
#[cfg(target_os = "linux")]
mod keyring_moves;
#[cfg(target_os = "linux")]
mod killed;
mod moves;

use serde_json::Value;
use usher_tests::{Home, Output};

pub(crate) const PASSPHRASE: &str = "correct horse battery staple";

/// Moves the secrets; `passphrase` is the new one.
pub(crate) async fn moved(home: &Home, place: &str, passphrase: &str) -> Output {
    let command = ["preferences", "secrets", place, "--yes"];
    match passphrase {
        "" => home.json(&command).await,
        new => home.json_with_input(&[&command[..], &["--passphrase-stdin"]].concat(), new).await,
    }
}

async fn place(home: &Home) -> Value {
    home.json(&["preferences", "secrets"]).await.done()["place"].clone()
}

/// Asserts that Ada is still signed in and that her sign-in can be used.
pub(crate) async fn assert_signed_in(home: &Home) {
    let status = home.json(&["status"]).await.done();
    assert_eq!(status["account"]["email"], "ada@example.com", "{status}");
    home.json(&["usage"]).await.done();
}
