//! One writer: however many processes and callers need a new token, one refresh is made and all get its result.

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
/// The server takes its time, so that all the others come while one refresh is under way.
const SLOW: Fault = Fault::Delay { ms: 1500 };

/// Why a new token is needed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// The old one ends in four minutes; it still works.
    EndsSoon,
    /// The old one looks good here, and the server refuses it.
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

/// The tokens that usage was asked with, each with how often.
fn bearers(sandbox: &Sandbox) -> Vec<(String, usize)> {
    let all: Vec<String> = sandbox
        .requests("usage")
        .iter()
        .map(|request| request.header("authorization").expect("each carries a token").to_owned())
        .collect();
    let different: BTreeSet<&String> = all.iter().collect();
    different.into_iter().map(|one| (one.clone(), all.iter().filter(|other| *other == one).count())).collect()
}

/// One refresh, for the right reason, and afterwards `callers` requests were answered, all with the same token.
async fn assert_one_refresh(sandbox: &Sandbox, home: &Home, cause: Cause, callers: usize) {
    let refreshes = sandbox.requests("token.refresh_token");
    assert_eq!(refreshes.len(), 1, "{:?}", sandbox.counts());
    let reason = if cause == Cause::EndsSoon { "proactive_expiry" } else { "unauthorized_recovery" };
    assert_eq!(refreshes[0].body["refresh_reason"], reason);
    let before = bearers(sandbox);
    // What the store holds now is the token that everybody should have ended with.
    assert_eq!(home.json(&["usage"]).await.code, 0);
    let kept = sandbox.requests("usage").pop().unwrap().header("authorization").unwrap().to_owned();
    let with_kept = before.iter().find(|(bearer, _)| *bearer == kept).map_or(0, |(_, count)| *count);
    assert_eq!(with_kept, callers, "{} tokens were used", before.len());
    // After a refusal the old one was seen as well; before its end nobody used it any more.
    let most = if cause == Cause::EndsSoon { 1 } else { 2 };
    assert!(before.len() <= most, "{} tokens were used", before.len());
    assert_eq!(sandbox.count("token.refresh_token"), 1);
}

async fn twenty_processes(cause: Cause) {
    let (sandbox, home) = needing_a_token(cause).await;
    sandbox.push_fault("token.refresh_token", SLOW);
    let all = join_all((0..PROCESSES).map(|_| home.json(&["usage"]))).await;
    for ran in &all {
        assert_eq!(ran.done()["plan"], "plus", "{ran:?}");
    }
    assert_one_refresh(&sandbox, &home, cause, PROCESSES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_processes_share_one_refresh_before_the_end() {
    twenty_processes(Cause::EndsSoon).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_processes_share_one_refresh_after_a_refusal() {
    twenty_processes(Cause::Refused).await;
}

async fn two_processes_of_fifty_callers(cause: Cause) {
    let (sandbox, home) = needing_a_token(cause).await;
    sandbox.push_fault("token.refresh_token", SLOW);
    let many = || Running::start(home.command(env!("CARGO_BIN_EXE_usher-many"), &[]));
    let (mut one, mut two) = (many(), many());
    assert_eq!((&one.event().await["ready"], &two.event().await["ready"]), (&true.into(), &true.into()));
    one.type_line(&CALLERS.to_string()).await;
    two.type_line(&CALLERS.to_string()).await;
    for process in [&mut one, &mut two] {
        let outcome = process.event().await;
        assert_eq!(outcome, serde_json::json!({"ok": CALLERS, "failed": []}));
    }
    assert_one_refresh(&sandbox, &home, cause, 2 * CALLERS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_of_fifty_callers_share_one_refresh_before_the_end() {
    two_processes_of_fifty_callers(Cause::EndsSoon).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_of_fifty_callers_share_one_refresh_after_a_refusal() {
    two_processes_of_fifty_callers(Cause::Refused).await;
}

/// A process that was stopped in the middle of its refresh, while it holds the lock.
async fn stopped_holder(sandbox: &Sandbox, home: &Home) -> Running {
    sandbox.push_fault("token.refresh_token", Fault::Delay { ms: 500 });
    let holder = home.start(&["usage", "--json"]);
    sandbox.wait_for("token.refresh_token", 1, LONG).await.expect("it refreshes");
    holder.signal(Signal::SIGSTOP);
    holder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_token_that_still_works_a_stopped_holder_costs_seconds() {
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
    assert_eq!(sandbox.count("token.refresh_token"), 1, "nobody refreshes past the lock");
    holder.signal(Signal::SIGCONT);
    assert_eq!(holder.end().await.code, 0);
    assert_eq!(home.json(&["usage"]).await.code, 0);
    assert_eq!(sandbox.count("token.refresh_token"), 1, "the stopped one had kept its result");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_one_the_wait_is_bounded_and_names_the_holder() {
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
    let held = holder.end().await;
    assert_eq!(held.code, 0, "{held:?}");
    assert_eq!(home.json(&["usage"]).await.code, 0);
    assert_eq!(sandbox.count("token.refresh_token"), 1, "nobody refreshed past the lock");
}
