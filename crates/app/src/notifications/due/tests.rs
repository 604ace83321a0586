use usher_domain::{Credits, LimitReached, ResetCredits};

use super::*;

const HOURS: u64 = 18_000;
const WEEK: u64 = 604_800;
const DAY_SECONDS: i64 = 24 * 60 * 60;

fn window(window_seconds: u64, used_percent: f64, resets_at: Option<i64>) -> UsageWindow {
    UsageWindow { window_seconds, used_percent, resets_at: resets_at.map(UnixTime), meter: None }
}

fn usage(windows: &[UsageWindow]) -> Usage {
    Usage { windows: windows.to_vec(), ..Usage::default() }
}

/// An account over time: what is shown is kept, as after each notification.
#[derive(Default)]
struct Person(Vec<Notified>);

impl Person {
    fn events(&mut self, usage: &Usage, now: i64) -> Vec<Event> {
        let review = review(usage, &self.0, UnixTime(now));
        self.0.retain(|one| !review.obsolete.contains(one));
        for one in review.due.iter().flat_map(|due| &due.kept) {
            self.0.retain(|known| (&known.kind, &known.subject) != (&one.kind, &one.subject));
            self.0.push(one.clone());
        }
        review.due.into_iter().map(|due| due.event).collect()
    }
}

#[test]
fn each_is_shown_once_in_a_window_and_again_in_the_next() {
    let mut person = Person::default();
    let at = |percent, resets_at| usage(&[window(HOURS, percent, Some(resets_at))]);
    for start in [0, 18_000, 36_000] {
        let resets_at = start + 18_000;
        assert_eq!(person.events(&at(79.9, resets_at), start), [], "not near yet");
        let near = window(HOURS, 80.0, Some(resets_at));
        assert_eq!(person.events(&usage(std::slice::from_ref(&near)), start + 10), [Event::Near(near)]);
        assert_eq!(person.events(&at(81.0, resets_at + 2), start + 20), [], "the time left is rounded");
        let full = window(HOURS, 100.0, Some(resets_at));
        let reached = Event::Reached { window: Some(full.clone()), resets_at: Some(UnixTime(resets_at)) };
        assert_eq!(person.events(&usage(std::slice::from_ref(&full)), start + 30), [reached]);
        assert_eq!(person.events(&usage(std::slice::from_ref(&full)), start + 40), []);
        let refilled = Event::Refilled { window: Some(full.clone()), was_reached: true };
        assert_eq!(person.events(&usage(std::slice::from_ref(&full)), resets_at), [refilled]);
        assert_eq!(person.events(&usage(&[full]), resets_at), []);
    }
    assert_eq!(person.0.len(), 3, "one row for each kind: {:?}", person.0);
}

#[test]
fn reset_is_waited_for_without_a_request() {
    let near = usage(&[window(HOURS, 90.0, Some(500)), window(WEEK, 20.0, Some(900))]);
    let mut person = Person::default();
    assert_eq!(person.events(&near, 0).len(), 1);
    assert_eq!(review(&near, &person.0, UnixTime(0)).next, Some(UnixTime(500)));
    assert_eq!(person.events(&near, 499), []);
    let refilled = Event::Refilled { window: Some(window(HOURS, 90.0, Some(500))), was_reached: false };
    assert_eq!(person.events(&near, 500), [refilled]);
    assert_eq!(review(&near, &person.0, UnixTime(501)), Review::default(), "nothing more to wait for");
}

/// Nobody wants to hear of it: nothing was near, it is long ago, or requests are refused still.
#[test]
fn reset_that_changes_nothing_is_not_shown() {
    assert_eq!(Person::default().events(&usage(&[window(HOURS, 40.0, Some(500))]), 600), []);
    let near = usage(&[window(HOURS, 90.0, Some(500))]);
    let mut person = Person::default();
    person.events(&near, 0);
    assert_eq!(person.events(&near, 500 + STALE_SECONDS), []);
    let both = usage(&[window(HOURS, 100.0, Some(500)), window(WEEK, 100.0, Some(900))]);
    let mut blocked = Person::default();
    let week = Event::Reached { window: Some(both.windows[1].clone()), resets_at: Some(UnixTime(900)) };
    assert_eq!(blocked.events(&both, 0), [week], "the one that is reset last");
    assert_eq!(blocked.events(&both, 600), []);
    assert_eq!(blocked.events(&both, 900).len(), 2);
}

#[test]
fn early_reset_is_shown_when_it_is_seen() {
    let mut person = Person::default();
    person.events(&usage(&[window(HOURS, 100.0, Some(5_000))]), 0);
    let next = window(HOURS, 1.0, Some(18_010));
    let refilled = Event::Refilled { window: Some(next.clone()), was_reached: true };
    assert_eq!(person.events(&usage(std::slice::from_ref(&next)), 10), [refilled]);
    assert_eq!(person.events(&usage(&[next]), 5_001), [], "not a second time at its old time");
}

#[test]
fn limit_that_the_server_reports_is_one_of_its_window_where_that_is_known() {
    let limit = |resets_at: Option<i64>| {
        Some(LimitReached { reason: "x".into(), resets_at: resets_at.map(UnixTime) })
    };
    let known = window(HOURS, 97.0, Some(500));
    let reported = Usage { limit_reached: limit(Some(501)), ..usage(std::slice::from_ref(&known)) };
    let expected = Event::Reached { window: Some(known), resets_at: Some(UnixTime(501)) };
    assert_eq!(Person::default().events(&reported, 0), [expected]);
    // Without a reset: once, until it is over.
    let endless = Usage { limit_reached: limit(None), ..Usage::default() };
    let mut person = Person::default();
    for _ in 0..2 {
        let expected = Event::Reached { window: None, resets_at: None };
        assert_eq!(person.events(&endless, 0), [expected]);
        assert_eq!(person.events(&endless, 10), []);
        assert_eq!(person.events(&Usage::default(), 20), []);
    }
}

#[test]
fn limit_of_one_model_does_not_hide_those_of_the_plan() {
    let meter = |percent| UsageWindow { meter: Some("Spark".into()), ..window(HOURS, percent, Some(500)) };
    let mut person = Person::default();
    assert_eq!(person.events(&usage(&[window(HOURS, 85.0, Some(500)), meter(100.0)]), 0).len(), 2);
    let both = usage(&[window(HOURS, 85.0, Some(500)), meter(100.0)]);
    assert_eq!(person.events(&both, 500).len(), 2);
}

#[test]
fn window_that_credits_pay_for_is_no_limit() {
    let full = window(HOURS, 100.0, Some(500));
    let near = window(WEEK, 85.0, Some(900));
    let credits = |has_credits, unlimited| Some(Credits { has_credits, unlimited, balance: None });
    let paid = Usage { credits: credits(true, false), ..usage(&[full.clone(), near.clone()]) };
    let mut person = Person::default();
    let events = [Event::PaidByCredits(full.clone()), Event::Near(near)];
    let mut shown = person.events(&paid, 0);
    shown.sort_by_key(|event| matches!(event, Event::Near(_)));
    assert_eq!(shown, events, "the week is not hidden by it");
    assert_eq!(person.events(&paid, 10), [], "once");
    let spent = Usage { credits: credits(false, false), ..paid.clone() };
    let reached = Event::Reached { window: Some(full.clone()), resets_at: Some(UnixTime(500)) };
    assert_eq!(person.events(&spent, 20), std::slice::from_ref(&reached), "nothing is left to pay with");
    let refilled = Event::Refilled { window: Some(full.clone()), was_reached: true };
    assert_eq!(person.events(&spent, 500), [refilled]);

    let unlimited = Usage { credits: credits(false, true), ..usage(std::slice::from_ref(&full)) };
    let mut person = Person::default();
    assert_eq!(person.events(&unlimited, 0), [Event::PaidByCredits(full.clone())]);
    let refilled = Event::Refilled { window: Some(full.clone()), was_reached: false };
    assert_eq!(person.events(&unlimited, 500), [refilled], "nothing was refused");
    let limit = LimitReached { reason: "x".into(), resets_at: Some(UnixTime(500)) };
    let refused = Usage { limit_reached: Some(limit), ..unlimited };
    assert_eq!(Person::default().events(&refused, 0), [reached], "the server refuses all the same");
    let of_model = UsageWindow { meter: Some("Spark".into()), ..full };
    let of_model = Usage { credits: credits(true, false), ..usage(&[of_model]) };
    let shown = Person::default().events(&of_model, 0);
    assert!(matches!(shown[..], [Event::Reached { .. }]), "what credits pay of it is not known: {shown:?}");
}

/// One of an older version of Usher, which took milliseconds for seconds.
#[test]
fn time_that_cannot_be_does_not_silence_what_comes_later() {
    let absurd = |kind: &str| Notified {
        kind: kind.to_owned(),
        subject: HOURS.to_string(),
        at: UnixTime(1_796_058_076_000),
    };
    let now = 1_796_058_000;
    let mut person = Person(vec![absurd(NEAR), absurd(REACHED)]);
    let near = window(HOURS, 90.0, Some(now + 500));
    assert_eq!(person.events(&usage(std::slice::from_ref(&near)), now), [Event::Near(near)]);
    let full = window(HOURS, 100.0, Some(now + 500));
    assert_eq!(person.events(&usage(&[full]), now + 10).len(), 1);
}

#[test]
fn resets_in_reserve_are_named_a_day_before_they_expire() {
    let credits = |expire_at: &[i64]| Usage {
        reset_credits: Some(ResetCredits {
            available: u32::try_from(expire_at.len()).unwrap(),
            expire_at: expire_at.iter().copied().map(UnixTime).collect(),
        }),
        ..Usage::default()
    };
    let two = credits(&[2 * DAY_SECONDS, 5 * DAY_SECONDS]);
    let mut person = Person::default();
    assert_eq!(person.events(&two, 0), []);
    assert_eq!(review(&two, &person.0, UnixTime(0)).next, Some(UnixTime(DAY_SECONDS)));
    let first = Event::ResetsExpire { count: 1, first: UnixTime(2 * DAY_SECONDS) };
    assert_eq!(person.events(&two, DAY_SECONDS), [first]);
    assert_eq!(person.events(&two, DAY_SECONDS + 1), []);
    assert_eq!(review(&two, &person.0, UnixTime(DAY_SECONDS)).next, Some(UnixTime(4 * DAY_SECONDS)));
    let second = Event::ResetsExpire { count: 1, first: UnixTime(5 * DAY_SECONDS) };
    assert_eq!(person.events(&two, 4 * DAY_SECONDS), [second]);
    let together = credits(&[100, 50, 900]);
    let all = Event::ResetsExpire { count: 3, first: UnixTime(50) };
    assert_eq!(Person::default().events(&together, 0), [all]);
    assert_eq!(Person::default().events(&credits(&[50]), 60), [], "expired");
}

#[test]
fn usage_that_is_not_known_gives_nothing() {
    assert_eq!(review(&Usage::default(), &[], UnixTime(0)), Review::default());
}
