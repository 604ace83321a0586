//! After a sleep: the clock has jumped, every access token has expired, and the network comes back a little later.

use std::sync::Arc;

use usher_domain::ErrorCode;
use usher_domain::ports::Clock as _;
use usher_sandbox::{Fault, Rule};

use crate::support::{LIFE, World, token};

const REFRESH: &str = "token.refresh_token";
const CALLERS: usize = 50;

/// Has as many callers ask at once as a computer full of tools, and returns what each got.
async fn all_at_once(source: &Arc<usher_auth::RefreshingTokenSource>) -> Vec<Result<String, ErrorCode>> {
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let source = Arc::clone(source);
            tokio::spawn(async move {
                let token = token(&source).await;
                token.map(|one| one.bearer.expose().to_owned()).map_err(|failure| failure.code)
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for caller in callers {
        outcomes.push(caller.await.expect("it does not panic"));
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wake_without_network_makes_no_storm_and_ends_no_sign_in() {
    let world = World::new().await;
    let account = world.sign_in("ada").await;
    let source = Arc::new(world.source(&account));
    token(&source).await.expect("it is valid");
    // A sleep of some weeks. The backend is not reached for the next minute.
    world.forward(LIFE + 20 * 24 * 60 * 60);
    world.sandbox.script(vec![Rule::always(REFRESH, Fault::DropBefore)]);
    let rounds = 10;
    for _ in 0..rounds {
        let outcomes = all_at_once(&source).await;
        assert!(outcomes.iter().all(|one| *one == Err(ErrorCode::Offline)), "{outcomes:?}");
        assert_eq!(world.summary().sign_ins[0].ended, None, "nobody was signed out");
        world.forward(6);
    }
    assert_eq!(world.refreshes(), rounds, "one for all callers, and none in the five seconds after it");

    world.sandbox.reset();
    let mut outcomes = all_at_once(&source).await;
    outcomes.dedup();
    assert!(outcomes.len() == 1 && outcomes[0].is_ok(), "{outcomes:?}");
    all_at_once(&source).await;
    assert_eq!(world.refreshes(), 1, "one for all callers");
}

/// The clock of some computers is wrong after a wake, until the network sets it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn clock_that_jumps_ahead_and_back_costs_one_refresh() {
    let world = World::new().await;
    let account = world.sign_in("ada").await;
    let source = Arc::new(world.source(&account));
    let before = world.clock.now();
    world.clock.forward(400 * 24 * 60 * 60);
    let outcomes = all_at_once(&source).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(world.refreshes(), 1);
    world.clock.forward(-400 * 24 * 60 * 60);
    assert!(world.clock.now().since(before) < 600);
    let outcomes = all_at_once(&source).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(world.refreshes(), 1);
    assert_eq!(world.summary().sign_ins[0].ended, None);
}
