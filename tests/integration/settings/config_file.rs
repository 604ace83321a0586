//! `status` sends no request, `config.toml` is the person's file, and the level of the model catalog is a setting.

use futures_util::future::join_all;
use serde_json::json;
use usher_tests::signed_in;

use crate::auth::leftovers::until_it_waits_at;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_sends_no_request() {
    let (sandbox, home) = signed_in().await;
    // Not even an expired token is refreshed for it.
    sandbox.change_settings(|settings| settings.access_token_lifetime_s = -60);
    sandbox.change_grants(usher_sandbox::GrantOperation::ExpireAccess, None);
    let status = home.json(&["status"]).await.done();
    home.run(&["status"]).await;
    assert_eq!(sandbox.all_requests().len(), 0, "{:?}", sandbox.counts());
    drop(sandbox);
    assert_eq!(home.json(&["status"]).await.done(), status, "the same without a server");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invalid_file_is_reported_with_its_position_and_not_changed() {
    let (_sandbox, home) = signed_in().await;
    let invalid = "# mine\nversion = 1\n[providers.chatgpt\nenabled = true\n";
    home.write("config.toml", invalid);
    for arguments in [&["use", "gpt-5.5"][..], &["status"]] {
        let error = home.json(arguments).await.error(1);
        assert_eq!(error["code"], "settings_unusable", "{arguments:?}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("config.toml, line 3, column 19"), "{message}");
        assert!(error["hint"].as_str().unwrap().contains("Correct config.toml"), "{error}");
        assert_eq!(home.read("config.toml"), invalid);
    }
}

/// Whatever is wrong with the file, the last valid settings are used, and the error and its position are reported.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invalid_file_leaves_the_last_valid_settings_in_force() {
    let (_sandbox, home) = signed_in().await;
    let path = home.path().join("config.toml");
    let cases: [(&str, &dyn Fn()); 4] = [
        ("line 1, column 6: the text is not in UTF-8", &|| std::fs::write(&path, b"a = \"\xff\"\n").unwrap()),
        ("which is not a file", &|| std::fs::create_dir(&path).unwrap()),
        ("which is not a file", &|| nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap()),
        ("which is larger than 1 MiB", &|| std::fs::write(&path, "# so long\n".repeat(1_200_000)).unwrap()),
    ];
    for (expected, invalidate) in cases {
        home.write("config.toml", "[providers.chatgpt]\nenabled = false\n");
        home.run(&["status"]).await;
        std::fs::remove_file(&path).unwrap();
        invalidate();
        let providers = home.run(&["providers"]).await;
        assert!(
            providers.code == 0 && providers.stdout.contains("(chatgpt), your plan, off"),
            "{providers:?}"
        );
        assert!(providers.stderr.contains(expected), "{providers:?}");
        assert!(providers.stderr.contains("the last valid settings stay in force"), "{providers:?}");
        let refused = home.json(&["providers", "enable", "chatgpt"]).await.error(1);
        assert_eq!(refused["code"], "settings_unusable", "{refused}");
        let doctor = home.run(&["doctor"]).await.stdout;
        assert!(doctor.contains(expected), "{doctor}");
        std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir(&path)).unwrap();
    }
}

/// A file from an editor of another system, and one that has only a header.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edit_preserves_byte_order_mark_line_ends_and_header() {
    let (_sandbox, home) = signed_in().await;
    for mine in ["# Header\n# second\n", "\u{feff}# Header\r\n\r\n[future]\r\nx = 1 # why\r\n"] {
        home.write("config.toml", mine);
        home.json(&["use", "gpt-5.5"]).await.done();
        let now = home.read("config.toml");
        let added = now.strip_prefix(mine).unwrap_or_else(|| panic!("{now:?}"));
        assert!(added.contains("model = \"gpt-5.5\""), "{now:?}");
        let ends = if mine.contains('\r') { "\r\n" } else { "\n" };
        assert_eq!(added.matches(ends).count(), added.matches('\n').count(), "{now:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edit_preserves_comments_and_unknown_keys() {
    let (_sandbox, home) = signed_in().await;
    let mine =
        "# mine\nversion = 1\nfuture = \"kept\" # why\n\n[providers.chatgpt]\n# slow today\nenabled = true\n";
    home.write("config.toml", mine);
    home.json(&["use", "gpt-5.5", "--effort", "high"]).await.done();
    let now = home.read("config.toml");
    assert!(now.starts_with(mine), "{now}");
    assert!(now[mine.len()..].contains("model = \"gpt-5.5\""), "{now}");
    home.json(&["use", "gpt-6-sol"]).await.done();
    assert_eq!(home.read("config.toml"), now.replace("gpt-5.5", "gpt-6-sol"), "one word changes");
}

/// Both have read the file and wait for the lock when it is released.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_selections_at_once_are_both_stored() {
    let (_sandbox, home) = signed_in().await;
    let lock = std::fs::File::options().write(true).open(home.path().join("usher.lock")).unwrap();
    lock.lock().unwrap();
    let mut both = [&["use", "gpt-5.5", "--json"][..], &["use", "--small", "gpt-6-luna", "--json"]]
        .map(|one| home.start(one));
    for one in &both {
        until_it_waits_at(one.id(), "usher.lock").await;
    }
    lock.unlock().unwrap();
    for output in join_all(both.iter_mut().map(usher_tests::Running::end)).await {
        assert_eq!(output.code, 0, "{output:?}");
    }
    let chosen = home.json(&["status"]).await.done()["model"].clone();
    assert_eq!((&chosen["id"], &chosen["small"]), (&json!("gpt-5.5"), &json!("gpt-6-luna")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn client_version_is_sent_and_can_be_changed() {
    let (sandbox, home) = signed_in().await;
    home.json(&["models", "--refresh"]).await.done();
    home.write("config.toml", "[providers.chatgpt]\nclient_version = \"0.170.1\"\n");
    home.json(&["models", "--refresh"]).await.done();
    let requests = sandbox.requests("models");
    let levels: Vec<&str> = requests.iter().map(|request| request.path.rsplit('?').next().unwrap()).collect();
    assert_eq!(levels, ["client_version=0.171.0", "client_version=0.170.1"]);
    for request in &requests {
        // The level is not our identity.
        assert_eq!(request.header("originator"), Some("usher"));
        assert!(request.header("user-agent").unwrap().starts_with("usher/"), "{request:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stale_model_list_is_shown_with_its_age_when_offline() {
    let (sandbox, home) = signed_in().await;
    let fresh = home.json(&["models"]).await.done();
    drop(sandbox);
    let stale = home.json(&["models", "--refresh"]).await;
    assert!(stale.stderr.contains("error: OpenAI could not be reached."), "{stale:?}");
    assert_eq!(stale.code, 5, "a refresh was requested");
    let stale = stale.json();
    assert_eq!((&fresh["stale"], &stale["stale"]), (&json!(false), &json!(true)));
    assert_eq!((&stale["models"], &stale["fetched_at"]), (&fresh["models"], &fresh["fetched_at"]));
    assert_eq!(home.json(&["usage"]).await.error_code(5), "offline");
    let test = home.json(&["test"]).await;
    assert_eq!((test.code, &test.json()["stages"][2]["code"]), (5, &json!("offline")), "{test:?}");
}
