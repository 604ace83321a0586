//! Moves without a keyring, and what is asked and refused before one.

use serde_json::{Value, json};
use usher_sandbox::{Options, Sandbox};
use usher_tests::{Home, Terminal, signed_in};

use super::{PASSPHRASE, assert_signed_in, moved, place};

const OTHER: &str = "another one, longer";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_move_between_file_and_passphrases() {
    let (_sandbox, mut home) = signed_in().await;
    assert_eq!(place(&home).await, "file");
    let old_key = home.read("secrets.key");
    let done = moved(&home, "passphrase", PASSPHRASE).await.done();
    assert_eq!(
        (&done["from"], &done["place"], &done["moved"]),
        (&json!("file"), &json!("passphrase"), &json!(true))
    );
    assert_eq!(home.files("secrets.key"), [""; 0], "the old key is gone");
    assert_eq!(home.json(&["usage"]).await.error_code(1), "passphrase_needed");
    home.write("secrets.key", &old_key);
    assert_eq!(home.json(&["usage"]).await.error_code(1), "passphrase_needed", "the old key opens nothing");

    home.set("USHER_PASSPHRASE", PASSPHRASE);
    assert_signed_in(&home).await;
    moved(&home, "passphrase", OTHER).await.done();
    assert_eq!(home.files("secrets.key"), [""; 0], "what a killed process left is removed");
    assert_eq!(
        home.json(&["usage"]).await.error_code(1),
        "passphrase_needed",
        "the old passphrase opens nothing"
    );
    home.set("USHER_PASSPHRASE", OTHER);
    assert_signed_in(&home).await;
    let status = home.run(&["status"]).await.stdout;
    assert!(status.contains("opened by a passphrase"), "{status}");
    let doctor = home.run(&["doctor"]).await.stdout;
    assert!(doctor.contains("sealed file, opened by a passphrase"), "{doctor}");

    moved(&home, "file", "").await.done();
    home.set("USHER_PASSPHRASE", "");
    assert_signed_in(&home).await;
    let again = moved(&home, "file", "").await.done();
    assert_eq!((&again["moved"], &again["left_over"]), (&json!(false), &json!([])));
    assert_signed_in(&home).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_wish_changes_nothing() {
    let (_sandbox, mut home) = signed_in().await;
    let files = || ["secrets.usher", "secrets.key"].map(|name| home.read(name));
    let before = files();
    for passphrase in ["eleven char", " has a space before it", "has\ta tab in it"] {
        assert_eq!(moved(&home, "passphrase", passphrase).await.error_code(2), "bad_usage", "{passphrase:?}");
    }
    // USHER_SECRETS=file is set.
    let refused = moved(&home, "keyring", "").await.error(2);
    assert!(refused["message"].as_str().unwrap().contains("USHER_SECRETS=file"), "{refused}");
    for no_answer in
        [&["passphrase"][..], &["file"], &["passphrase", "--yes"], &["file", "--passphrase-stdin"]]
    {
        let command = [&["preferences", "secrets"], no_answer].concat();
        assert_eq!(home.json(&command).await.error_code(2), "bad_usage", "{command:?}");
    }
    assert_eq!(home.json(&["preferences", "secrets", "cloud"]).await.code, 2);
    assert_eq!(files(), before);
    home.set("USHER_PASSPHRASE", "not needed");
    assert_signed_in(&home).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn person_is_asked_and_types_a_passphrase_twice() {
    let (_sandbox, home) = signed_in().await;
    let mut no = Terminal::start(&home, &["preferences", "secrets", "passphrase"]);
    let before = no.shows("Change this?").await;
    assert!(before.contains("key in a file beside it") && before.contains("neither can you"), "{before}");
    no.types("n\n").await;
    assert_eq!(no.end().await.0, 1);
    for (second, status, place_now) in
        [("correct horse bakery staple", 2, "file"), (PASSPHRASE, 0, "passphrase")]
    {
        let mut yes = Terminal::start(&home, &["preferences", "secrets", "passphrase"]);
        yes.shows("Change this?").await;
        yes.types("y\n").await;
        yes.shows("New passphrase: ").await;
        yes.types(&format!("{PASSPHRASE}\n")).await;
        yes.shows("The same again: ").await;
        yes.types(&format!("{second}\n")).await;
        let (code, shown) = yes.end().await;
        assert_eq!(code, status, "{shown}");
        assert!(!shown.contains("horse"), "what is typed is not shown: {shown}");
        assert_eq!(place(&home).await, place_now);
    }
    // The passphrase that opens it now is asked for, too.
    let mut back = Terminal::start(&home, &["preferences", "secrets", "file"]);
    back.shows("as they are now: ").await;
    back.types(&format!("{PASSPHRASE}\n")).await;
    back.shows("Change this?").await;
    back.types("y\n").await;
    let (code, shown) = back.end().await;
    assert_eq!(code, 0, "{shown}");
    assert_signed_in(&home).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn choice_before_the_first_sign_in_is_kept() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let mut home = Home::at(&sandbox);
    let done = moved(&home, "passphrase", PASSPHRASE).await.done();
    assert_eq!(done["from"], Value::Null);
    home.set("USHER_PASSPHRASE", PASSPHRASE);
    usher_tests::sign_in(&home, &sandbox, "ada").await;
    assert_eq!(place(&home).await, "passphrase");
    assert_eq!(home.files("secrets.key"), [""; 0]);
    assert_signed_in(&home).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_moves_at_once_leave_one_that_opens() {
    let (_sandbox, mut home) = signed_in().await;
    home.set("USHER_PASSPHRASE", PASSPHRASE);
    let (one, two) = tokio::join!(moved(&home, "passphrase", PASSPHRASE), moved(&home, "file", ""));
    one.done();
    two.done();
    assert_signed_in(&home).await;
    let has_key_file = !home.files("secrets.key").is_empty();
    assert_eq!(place(&home).await, if has_key_file { "file" } else { "passphrase" });
}
