//! `config.toml` is the person's: read, changed key by key, never lost.

use crate::support::Bench;

#[tokio::test]
async fn a_broken_file_is_named_and_left_alone() {
    let bench = Bench::new().await;
    bench.sign_in("ada").await;
    let path = bench.home.path().join("config.toml");
    std::fs::write(&path, "version = 1\nenabled = \n").expect("written");
    let done = bench.usher(&["use", "gpt-6-luna"]).await;
    assert_eq!((done.exit, done.code().as_str()), (Some(2), "bad_usage"));
    assert!(done.stderr.contains("line 2"), "{}", done.stderr);
    assert_eq!(std::fs::read_to_string(&path).expect("still there"), "version = 1\nenabled = \n");
}

#[tokio::test]
async fn comments_stay_and_the_catalogue_level_is_the_persons() {
    let bench = Bench::new().await;
    let path = bench.home.path().join("config.toml");
    let mine = "# mine\nversion = 1\n\n[providers.chatgpt]\nclient_version = \"0.170.0\" # newer\n";
    std::fs::write(&path, mine).expect("written");
    bench.sign_in("ada").await;
    bench.document(&["use", "gpt-6-luna"]).await;
    let now = std::fs::read_to_string(&path).expect("still there");
    assert!(now.starts_with(mine), "{now}");
    let asked = bench.sandbox.requests("models");
    assert!(asked.iter().all(|one| one.path.ends_with("client_version=0.170.0")), "{asked:?}");
}

#[tokio::test]
async fn two_commands_at_once_lose_nothing() {
    let bench = Bench::new().await;
    bench.sign_in("ada").await;
    for _ in 0..5 {
        let (one, two) =
            tokio::join!(bench.usher(&["use", "gpt-6-luna"]), bench.usher(&["use", "--small", "gpt-6-sol"]));
        assert_eq!((one.exit, two.exit), (Some(0), Some(0)), "{one:?} {two:?}");
        let text = std::fs::read_to_string(bench.home.path().join("config.toml")).expect("written");
        assert!(text.contains("small = \"gpt-6-sol\""), "{text}");
    }
}
