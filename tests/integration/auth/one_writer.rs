//! One writer: any number of processes and callers that need a new token share the result of one refresh.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use nix::sys::signal::Signal;
use usher_sandbox::{Fault, GrantOperation, Options, Sandbox};
use usher_tests::{Home, Running, sign_in};

const PROCESSES: usize = 20;
const CALLERS: usize = 50;
const LONG: Duration = Duration::from_secs(60);
const WEEK: i64 = 7 * 24 * 60 * 60;
/// A slow server, so that all other callers arrive during one refresh.
const SLOW: Fault = Fault::Delay { ms: 1500 };

/// Why a new token is needed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// The token expires in four minutes and still works.
    EndsSoon,
    /// The token has not expired, but the server rejects it.
    Refused,
}

async fn needing_a_token(cause: Cause) -> (Sandbox, Home) {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    if cause == Cause::EndsSoon {
        sandbox.change_settings(|settings| settings.access_token_lifetime_s = 4 * 60);
    }
    sign_in(&home, &sandbox, "ada").await;
    sandbox.change_settings(|settings| settings.access_token_lifetime_s = WEEK);
    if cause == Cause::Refused {
        assert_eq!(sandbox.change_grants(GrantOperation::ExpireAccess, Some("ada")), 1);
    }
    (sandbox, home)
}

/// Returns the tokens of the requests to `endpoint` with their counts.
fn bearers(sandbox: &Sandbox, endpoint: &str) -> Vec<(String, usize)> {
    let all: Vec<String> = sandbox
        .requests(endpoint)
        .iter()
        .map(|request| request.header("authorization").expect("each carries a token").to_owned())
        .collect();
    let different: BTreeSet<&String> = all.iter().collect();
    different.into_iter().map(|one| (one.clone(), all.iter().filter(|other| *other == one).count())).collect()
}

/// Asserts one refresh, for the right reason, and that `callers` of `endpoint` got a token that works.
async fn assert_one_refresh(sandbox: &Sandbox, home: &Home, cause: Cause, endpoint: &str, callers: usize) {
    let refreshes = sandbox.requests("token.refresh_token");
    assert_eq!(refreshes.len(), 1, "{:?}", sandbox.counts());
    let reason = if cause == Cause::EndsSoon { "proactive_expiry" } else { "unauthorized_recovery" };
    assert_eq!(refreshes[0].body["refresh_reason"], reason);
    let before = bearers(sandbox, endpoint);
    assert_eq!(home.json(&["usage"]).await.code, 0);
    let stored = sandbox.requests("usage").pop().unwrap().header("authorization").unwrap().to_owned();
    let with_stored = before.iter().find(|(bearer, _)| *bearer == stored).map_or(0, |(_, count)| *count);
    let with_others: usize = before.iter().map(|(_, count)| count).sum::<usize>() - with_stored;
    match cause {
        // Who waited for the refresh for too long, as on a busy machine, used the old token, which still works.
        Cause::EndsSoon => assert_eq!(with_stored + with_others, callers),
        // The server has seen the old token, too; all must have ended with the new one.
        Cause::Refused => assert_eq!(with_stored, callers),
    }
    assert!(with_stored > 0 && before.len() <= 2, "{} tokens were used", before.len());
    assert_eq!(sandbox.count("token.refresh_token"), 1);
}

async fn twenty_processes(cause: Cause) {
    let (sandbox, home) = needing_a_token(cause).await;
    sandbox.push_fault("token.refresh_token", SLOW);
    // The usage would be asked for by those only that come before its first answer.
    let all = join_all((0..PROCESSES).map(|_| home.json(&["models", "--refresh"]))).await;
    for output in &all {
        assert_eq!(output.done()["stale"], false, "{output:?}");
    }
    assert_one_refresh(&sandbox, &home, cause, "models", PROCESSES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_processes_with_expiring_token_share_one_refresh() {
    twenty_processes(Cause::EndsSoon).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_processes_with_rejected_token_share_one_refresh() {
    twenty_processes(Cause::Refused).await;
}

async fn two_processes_of_fifty_callers(cause: Cause) {
    let (sandbox, home) = needing_a_token(cause).await;
    sandbox.push_fault("token.refresh_token", SLOW);
    let many = || Running::start(home.command(env!("CARGO_BIN_EXE_usher-callers"), &[]));
    let (mut one, mut two) = (many(), many());
    assert_eq!((&one.event().await["ready"], &two.event().await["ready"]), (&true.into(), &true.into()));
    one.type_line(&CALLERS.to_string()).await;
    two.type_line(&CALLERS.to_string()).await;
    for process in [&mut one, &mut two] {
        let outcome = process.event().await;
        assert_eq!(outcome, serde_json::json!({"ok": CALLERS, "failed": []}));
    }
    assert_one_refresh(&sandbox, &home, cause, "usage", 2 * CALLERS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_of_fifty_callers_with_expiring_token_share_one_refresh() {
    two_processes_of_fifty_callers(Cause::EndsSoon).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_of_fifty_callers_with_rejected_token_share_one_refresh() {
    two_processes_of_fifty_callers(Cause::Refused).await;
}

/// Starts a process and stops it during its refresh, while it holds the lock.
async fn stopped_holder(sandbox: &Sandbox, home: &Home) -> Running {
    sandbox.push_fault("token.refresh_token", Fault::Delay { ms: 500 });
    let holder = home.start(&["usage", "--json"]);
    sandbox.wait_for("token.refresh_token", 1, LONG).await.expect("it refreshes");
    holder.signal(Signal::SIGSTOP);
    holder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn command_with_valid_token_waits_seconds_for_stopped_lock_holder() {
    let (sandbox, home) = needing_a_token(Cause::EndsSoon).await;
    let mut holder = stopped_holder(&sandbox, &home).await;
    let began = Instant::now();
    let other = home.json(&["usage"]).await;
    assert_eq!(other.code, 0, "{other:?}");
    assert!(began.elapsed() < Duration::from_secs(10), "it took {:?}", began.elapsed());
    assert!(
        other.stderr.contains(&format!("usher (process {})", holder.id())),
        "the holder is named: {other:?}"
    );
    assert_eq!(sandbox.count("token.refresh_token"), 1, "no refresh without the lock");
    holder.signal(Signal::SIGCONT);
    assert_eq!(holder.end().await.code, 0);
    assert_eq!(home.json(&["usage"]).await.code, 0);
    assert_eq!(sandbox.count("token.refresh_token"), 1, "the stopped process saved its result");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn command_without_valid_token_fails_and_names_lock_holder() {
    let (sandbox, home) = needing_a_token(Cause::Refused).await;
    let mut holder = stopped_holder(&sandbox, &home).await;
    let began = Instant::now();
    let others = join_all((0..3).map(|_| home.json(&["usage"]))).await;
    assert!(began.elapsed() < Duration::from_secs(40), "it took {:?}", began.elapsed());
    for other in &others {
        let error = other.error(1);
        assert_eq!(error["code"], "timeout");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(&format!("usher (process {})", holder.id())), "{message}");
    }
    assert_eq!(home.json(&["status"]).await.code, 0, "reading needs no lock");
    holder.signal(Signal::SIGCONT);
    let holder_output = holder.end().await;
    assert_eq!(holder_output.code, 0, "{holder_output:?}");
    assert_eq!(home.json(&["usage"]).await.code, 0);
    assert_eq!(sandbox.count("token.refresh_token"), 1, "no refresh without the lock");
}

/// A signal ends the command, and not the refresh that it has sent: the new tokens would be lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refresh_that_was_sent_is_saved_before_a_signal_ends_the_program() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let (sandbox, home) = needing_a_token(Cause::Refused).await;
        sandbox.push_fault("token.refresh_token", SLOW);
        let mut models = home.start(&["models", "--refresh", "--json"]);
        sandbox.wait_for("token.refresh_token", 1, LONG).await.expect("it refreshes");
        models.signal(signal);
        let output = models.end().await;
        assert_eq!(output.error_code(1), "cancelled", "{signal}: {output:?}");
        home.json(&["models", "--refresh"]).await.done();
        assert_eq!(sandbox.count("token.refresh_token"), 1, "{signal}: the new token was saved");
    }
}
