//! A whole move, and files that are refused.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use serde_json::json;
use usher_sandbox::{Fault, GrantOperation, Options, Sandbox};
use usher_tests::{Home, Output, RecordingProxy, Secrets, device_login, sign_in};

use super::{Computers, PASSPHRASE, can_use, export, import, received, sent, text, with_passphrase};
use crate::auth::leftovers::files;
use crate::gateway::dialects::{responses_request, serving};

const KEY: &str = "sk-sandbox-0123456789abcd";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_key_and_settings_are_moved_and_the_file_opens_once() {
    let computers = Computers::new().await;
    let (old, new, file) = (&computers.old, &computers.new, computers.file());
    old.json_with_input(&["login", "--api-key-stdin"], KEY).await.done();
    old.json(&["preferences", "set", "activity-days", "30"]).await.done();

    let left = sent(old, &file).await;
    assert_eq!(left["accounts"], json!([{"name": "Personal", "email": "ada@example.com"}]));
    assert_eq!((&left["keys"], &left["stays"]), (&json!(["openai"]), &json!([])));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    computers.sandbox.reset();
    assert_eq!(old.json(&["usage"]).await.error_code(3), "sign_in_moved");
    assert_eq!(old.json(&["test", "--provider", "openai"]).await.code, 3, "the key has left as well");
    assert_eq!(computers.sandbox.all_requests().len(), 0, "nothing of it was sent");

    let looked =
        with_passphrase(new, &["transfer", "import", text(&file), "--passphrase-stdin", "--dry-run"]).await;
    assert_eq!(looked.done()["received"], json!(null));
    assert!(!can_use(new).await, "a look changes nothing");
    let arrived = received(new, &file).await;
    assert_eq!(arrived["received"]["accounts"], left["accounts"]);
    assert_eq!(arrived["received"]["settings_changed"], 2, "{arrived}");
    assert!(can_use(new).await && !can_use(old).await);
    let preferences = new.json(&["preferences"]).await.done();
    let days =
        preferences["preferences"].as_array().unwrap().iter().find(|one| one["name"] == "activity-days");
    assert_eq!(days.unwrap()["value"], "30");

    let third = Home::at(&computers.sandbox);
    for home in [old, new, &third] {
        let again = with_passphrase(home, &import(&file)).await;
        assert_eq!(again.error_code(1), "transfer_opened");
    }
    // The moved sign-in is the other computer's: it is not revoked where it is deleted.
    old.json(&["logout", "--yes"]).await.done();
    assert_eq!(computers.sandbox.count("revoke"), 0);
    computers.sandbox.change_grants(GrantOperation::ExpireAccess, None);
    assert!(can_use(new).await, "it is refreshed there");
    assert_eq!(computers.sandbox.count("token.refresh_token"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_alone_leave_the_sign_in_where_it_is() {
    let computers = Computers::new().await;
    let (old, new, file) = (&computers.old, &computers.new, computers.file());
    old.json(&["preferences", "set", "activity-days", "30"]).await.done();
    with_passphrase(old, &["transfer", "export", text(&file), "--passphrase-stdin"]).await.done();
    assert!(can_use(old).await);
    received(new, &file).await;
    assert!(can_use(old).await && !can_use(new).await);
    assert_eq!(with_passphrase(new, &import(&file)).await.error_code(1), "transfer_opened");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn file_that_is_opened_at_home_is_taken_back_and_a_copy_is_refused() {
    let computers = Computers::new().await;
    let (old, file) = (&computers.old, computers.file());
    sent(old, &file).await;
    let copy = computers.folder.path().join("copy.json");
    std::fs::copy(&file, &copy).unwrap();
    received(old, &file).await;
    assert!(can_use(old).await);
    assert_eq!(computers.sandbox.count("revoke"), 0);
    assert_eq!(with_passphrase(old, &import(&copy)).await.error_code(1), "transfer_opened");
}

/// No file knows of its copy. The server rotates the token at the first refresh, and the other computer says why.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copy_that_is_opened_on_another_computer_ends_with_the_true_reason() {
    let computers = Computers::new().await;
    let (old, new, file) = (&computers.old, &computers.new, computers.file());
    sent(old, &file).await;
    let copy = computers.folder.path().join("copy.json");
    std::fs::copy(&file, &copy).unwrap();
    received(new, &file).await;
    let third = Home::at(&computers.sandbox);
    received(&third, &copy).await;
    computers.sandbox.change_grants(GrantOperation::ExpireAccess, None);
    assert!(can_use(new).await);
    computers.sandbox.change_grants(GrantOperation::ExpireAccess, None);
    assert_eq!(third.json(&["usage"]).await.error_code(3), "sign_in_reused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_passphrase_and_changed_file_change_nothing() {
    let computers = Computers::new().await;
    let (old, new, file) = (&computers.old, &computers.new, computers.file());
    let short = old.json_with_input(&export(&file), "short").await;
    assert_eq!(short.error_code(2), "bad_usage");
    assert!(can_use(old).await && computers.files().is_empty());
    sent(old, &file).await;

    let wrong = new.json_with_input(&import(&file), "eight lanterns over the bay").await;
    assert_eq!(wrong.error_code(1), "passphrase_wrong");
    let whole = std::fs::read_to_string(&file).unwrap();
    for changed in [whole.replace("65536", "65537"), whole[..whole.len() / 2].to_owned(), "{}".to_owned()] {
        std::fs::write(&file, changed).unwrap();
        let refused = with_passphrase(new, &import(&file)).await;
        assert!(
            ["transfer_unusable", "passphrase_wrong"].contains(&refused.error_code(1).as_str()),
            "{refused:?}"
        );
    }
    assert_eq!(new.files("secrets.usher"), [""; 0], "nothing was kept");
    std::fs::write(&file, &whole).unwrap();
    let taken = with_passphrase(old, &export(&file)).await;
    assert_eq!(taken.error_code(2), "bad_usage", "no file is overwritten");
    // By one name only: it would be left under the other.
    let second = computers.folder.path().join("second.json");
    std::fs::hard_link(&file, &second).unwrap();
    assert_eq!(with_passphrase(new, &import(&file)).await.error_code(1), "transfer_unusable");
    std::fs::remove_file(&second).unwrap();
    std::os::unix::fs::symlink(&file, &second).unwrap();
    received(new, &second).await;
    assert!(can_use(new).await);
    assert_eq!(
        with_passphrase(new, &import(&file)).await.error_code(1),
        "transfer_opened",
        "the link led to it"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_that_is_here_already_is_replaced_only_when_asked() {
    let computers = Computers::new().await;
    let (old, new, file) = (&computers.old, &computers.new, computers.file());
    sign_in(new, &computers.sandbox, "ada").await;
    sent(old, &file).await;
    let refused = with_passphrase(new, &import(&file)).await;
    assert!(refused.error(2)["message"].as_str().unwrap().contains("--replace"), "{refused:?}");
    assert!(computers.files().iter().all(|name| name == "transfer.json"), "the file stays as it is");
    with_passphrase(new, &[&import(&file)[..], &["--replace"]].concat()).await.done();
    assert!(can_use(new).await);
    assert_eq!(computers.sandbox.count("revoke"), 1, "the one that was here is of no use to anybody");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_ask_and_name_what_is_missing_without_a_terminal() {
    let computers = Computers::new().await;
    let (old, new, file) = (&computers.old, &computers.new, computers.file());
    for arguments in [
        &["transfer", "export", text(&file), "--sign-ins", "--passphrase-stdin"][..],
        &["transfer", "export", text(&file)],
        &["transfer", "import", text(&file), "--passphrase-stdin"],
        &["transfer", "import", text(&file), "--yes"],
        &["transfer", "cancel"],
    ] {
        assert_eq!(with_passphrase(old, arguments).await.error_code(2), "bad_usage", "{arguments:?}");
    }
    let nobody = with_passphrase(new, &export(&file)).await;
    assert!(nobody.error(2)["message"].as_str().unwrap().contains("no sign-in and no key"), "{nobody:?}");
    assert!(computers.files().is_empty());
}

#[tokio::test]
async fn move_ends_running_responses_of_the_account() {
    let (sandbox, home, gateway) = serving().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("transfer.json");
    sandbox.push_fault("responses", Fault::HangAfter { events: 3 });
    let running = async { gateway.post("/v1/responses", &responses_request(true)).await };
    let moved = async {
        sandbox.wait_for("responses", 1, Duration::from_secs(30)).await.expect("the request arrived");
        sent(&home, &file).await;
    };
    let (cut, ()) = tokio::join!(running, moved);
    assert!(cut.body.contains("moved to another computer"), "{cut:?}");
    let refused = gateway.post("/v1/responses", &responses_request(false)).await;
    assert_eq!(refused.status, 403, "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn move_leaves_no_secret_in_files_and_outputs() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let proxy = RecordingProxy::to(&sandbox).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("transfer.json");
    let homes = [0, 1].map(|_| {
        let mut home = Home::at_addresses(proxy.issuer(), proxy.chatgpt());
        home.set("USHER_LOG", "trace");
        home
    });
    let [old, new] = &homes;
    assert_eq!(device_login(old, &sandbox, "ada").await.code, 0);
    old.json_with_input(&["login", "--api-key-stdin"], KEY).await.done();
    let mut secrets = Secrets::default();
    for kind in ["access_token", "refresh_token"] {
        for secret in proxy.response_values(kind) {
            secrets.add("token", &secret);
        }
    }
    secrets.add("key", KEY);
    secrets.add("passphrase", PASSPHRASE);

    let mut outputs = vec![with_passphrase(old, &export(&file)).await];
    let mut left = files(folder.path());
    for dry in [true, false] {
        let arguments = import(&file);
        let arguments = if dry { [&arguments[..4], &["--dry-run"]].concat() } else { arguments.to_vec() };
        let mut command = new.start(&arguments);
        command.type_line(PASSPHRASE).await;
        outputs.push(command.end().await);
    }
    assert!(outputs.iter().all(|output| output.code == 0), "{outputs:?}");
    outputs.push(with_passphrase(old, &import(&file)).await);
    for home in &homes {
        left.extend(files(home.path()));
    }
    left.extend(files(folder.path()));
    for (path, content) in &left {
        assert_eq!(secrets.found_in(content), None, "{path}");
    }
    for Output { stdout, stderr, .. } in &outputs {
        assert_eq!(
            secrets.found_in(stdout.as_bytes()).or(secrets.found_in(stderr.as_bytes())),
            None,
            "{outputs:?}"
        );
    }
    assert!(
        left.iter().any(|(path, content)| path == "transfer.json" && content.len() > 1000),
        "it was sealed"
    );
}
