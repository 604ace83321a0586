//! Processes of their own that need a token of one plan sign-in at once, or are killed while they refresh it.

use std::io::Read as _;
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::Duration;

use usher_auth::{LockTimeouts, RefreshingTokenSource, Store};
use usher_domain::{Account, AccountId, Endpoints, ErrorCode, OAuthProvider};
use usher_sandbox::{Fault, Rule};

use super::MINUTE;
use crate::support::{LONG, MovedClock, World, client, file_store, hash, run_test_in_process, token};

const REFRESH: &str = "plan.token.refresh_token";
const KEYS: &str = "plan.keys";
const HOME: &str = "USHER_TEST_PLAN_HOME";
const ISSUER: &str = "USHER_TEST_PLAN_ISSUER";
const ACCOUNT: &str = "USHER_TEST_PLAN_ACCOUNT";
const CLOCK: &str = "USHER_TEST_PLAN_CLOCK";
const PROCESSES: usize = 20;
/// A slow server, so that all other processes arrive during one refresh.
const SLOW: Fault = Fault::Delay { ms: 1500 };

/// Runs as a process of its own, started by the tests below.
#[tokio::test]
#[ignore = "prints a token of the sign-in that its environment names"]
async fn helper_prints_token() {
    let Some(home) = std::env::var_os(HOME) else { return };
    let text = |name: &str| std::env::var(name).unwrap();
    let (home, issuer) = (std::path::Path::new(&home), text(ISSUER));
    let provider = OAuthProvider::chatgpt(Endpoints::parse(&issuer, &issuer).unwrap());
    let clock = Arc::new(MovedClock::default());
    clock.forward(text(CLOCK).parse().unwrap());
    let store = Arc::new(Store::new(home, &hash(home), file_store(), clock.clone()));
    let timeouts = LockTimeouts { while_valid: LONG, when_needed: LONG };
    let (http, account) = (client(&provider), AccountId(text(ACCOUNT)));
    let source = RefreshingTokenSource::new(store, http, provider, clock, account, timeouts);
    println!("\ntoken {}", token(&source).await.unwrap().bearer.expose());
}

/// Returns the command of a process that needs a token, with a clock that is `seconds` ahead.
fn process(world: &World, account: &Account, seconds: i64) -> Command {
    let mut command = run_test_in_process(&[], "plan_usage::tokens::processes::helper_prints_token");
    command
        .env(HOME, world.home.path())
        .env(ISSUER, world.sandbox.issuer())
        .env(ACCOUNT, account.id().0)
        .env(CLOCK, seconds.to_string())
        .stderr(std::process::Stdio::null());
    command
}

fn printed_token(mut child: Child) -> String {
    let mut printed = String::new();
    child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
    assert!(child.wait().unwrap().success(), "{printed}");
    let line = printed.lines().find_map(|line| line.strip_prefix("token "));
    line.unwrap_or_else(|| panic!("no token: {printed}")).to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_processes_share_one_refresh() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let old = token(&world.source(&account)).await.unwrap();
    world.forward(56 * MINUTE);
    world.sandbox.push_fault(REFRESH, SLOW);
    let running: Vec<Child> =
        (0..PROCESSES).map(|_| process(&world, &account, 56 * MINUTE).spawn().unwrap()).collect();
    let printed = tokio::task::spawn_blocking(|| running.into_iter().map(printed_token).collect::<Vec<_>>());
    let mut tokens = printed.await.unwrap();
    tokens.sort();
    tokens.dedup();
    assert_eq!((tokens.len(), world.plan_refreshes()), (1, 1));
    assert_ne!(tokens[0], old.bearer.expose());
    world.assert_never_too_early();
}

/// The moment at which a process is killed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Moment {
    /// The server has received the refresh token and not processed it.
    Requested,
    /// The server has rotated the token, and its response does not arrive.
    ResponseLost,
    /// This many milliseconds after the server has received the refresh token, which it rotates at once.
    Rotated(u64),
    /// The new tokens are saved, and the keys to verify them do not arrive.
    Verifying,
}

/// What the sign-in is after it.
#[derive(Debug, PartialEq, Eq)]
enum After {
    /// The refresh token that was sent is the one of the server.
    NotRotated,
    /// The new one is lost.
    Lost,
    /// The new one is on disk.
    Saved,
}

impl Moment {
    async fn kill(self, world: &World, account: &Account) {
        world.sandbox.reset();
        let (at, fault) = match self {
            Self::Requested => (REFRESH, Some(Fault::Hang)),
            Self::ResponseLost => (REFRESH, Some(Fault::DropAfter)),
            Self::Rotated(_) => (REFRESH, None),
            Self::Verifying => (KEYS, Some(Fault::Hang)),
        };
        world.sandbox.script(fault.map(|fault| Rule::once(at, fault)).into_iter().collect());
        let mut child = process(world, account, 56 * MINUTE).spawn().unwrap();
        world.sandbox.wait_for(at, 1, LONG).await.expect("it gets there");
        if let Self::Rotated(wait) = self {
            // A point in time is meant, so there is no event to wait for.
            std::thread::sleep(Duration::from_millis(wait));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // A request can still be in the socket when its sender has ended.
        world.sandbox.connections_over().await;
        world.sandbox.reset();
    }

    /// Returns whether `after` may be what it left.
    fn may_leave(self, after: &After) -> bool {
        match self {
            Self::Requested => *after == After::NotRotated,
            Self::ResponseLost => *after == After::Lost,
            Self::Rotated(_) => true,
            Self::Verifying => *after == After::Saved,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_loop_loses_the_sign_in_only_between_rotation_and_save() {
    let moments = [Moment::Requested, Moment::ResponseLost, Moment::Verifying]
        .into_iter()
        .chain((0..9).map(|step| Moment::Rotated(step * 2)));
    for moment in moments {
        let world = World::new().await;
        let account = world.sign_in_with_plan("ada").await;
        world.forward(56 * MINUTE);
        // Closes the connections of this process.
        let issuer = world.sandbox.issuer().to_owned();
        let world = world.at(&issuer);
        moment.kill(&world, &account).await;
        let source = world.source(&account);
        // Whatever was lost, there is a token that works, and nothing is sent for it.
        token(&source).await.unwrap();
        assert_eq!(world.plan_refreshes(), 0, "{moment:?}");
        // Past the end of the old token, before that of a new one.
        world.forward(5 * MINUTE);
        let after = match token(&source).await {
            Ok(_) if world.plan_refreshes() == 0 => After::Saved,
            Ok(_) => After::NotRotated,
            Err(failure) => {
                assert_eq!(failure.code, ErrorCode::SignInReused, "{moment:?}: {failure}");
                assert!(failure.cause.contains("interrupted before its response was saved"), "{failure}");
                After::Lost
            }
        };
        assert!(moment.may_leave(&after), "{moment:?} left {after:?}");
        world.assert_never_too_early();
    }
}
