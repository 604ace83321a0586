//! Stores that cannot be opened, and addresses that a sign-in was not made for.

use std::os::unix::fs::PermissionsExt as _;

use usher_sandbox::{Options, Sandbox};
use usher_tests::{Home, sign_in, signed_in};

const STORE: &str = "secrets.usher";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_store_is_reported_by_every_look_and_moved_by_none() {
    let (sandbox, home) = signed_in().await;
    home.write(STORE, "this is not a store");
    let status = home.json(&["status"]).await;
    assert_eq!(status.code, 1, "{status:?}");
    assert_eq!(status.json()["attention"], "store_corrupt", "{status:?}");
    let finding = &status.json()["store_findings"][0];
    assert_eq!(finding["kind"], "damaged", "{status:?}");
    assert!(finding["files"][0].as_str().unwrap().ends_with(STORE), "{status:?}");
    let shown = home.run(&["status"]).await;
    assert!(shown.stdout.contains("cannot be read") && shown.stderr.contains(STORE), "{shown:?}");
    let doctor = home.run(&["doctor"]).await;
    let line = doctor.stdout.lines().find(|line| line.starts_with("store ")).unwrap_or_default();
    assert!(line.contains("bad") && line.contains(STORE), "{doctor:?}");
    for look in [&["usage"][..], &["models"], &["accounts"], &["pass", "list"], &["login", "--device"]] {
        assert!(home.json(look).await.stdout.contains("store_corrupt"), "{look:?}");
    }
    assert_eq!(home.run(&["doctor", "--repair"]).await.code, 2, "nobody there who could say yes");
    assert_eq!(home.read(STORE), "this is not a store", "the content is unchanged");
    assert_eq!(home.files("damaged"), [""; 0]);

    let repaired = home.json(&["doctor", "--repair", "--yes"]).await;
    let damaged = home.files("damaged");
    assert_eq!(damaged.len(), 1, "{damaged:?}");
    assert_eq!(home.read(&damaged[0]), "this is not a store");
    assert!(repaired.stdout.contains(&damaged[0]), "{repaired:?}");
    assert_eq!(home.json(&["status"]).await.code, 3);
    sign_in(&home, &sandbox, "ada").await;
    assert_eq!(home.json(&["usage"]).await.code, 0);
    assert_eq!(home.files("damaged"), damaged);
}

/// The key is lost in each way; nothing of it is called damage of the store.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_key_is_named_with_its_file_and_what_helps() {
    let (_sandbox, home) = signed_in().await;
    let (_other_sandbox, other) = signed_in().await;
    let store = std::fs::read(home.path().join(STORE)).unwrap();
    for key in [None, Some(other.read("secrets.key")), Some("no key".to_owned())] {
        match &key {
            None => std::fs::remove_file(home.path().join("secrets.key")).unwrap(),
            Some(text) => home.write("secrets.key", text),
        }
        let status = home.run(&["status"]).await;
        assert_eq!(status.code, 1, "{status:?}");
        assert!(status.stderr.contains("secrets.key") && status.stderr.contains("--repair"), "{status:?}");
        assert!(!status.stderr.contains("free space"), "{status:?}");
        let findings = home.json(&["status"]).await.json()["store_findings"].clone();
        assert_eq!(findings[0]["kind"], "other_key", "{findings}");
        assert!(findings[0]["reason"].as_str().unwrap().contains("secrets.key"), "{findings}");
        let login = home.run(&["login", "--device"]).await;
        assert_eq!(login.stderr.matches("error:").count(), 1, "{login:?}");
        assert_eq!(std::fs::read(home.path().join(STORE)).unwrap(), store);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn store_with_wrong_passphrase_stays_closed() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let mut home = Home::at(&sandbox);
    home.set("USHER_PASSPHRASE", "correct horse battery staple");
    sign_in(&home, &sandbox, "ada").await;
    let before = std::fs::read(home.path().join(STORE)).unwrap();
    for wrong in ["incorrect", ""] {
        home.set("USHER_PASSPHRASE", wrong);
        assert_eq!(home.json(&["usage"]).await.error_code(1), "passphrase_needed", "{wrong:?}");
    }
    assert_eq!(std::fs::read(home.path().join(STORE)).unwrap(), before, "nothing was changed");
    home.set("USHER_PASSPHRASE", "correct horse battery staple");
    assert_eq!(home.json(&["usage"]).await.code, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn home_that_is_a_file_is_reported() {
    let (sandbox, mut home) = signed_in().await;
    home.write("file", "");
    let file = home.path().join("file").to_str().unwrap().to_owned();
    home.set("USHER_HOME", &file);
    let output = home.json(&["login", "--device"]).await;
    assert_eq!(output.code, 1, "{output:?}");
    assert!(output.stdout.contains("\"store_unavailable\""), "{output:?}");
    assert_eq!(sandbox.all_requests().len(), 0, "reported before the user has to do anything");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn permissions_for_others_are_reported_and_corrected_after_a_yes() {
    let (_sandbox, home) = signed_in().await;
    for (name, mode, private) in [("secrets.key", 0o644, 0o600), (STORE, 0o660, 0o600), ("", 0o777, 0o700)] {
        let path = home.path().join(name);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let doctor = home.run(&["doctor"]).await.stdout;
        let line = doctor.lines().find(|line| line.starts_with("store ")).unwrap_or_default();
        assert!(line.contains("bad") && line.contains("others may read or change"), "{name}: {doctor}");
        let status = home.run(&["status"]).await;
        assert!(
            status.code == 0 && status.stderr.contains("others may read or change"),
            "{name}: {status:?}"
        );
        let now = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(now(), mode, "a look changes nothing");
        home.run(&["doctor", "--repair", "--yes"]).await;
        assert_eq!(now(), private, "{name}");
    }
    assert_eq!(home.run(&["status"]).await.stderr, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_copy_of_the_store_is_reported_until_it_is_accepted() {
    let (_sandbox, home) = signed_in().await;
    let old = std::fs::read(home.path().join(STORE)).unwrap();
    home.json(&["logout", "--yes"]).await.done();
    std::fs::write(home.path().join(STORE), old).unwrap();
    assert!(home.run(&["status"]).await.stderr.contains("an older copy of secrets.usher was put back"));
    assert!(home.run(&["doctor"]).await.stdout.contains("an older copy of secrets.usher was put back"));
    home.run(&["doctor", "--repair", "--yes"]).await;
    assert_eq!(home.run(&["status"]).await.stderr, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn few_open_files_are_an_error_and_no_panic() {
    let (_sandbox, home) = signed_in().await;
    for limit in 5..16 {
        let script = format!("ulimit -n {limit}; exec \"$0\" status");
        let program = usher_tests::usher();
        let mut command = home.command("/bin/sh", &["-c", &script, program.to_str().unwrap()]);
        let output = command.output().await.unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(!errors.contains("panicked") && output.status.code() != Some(101), "{limit}: {errors}");
    }
}

/// Nothing waits for the other end of a pipe, and nothing is written through a link.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pipe_or_link_in_the_home_is_refused_at_once() {
    for name in [STORE, "secrets.key", "usher.lock", "state.db", "secrets.revision", "gateway.lock"] {
        let (_sandbox, home) = signed_in().await;
        let path = home.path().join(name);
        let _ = std::fs::remove_file(&path);
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        for look in [&["status"][..], &["accounts"], &["use", "gpt-5.5"], &["pass", "new", "one"]] {
            let run = tokio::time::timeout(std::time::Duration::from_secs(30), home.run(look)).await;
            run.unwrap_or_else(|_| panic!("{look:?} waits at {name}"));
        }
    }
    let (_sandbox, home) = signed_in().await;
    let (path, target) = (home.path().join(STORE), home.path().join("target"));
    std::fs::rename(&path, &target).unwrap();
    std::os::unix::fs::symlink(&target, &path).unwrap();
    let refused = home.json(&["pass", "new", "one"]).await;
    assert!(refused.stdout.contains("it is a link"), "{refused:?}");
    assert!(std::fs::symlink_metadata(&path).unwrap().is_symlink());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secret_files_are_private() {
    let (_sandbox, home) = signed_in().await;
    home.json(&["test"]).await.done();
    for name in home.files("") {
        let mode = std::fs::metadata(home.path().join(&name)).unwrap().permissions().mode() & 0o777;
        if name != "config.toml" {
            assert_eq!(mode & 0o077, 0, "{name} is {mode:o}");
        }
    }
    assert!(home.files("").contains(&STORE.to_owned()));
}

/// A credential is only for the addresses that it was created with.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn token_after_address_change_is_not_sent() {
    let (_sandbox, mut home) = signed_in().await;
    let other = Sandbox::start(Options::for_tests()).await.unwrap();
    home.set("USHER_CHATGPT_URL", other.chatgpt());
    assert_eq!(home.json(&["usage"]).await.error_code(3), "sign_in_required");
    home.set("USHER_ISSUER_URL", other.issuer());
    assert_eq!(home.json(&["models"]).await.error_code(3), "sign_in_required");
    assert_eq!(other.all_requests().len(), 0, "{:?}", other.counts());
}

/// Everything in the cache can be fetched again, so its loss is no failure.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_without_cache_work() {
    let (_sandbox, home) = signed_in().await;
    let state = home.path().join("state.db");
    for file in home.files("state.db") {
        std::fs::remove_file(home.path().join(file)).unwrap();
    }
    std::fs::create_dir(&state).unwrap();
    for arguments in [&["status"][..], &["models"], &["usage"], &["test"], &["use", "gpt-5.5"]] {
        home.json(arguments).await.done();
    }
    let doctor = home.run(&["doctor"]).await.stdout;
    let line = doctor.lines().find(|line| line.starts_with("state ")).unwrap_or_else(|| panic!("{doctor}"));
    assert!(line.contains("note") && line.contains("state.db: "), "{line}");
    std::fs::remove_dir(&state).unwrap();
    home.json(&["models"]).await.done();
    assert!(state.is_file());
    let doctor = home.run(&["doctor"]).await.stdout;
    assert!(doctor.lines().any(|line| line.starts_with("state ") && line.contains("ok")), "{doctor}");
}
