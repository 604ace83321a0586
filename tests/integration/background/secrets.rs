//! The background process while the key of the secrets is moved, and one that has no passphrase.

use serde_json::json;
use usher_tests::signed_in;

use super::requests::request;
use super::{Peer, reply, settings_with_port, started};
use crate::settings::secrets::{PASSPHRASE, moved};

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn background_process_goes_on_through_every_move() {
    let Some(keyring) = crate::settings::secrets::keyring::Keyring::start().await else { return };
    let (_sandbox, mut home) = signed_in().await;
    keyring.serve(&mut home);
    let pass = home.run(&["pass", "new", "nightly"]).await.stdout.trim().to_owned();
    let port = settings_with_port(&home, true);
    let _running = started(&home).await;
    let address = format!("http://127.0.0.1:{port}");
    reply(&home, json!({ "do": "switch", "on": true })).await;
    for (to, new) in
        [("keyring", ""), ("file", ""), ("passphrase", PASSPHRASE), ("passphrase", "another one, longer")]
    {
        let done = moved(&home, to, new).await.done();
        assert_eq!(done["background"], json!(null), "it has the passphrase: {done}");
        assert!(request(&address, &pass).await.contains("response.completed"), "after {to}");
        // The next command opens them like the background process, or is given the passphrase.
        home.set("USHER_PASSPHRASE", new);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn background_process_without_the_passphrase_waits_for_it() {
    let (_sandbox, mut home) = signed_in().await;
    let pass = home.run(&["pass", "new", "nightly"]).await.stdout.trim().to_owned();
    moved(&home, "passphrase", PASSPHRASE).await.done();
    let port = settings_with_port(&home, true);
    // As at login: nobody there, and no passphrase.
    home.set("USHER_PASSPHRASE", "");
    let _running = started(&home).await;
    let address = format!("http://127.0.0.1:{port}");
    reply(&home, json!({ "do": "switch", "on": true })).await;
    let refused = request(&address, &pass).await;
    assert!(refused.contains("passphrase") && refused.contains("x-should-retry: false"), "{refused}");

    for (typed, is_right) in [("a wrong passphrase", false), (PASSPHRASE, true)] {
        let mut peer = Peer::ask(&home, json!({ "do": "unlock" })).await;
        peer.send(format!("{typed}\n").as_bytes()).await;
        let answer = peer.line().await.expect("a reply");
        assert_eq!(answer.get("done").is_some(), is_right, "{answer}");
        assert!(!answer.to_string().contains(typed), "{answer}");
    }
    assert!(request(&address, &pass).await.contains("response.completed"));
}
