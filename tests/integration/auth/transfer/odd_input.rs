//! Moves with odd passphrases, broken settings on the other computer, and names that are hidden.

use super::{Computers, can_use, export, import, received, sent, text, with_passphrase};

/// Sealed with it means opened with it, whatever it begins and ends with.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passphrase_is_taken_as_it_is() {
    let computers = Computers::new().await;
    let (old, new) = (&computers.old, &computers.new);
    let passphrases = ["i love usher so much \u{2764}\u{fe0f}", "lanterns over the bay\u{200b}"];
    for (number, passphrase) in passphrases.into_iter().enumerate() {
        let file = computers.folder.path().join(format!("{number}.json"));
        let export = ["transfer", "export", text(&file), "--passphrase-stdin"];
        old.json_with_input(&export, passphrase).await.done();
        let trimmed =
            new.json_with_input(&import(&file), passphrase.trim_matches(['\u{200b}', '\u{fe0f}'])).await;
        assert_eq!(trimmed.error_code(1), "passphrase_wrong");
        new.json_with_input(&import(&file), passphrase).await.done();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_arrives_where_the_settings_cannot_be_read() {
    let computers = Computers::new().await;
    let (old, new, file) = (&computers.old, &computers.new, computers.file());
    sent(old, &file).await;
    let broken = "version = \n[";
    new.write("config.toml", broken);
    let refused = with_passphrase(new, &import(&file)).await;
    assert_eq!(refused.error_code(1), "settings_unusable");
    assert_eq!(new.files("secrets.usher"), [""; 0], "nothing was taken over");
    with_passphrase(new, &[&import(&file)[..], &["--no-settings"]].concat()).await.done();
    assert_eq!(new.read("config.toml"), broken);
    new.write("config.toml", "");
    assert!(can_use(new).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusal_shows_no_name_that_is_hidden() {
    let computers = Computers::new().await;
    let (old, new, file) = (&computers.old, &computers.new, computers.file());
    usher_tests::sign_in(new, &computers.sandbox, "ada").await;
    new.json(&["preferences", "set", "hide-personal-data", "on"]).await.done();
    with_passphrase(old, &export(&file)).await.done();
    let refused = with_passphrase(new, &import(&file)).await.error(2);
    let message = refused["message"].as_str().unwrap();
    assert!(message.contains("--replace") && message.contains("Account 1"), "{message}");
    assert!(!message.contains("Personal") && !message.contains("ada"), "{message}");
    received(old, &file).await;
}
