//! `kill -9` at every moment of a move: the secrets always open, and the next move cleans up.

use std::process::Stdio;
use std::time::{Duration, Instant};

use usher_tests::{Home, signed_in, usher};

use super::keyring::Keyring;
use super::{assert_signed_in, moved};

/// How many moves are killed, spread over twice the time that one takes: they may take longer than the one that was timed.
const ROUNDS: u32 = 24;

/// Starts a move and kills it after `wait`.
async fn killed_move(home: &Home, to: &str, wait: Duration) {
    let mut command = home.command(usher(), &["preferences", "secrets", to, "--yes"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("usher starts");
    // A point in time is meant, so there is no event to wait for.
    tokio::time::sleep(wait).await;
    child.start_kill().expect("it runs or has ended");
    child.wait().await.expect("it can be waited for");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_move_leaves_secrets_that_open_and_the_next_one_cleans_up() {
    let Some(keyring) = Keyring::start().await else { return };
    let (_sandbox, mut home) = signed_in().await;
    keyring.serve(&mut home);
    let began = Instant::now();
    moved(&home, "keyring", "").await.done();
    let duration = began.elapsed();
    let (mut moves, mut before) = (0, String::from("keyring"));
    for round in 0..ROUNDS {
        let to = if round % 2 == 0 { "file" } else { "keyring" };
        killed_move(&home, to, 2 * duration * round / ROUNDS).await;
        let now = super::place(&home).await.as_str().expect("it is known").to_owned();
        moves += u32::from(now != before);
        assert_signed_in(&home).await;
        // Whatever was left over is removed by the same command.
        let done = moved(&home, to, "").await.done();
        assert_eq!(done["left_over"], serde_json::json!([]), "{done}");
        let keys = (keyring.entries().await, home.files("secrets.key").len());
        assert_eq!(keys, (usize::from(to == "keyring"), usize::from(to == "file")), "round {round}");
        assert_eq!(home.files(".tmp-"), [""; 0], "round {round}");
        before = to.to_owned();
    }
    assert!(
        (1..ROUNDS).contains(&moves),
        "some were killed before the file was replaced, some after: {moves}"
    );
    assert_signed_in(&home).await;
}
