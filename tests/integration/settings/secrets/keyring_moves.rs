//! Moves to and from a real keyring: open, locked, and one that refuses to write or to delete.

use serde_json::json;
use usher_tests::{Home, signed_in};

use super::keyring::Keyring;
use super::{PASSPHRASE, assert_signed_in, moved, place};

/// Returns a home that is signed in, with its key in a file, beside a keyring that it may use.
async fn with_keyring() -> Option<(usher_sandbox::Sandbox, Home, Keyring)> {
    let keyring = Keyring::start().await?;
    let (sandbox, mut home) = signed_in().await;
    keyring.serve(&mut home);
    Some((sandbox, home, keyring))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_move_to_the_keyring_and_back_in_every_direction() {
    let Some((_sandbox, mut home, keyring)) = with_keyring().await else { return };
    home.set("USHER_PASSPHRASE", PASSPHRASE);
    for to in ["keyring", "file", "keyring", "passphrase", "keyring"] {
        let from = place(&home).await;
        let new = if to == "passphrase" { PASSPHRASE } else { "" };
        let done = moved(&home, to, new).await.done();
        assert_eq!((&done["from"], &done["place"], &done["left_over"]), (&from, &json!(to), &json!([])));
        assert_signed_in(&home).await;
        assert_eq!(place(&home).await, to);
        let keys = (keyring.entries().await, home.files("secrets.key").len());
        assert_eq!(keys, (usize::from(to == "keyring"), usize::from(to == "file")), "one key, after {to}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keyring_that_refuses_to_delete_is_named_until_it_deletes() {
    let Some((_sandbox, home, keyring)) = with_keyring().await else { return };
    moved(&home, "keyring", "").await.done();
    keyring.refuse("Item", "Delete").await;
    for is_first in [true, false] {
        let done = moved(&home, "file", "").await.done();
        assert_eq!(done["moved"], is_first, "{done}");
        assert_eq!(done["left_over"][0]["place"], "keyring", "{done}");
        assert_signed_in(&home).await;
    }
    let shown = home.run(&["preferences", "secrets", "file", "--yes"]).await;
    assert!(shown.stderr.contains("the old key in the keyring could not be removed"), "{shown:?}");
    keyring.refuse_nothing().await;
    let done = moved(&home, "file", "").await.done();
    assert_eq!((&done["moved"], &done["left_over"]), (&json!(false), &json!([])));
    assert_eq!(keyring.entries().await, 0);
    keyring.refuse("Item", "Delete").await;
    assert_eq!(moved(&home, "keyring", "").await.code, 1, "a keyring that does not delete is not used");
    assert_signed_in(&home).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keyring_that_refuses_to_write_or_is_locked_changes_nothing() {
    let Some((_sandbox, home, keyring)) = with_keyring().await else { return };
    let files = || ["secrets.usher", "secrets.key"].map(|name| home.read(name));
    let before = files();
    keyring.refuse("Collection", "CreateItem").await;
    assert_eq!(moved(&home, "keyring", "").await.error_code(1), "store_unavailable");
    keyring.refuse_nothing().await;
    keyring.lock().await;
    assert_eq!(moved(&home, "keyring", "").await.error_code(1), "store_locked");
    assert_eq!(files(), before);
    assert_signed_in(&home).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_in_a_locked_keyring_stay_there() {
    let Some((_sandbox, home, keyring)) = with_keyring().await else { return };
    moved(&home, "keyring", "").await.done();
    let sealed = home.read("secrets.usher");
    keyring.lock().await;
    for (to, new) in [("file", ""), ("passphrase", PASSPHRASE)] {
        assert_eq!(moved(&home, to, new).await.error_code(1), "store_locked", "{to}");
    }
    assert_eq!(home.read("secrets.usher"), sealed);
    assert_eq!((keyring.entries().await, home.files("secrets.key").len()), (1, 0));
}
