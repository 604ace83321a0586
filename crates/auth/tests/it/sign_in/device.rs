//! Sign-in with a code on another device.

use std::time::Duration;

use usher_auth::{FlowKind, SignInProgress};
use usher_domain::{ErrorCode, Failure};
use usher_sandbox::browser::Browser;
use usher_sandbox::{Fault, Rule};

use crate::support::{LONG, PendingSignIn, World};

const POLL: &str = "device.token";

async fn world() -> World {
    let world = World::new().await;
    // Sent as the text "1".
    world.sandbox.change_settings(|settings| settings.device_interval_s = 1);
    world
}

/// Runs a device sign-in that fails before the user approves it.
async fn fails(world: &World) -> Failure {
    world.start(FlowKind::Device).await.ended().await.unwrap_err()
}

fn status(status: u16) -> Fault {
    Fault::Status { status, body: serde_json::json!({ "error": "slow_down" }), headers: [].into() }
}

#[tokio::test]
async fn device_poll_continues_until_granted() {
    let world = world().await;
    let mut pending = world.start(FlowKind::Device).await;
    // The first poll follows at once, and its response is 403: not yet.
    world.sandbox.wait_for(POLL, 1, LONG).await.unwrap();
    Browser::new().enter_device_code(world.sandbox.issuer(), &pending.url, "ada").await;
    assert_eq!(pending.next().await, SignInProgress::Exchanging);
    assert_eq!(pending.ended().await.unwrap().user_id, "user-ada");
    let polls = world.sandbox.marks(POLL);
    assert!(polls.len() >= 2);
    assert!(polls[1].at_ms - polls[0].at_ms >= 950, "the interval is text and is kept: {polls:?}");
    let sent = &world.sandbox.requests("token.authorization_code")[0];
    assert_eq!(sent.body["redirect_uri"], format!("{}/deviceauth/callback", world.sandbox.issuer()));
}

#[tokio::test]
async fn device_poll_too_fast_increases_interval() {
    let world = world().await;
    world.sandbox.push_fault(POLL, status(429));
    let pending = world.start(FlowKind::Device).await;
    world.sandbox.wait_for(POLL, 1, LONG).await.unwrap();
    Browser::new().enter_device_code(world.sandbox.issuer(), &pending.url, "pia").await;
    pending.ended().await.unwrap();
    let polls = world.sandbox.marks(POLL);
    assert!(polls[1].at_ms - polls[0].at_ms >= 5_900, "one second and five more: {polls:?}");
}

#[tokio::test]
async fn device_poll_with_server_error_continues() {
    let world = world().await;
    let stumbles = [status(404), status(500), Fault::DropBefore];
    world.sandbox.script(stumbles.map(|fault| Rule::once(POLL, fault)).to_vec());
    let pending = world.start(FlowKind::Device).await;
    Browser::new().enter_device_code(world.sandbox.issuer(), &pending.url, "ada").await;
    pending.ended().await.unwrap();
    assert_eq!(world.sandbox.count(POLL), 4);
}

#[tokio::test]
async fn device_codes_disabled_has_its_code() {
    let world = world().await;
    world.sandbox.change_settings(|settings| settings.device_login = false);
    assert_eq!(fails(&world).await.code, ErrorCode::DeviceLoginDisabled);
    assert_eq!(world.sandbox.count(POLL), 0);
}

#[tokio::test]
async fn device_code_expired_ends_wait() {
    let world = world().await;
    world.sandbox.change_settings(|settings| settings.device_lifetime_s = 0);
    assert_eq!(fails(&world).await.code, ErrorCode::Timeout);
    assert_eq!(world.sandbox.count(POLL), 1);
}

#[tokio::test]
async fn device_wait_ends_at_requested_timeout() {
    let world = world().await;
    let pending = PendingSignIn::start(world.flow(), FlowKind::Device, Duration::from_millis(500)).await;
    assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::Timeout);
}

#[tokio::test]
async fn device_error_response_maps_to_its_error_code() {
    let world = world().await;
    world.sandbox.push_fault("device.usercode", Fault::Region);
    assert_eq!(fails(&world).await.code, ErrorCode::RegionUnsupported);
    world.sandbox.push_fault("device.usercode", Fault::HtmlChallenge);
    assert_eq!(fails(&world).await.code, ErrorCode::ChallengePage);
    world.sandbox.push_fault("device.usercode", Fault::Malformed { body: "{}".into() });
    assert_eq!(fails(&world).await.code, ErrorCode::MalformedAnswer);
    // A challenge page is a 403 as well, and must not count as "not yet".
    world.sandbox.push_fault(POLL, Fault::HtmlChallenge);
    assert_eq!(fails(&world).await.code, ErrorCode::ChallengePage);
}

#[tokio::test]
async fn device_interval_zero_is_raised_to_minimum() {
    let world = world().await;
    world.sandbox.change_settings(|settings| settings.device_interval_s = 0);
    let pending = PendingSignIn::start(world.flow(), FlowKind::Device, Duration::from_millis(1500)).await;
    pending.ended().await.unwrap_err();
    assert!(world.sandbox.count(POLL) <= 2, "{}", world.sandbox.count(POLL));
}
