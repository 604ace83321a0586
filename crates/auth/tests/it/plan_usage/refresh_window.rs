//! The gate as properties: whatever the clocks do, no refresh is early, and none waits for ever.

use proptest::prelude::*;

use usher_auth::{EarliestRefresh, Now, Readiness, RefreshWindow, TokenTimes};
use usher_domain::{ErrorCode, UnixTime};

const HOUR: i64 = 3600;
/// What is added to the gate.
const TOLERANCE: i64 = 5;
/// The server's clock when the tokens came.
const SERVER: UnixTime = UnixTime(1_790_000_000);

/// Tokens whose gate opens `gate` seconds after the receipt, on a computer whose clock is off by `offset`.
fn window(lifetime: i64, gate: i64, offset: i64) -> RefreshWindow {
    RefreshWindow::new(TokenTimes {
        earliest_refresh: EarliestRefresh::At(SERVER.plus(gate)),
        expires_in: Some(lifetime),
        server_date: Some(SERVER),
        received_at: SERVER.plus(offset),
    })
}

fn usual() -> RefreshWindow {
    window(HOUR, HOUR * 9 / 10, 0)
}

fn now(elapsed: i64, offset: i64) -> Now {
    Now { local: SERVER.plus(elapsed).plus(offset), server: Some(SERVER.plus(elapsed)) }
}

fn local(elapsed: i64, offset: i64) -> Now {
    Now { server: None, ..now(elapsed, offset) }
}

#[test]
fn usual_tokens_are_refreshed_in_minute_55() {
    let window = usual();
    assert_eq!(window.expires_at(), SERVER.plus(HOUR));
    for (second, expected) in [
        (0, Readiness::NotDue),
        (55 * 60 - 1, Readiness::NotDue),
        (55 * 60, Readiness::Due),
        (59 * 60, Readiness::Due),
        (61 * 60, Readiness::Due),
    ] {
        assert_eq!(window.readiness(now(second, 0)), expected, "second {second}");
    }
    assert_eq!(window.readiness(local(55 * 60, 0)), Readiness::ServerTimeNeeded);
}

#[test]
fn unauthorized_before_the_gate_is_a_failure_with_the_time_of_the_retry() {
    let window = usual();
    let early = window.after_unauthorized(now(10 * 60, HOUR)).unwrap_err();
    assert_eq!(early.code, ErrorCode::UpstreamError);
    assert_eq!(early.retry_at, Some(SERVER.plus(54 * 60 + TOLERANCE + HOUR)), "by the local clock");
    window.after_unauthorized(now(54 * 60 + TOLERANCE - 1, 0)).unwrap_err();
    window.after_unauthorized(now(54 * 60 + TOLERANCE, 0)).unwrap();
    window.after_unauthorized(local(54 * 60, 0)).unwrap_err();
    window.after_unauthorized(local(54 * 60 + TOLERANCE, 0)).unwrap();
}

#[test]
fn tokens_without_a_gate_are_due_by_their_expiry_alone() {
    let times = TokenTimes {
        earliest_refresh: EarliestRefresh::NotGiven,
        expires_in: Some(HOUR),
        server_date: Some(SERVER),
        received_at: SERVER,
    };
    let window = RefreshWindow::new(times);
    assert_eq!(window.readiness(local(54 * 60, 0)), Readiness::NotDue);
    assert_eq!(window.readiness(local(55 * 60, 0)), Readiness::Due);
    window.after_unauthorized(local(0, 0)).unwrap();
}

#[test]
fn gate_after_the_expiry_keeps_an_expired_token_waiting() {
    let window = window(HOUR, 2 * HOUR, 0);
    assert_eq!(window.readiness(now(HOUR - 1, 0)), Readiness::NotDue);
    let opens_at = SERVER.plus(2 * HOUR + TOLERANCE);
    assert_eq!(window.readiness(now(HOUR, 0)), Readiness::Closed { opens_at });
    assert_eq!(window.readiness(now(2 * HOUR + TOLERANCE, 0)), Readiness::Due);
}

#[test]
fn gate_is_guessed_late_where_it_cannot_be_computed() {
    for (earliest_refresh, expires_in, server_date, opens_after) in [
        (EarliestRefresh::Unreadable, Some(HOUR), Some(SERVER), 54 * 60),
        (EarliestRefresh::Unreadable, None, None, 54 * 60),
        (EarliestRefresh::Unreadable, Some(600), None, 540),
        (EarliestRefresh::Unreadable, Some(240 * HOUR), None, 240 * HOUR - 360),
        (EarliestRefresh::At(SERVER), Some(HOUR), None, 54 * 60),
        (EarliestRefresh::At(SERVER), None, None, 54 * 60),
    ] {
        let times = TokenTimes { earliest_refresh, expires_in, server_date, received_at: SERVER };
        let window = RefreshWindow::new(times);
        window.after_unauthorized(local(opens_after, 0)).unwrap_err();
        window.after_unauthorized(local(opens_after + TOLERANCE, 0)).unwrap();
    }
}

#[test]
fn window_is_the_same_after_it_was_saved() {
    let saved = serde_json::to_string(&usual()).unwrap();
    assert_eq!(serde_json::from_str::<RefreshWindow>(&saved).unwrap(), usual());
    let without: RefreshWindow = serde_json::from_str(r#"{"expires":{"local":9}}"#).unwrap();
    assert_eq!(without.expires_at(), UnixTime(9));
    without.after_unauthorized(local(0, 0)).unwrap();
}

proptest! {
    /// The clock may be wrong by any amount, and may be set at any time: the server's time decides.
    #[test]
    fn refresh_is_never_early_by_the_time_of_the_server(
        lifetime in 0..20 * HOUR, gate in -HOUR..20 * HOUR, elapsed in 0..30 * HOUR,
        at_receipt in -2 * HOUR..2 * HOUR, later in -2 * HOUR..2 * HOUR,
    ) {
        let window = window(lifetime, gate, at_receipt);
        if elapsed < gate {
            prop_assert_ne!(window.readiness(now(elapsed, later)), Readiness::Due);
            prop_assert!(window.after_unauthorized(now(elapsed, later)).is_err());
        }
        prop_assert_ne!(window.readiness(local(elapsed, later)), Readiness::Due);
    }

    /// Without the server's time a clock that is wrong by a fixed amount changes nothing.
    #[test]
    fn refresh_is_never_early_by_a_clock_that_is_wrong(
        lifetime in 0..20 * HOUR, gate in 0..20 * HOUR, elapsed in 0..30 * HOUR, offset in -2 * HOUR..2 * HOUR,
    ) {
        let outcome = window(lifetime, gate, offset).after_unauthorized(local(elapsed, offset));
        prop_assert_eq!(outcome.is_ok(), elapsed >= gate + TOLERANCE);
    }

    /// Without a `Date` the clock of the receipt is not compared with the server's.
    #[test]
    fn refresh_is_never_early_without_a_date(
        lifetime in 0..20 * HOUR, elapsed in 0..30 * HOUR, offset in -2 * HOUR..2 * HOUR,
    ) {
        let gate = lifetime - lifetime / 10;
        let times = TokenTimes {
            earliest_refresh: EarliestRefresh::At(SERVER.plus(gate)),
            expires_in: Some(lifetime),
            server_date: None,
            received_at: SERVER.plus(offset),
        };
        if RefreshWindow::new(times).after_unauthorized(local(elapsed, offset)).is_ok() {
            prop_assert!(elapsed >= gate);
        }
    }

    /// The gate opens, and at the time that was named.
    #[test]
    fn refresh_is_possible_at_the_time_of_the_retry(
        lifetime in 0..20 * HOUR, gate in 0..20 * HOUR, elapsed in 0..20 * HOUR, offset in -2 * HOUR..2 * HOUR,
    ) {
        let window = window(lifetime, gate, offset);
        if let Err(failure) = window.after_unauthorized(now(elapsed, offset)) {
            let later = failure.retry_at.unwrap().since(SERVER.plus(offset));
            prop_assert!(later >= gate);
            prop_assert!(window.after_unauthorized(now(later, offset)).is_ok());
        }
        let due = (lifetime - 5 * 60).max(gate + TOLERANCE);
        prop_assert_eq!(window.readiness(now(due, offset)), Readiness::Due);
    }

    /// No value of any server makes the computation fail.
    #[test]
    fn window_of_any_response_is_computed(
        field: Option<i64>, expires_in: Option<i64>, date: Option<i64>, received: i64, at: i64, server: Option<i64>,
    ) {
        let window = RefreshWindow::new(TokenTimes {
            earliest_refresh: EarliestRefresh::parse(field.map(serde_json::Value::from).as_ref()),
            expires_in,
            server_date: date.map(UnixTime),
            received_at: UnixTime(received),
        });
        let now = Now { local: UnixTime(at), server: server.map(UnixTime) };
        let _ = (window.readiness(now), window.after_unauthorized(now));
    }
}
