//! What a person is to be notified of, from what was seen of an account and what they were notified of before. Pure.
//!
//! A notification is about a window until its reset: the next reset is later, so a later time makes a new one.

use usher_domain::{HIGH_PERCENT, UnixTime, Usage, UsageWindow};

use crate::state::Notified;

/// Times of one reset differ by seconds, because some responses give the time left.
const SAME_RESET_SECONDS: i64 = 120;

/// A reset that is longer ago is no news, for example after a weekend with the computer off.
const STALE_SECONDS: i64 = 12 * 60 * 60;

/// How long before its expiry a reset in reserve is named.
const EXPIRY_LEAD_SECONDS: i64 = 24 * 60 * 60;

/// A limit of which no window is known.
const LIMIT: &str = "limit";
const RESET_CREDIT: &str = "reset credit";

/// A reset that is further ahead is none: no window is so long.
const MAX_AHEAD_SECONDS: i64 = 2 * 366 * 24 * 60 * 60;

const NEAR: &str = "near";
const REACHED: &str = "reached";
const PAID: &str = "paid by credits";
const REFILLED: &str = "refilled";
const EXPIRES: &str = "expires";

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    /// A window is nearly used up.
    Near(UsageWindow),
    /// A limit is reached, of the window if it is known, until the reset if there is one.
    Reached { window: Option<UsageWindow>, resets_at: Option<UnixTime> },
    /// A window of the plan is used up, and credits pay since.
    PaidByCredits(UsageWindow),
    /// A window, or a limit without one, was reset; the person was notified of it before.
    Refilled { window: Option<UsageWindow>, was_reached: bool },
    /// So many resets in reserve expire, the first of them then.
    ResetsExpire { count: usize, first: UnixTime },
}

/// A notification to show, and what is kept of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Due {
    pub(crate) event: Event,
    pub(crate) kept: Vec<Notified>,
}

/// What follows from what was seen of one account.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Review {
    pub(crate) due: Vec<Due>,
    /// What is to be forgotten, because it is over and has no time of its own.
    pub(crate) obsolete: Vec<Notified>,
    /// When to look again though nothing else is seen.
    pub(crate) next: Option<UnixTime>,
}

/// Reviews what was seen last of an account.
pub(crate) fn review(usage: &Usage, notified: &[Notified], now: UnixTime) -> Review {
    let account =
        Account { usage, notified, now, reached: reached(usage, now), paid: paid_by_credits(usage, now) };
    let mut review = Review::default();
    account.limits(&mut review);
    account.paid(&mut review);
    account.resets(&mut review);
    account.expiries(&mut review);
    review.obsolete = account.obsolete();
    review
}

/// A limit that is reached now.
struct Reached<'a> {
    window: Option<&'a UsageWindow>,
    resets_at: Option<UnixTime>,
}

impl Reached<'_> {
    fn subject(&self) -> String {
        self.window.map_or_else(|| LIMIT.to_owned(), subject)
    }

    /// Whether it is one of the plan itself, and not of a single model.
    fn is_of_plan(&self) -> bool {
        self.window.is_none_or(|window| window.meter.is_none())
    }
}

/// Returns the windows that are used up, of the plan and of single models.
fn used_up(usage: &Usage, now: UnixTime) -> impl Iterator<Item = &UsageWindow> {
    usage.windows.iter().filter(move |window| window.used_percent >= 100.0 && is_current(window, now))
}

/// Returns the windows of the plan that are used up while requests are answered, because credits pay for them.
///
/// Whether they pay for the limit of a single model is not known (protocol §9).
fn paid_by_credits(usage: &Usage, now: UnixTime) -> Vec<&UsageWindow> {
    let has_credits = usage.credits.as_ref().is_some_and(|credits| credits.has_credits || credits.unlimited);
    let is_paid = has_credits && usage.limit_reached.is_none();
    used_up(usage, now).filter(|window| is_paid && window.meter.is_none()).collect()
}

/// Returns the limits that are reached: windows that are used up and that no credits pay for, and what the server reports
/// beside them.
fn reached(usage: &Usage, now: UnixTime) -> Vec<Reached<'_>> {
    let paid = paid_by_credits(usage, now);
    let used_up = used_up(usage, now).filter(|window| !paid.contains(window));
    let mut found: Vec<Reached> =
        used_up.map(|window| Reached { window: Some(window), resets_at: window.resets_at }).collect();
    let reported = usage.limit_reached.as_ref().filter(|limit| limit.resets_at.is_none_or(|at| at > now));
    if let Some(limit) = reached_without_window(reported.map(|limit| limit.resets_at), &found) {
        let own = |window: &&UsageWindow| {
            window.meter.is_none()
                && window.resets_at.zip(limit).is_some_and(|(one, other)| is_same(one, other))
        };
        found.push(Reached { window: usage.windows.iter().find(own), resets_at: limit });
    }
    found
}

/// Returns the reset of a reported limit that no used-up window of the plan explains.
#[expect(clippy::option_option, reason = "no limit, and one without a reset, are two things")]
fn reached_without_window(reported: Option<Option<UnixTime>>, found: &[Reached]) -> Option<Option<UnixTime>> {
    reported.filter(|_| !found.iter().any(Reached::is_of_plan))
}

struct Account<'a> {
    usage: &'a Usage,
    notified: &'a [Notified],
    now: UnixTime,
    reached: Vec<Reached<'a>>,
    /// Windows that are used up and that credits pay for.
    paid: Vec<&'a UsageWindow>,
}

impl Account<'_> {
    /// Adds what is nearly used up, and what is.
    fn limits(&self, review: &mut Review) {
        review.due.extend(self.plan_reached());
        let of_models = self.reached.iter().filter(|one| !one.is_of_plan());
        review.due.extend(of_models.filter(|one| self.is_new(REACHED, &one.subject(), one.resets_at)).map(
            |one| Due { event: event_of(one), kept: vec![notified(REACHED, one.subject(), one.resets_at)] },
        ));
        let is_blocked = self.reached.iter().any(Reached::is_of_plan);
        let near = self.usage.windows.iter().filter(|window| {
            (HIGH_PERCENT..100.0).contains(&window.used_percent)
                && is_current(window, self.now)
                && !(is_blocked && window.meter.is_none())
                && self.is_new(NEAR, &subject(window), window.resets_at)
        });
        review.due.extend(near.map(|window| Due {
            event: Event::Near(window.clone()),
            kept: vec![notified(NEAR, subject(window), window.resets_at)],
        }));
    }

    /// Adds what is used up while credits pay.
    fn paid(&self, review: &mut Review) {
        let new = self.paid.iter().filter(|window| self.is_new(PAID, &subject(window), window.resets_at));
        review.due.extend(new.map(|window| Due {
            event: Event::PaidByCredits((*window).clone()),
            kept: vec![notified(PAID, subject(window), window.resets_at)],
        }));
    }

    /// Of several limits of the plan, only the one that is reset last counts: until then requests are refused.
    fn plan_reached(&self) -> Option<Due> {
        let of_plan = || self.reached.iter().filter(|one| one.is_of_plan());
        let last = of_plan().max_by_key(|one| one.resets_at.map_or(i64::MAX, |at| at.0))?;
        let is_new = |one: &Reached| self.is_new(REACHED, &one.subject(), one.resets_at);
        let kept = of_plan().filter(|one| is_new(one));
        let kept = kept.map(|one| notified(REACHED, one.subject(), one.resets_at)).collect();
        is_new(last).then(|| Due { event: event_of(last), kept })
    }

    /// Adds the resets of what the person was notified of.
    fn resets(&self, review: &mut Review) {
        let is_blocked = self.reached.iter().any(Reached::is_of_plan);
        for subject in self.subjects() {
            let known = [NEAR, REACHED, PAID].into_iter().filter_map(|kind| self.last(kind, &subject));
            let Some(resets_at) = known.max() else { continue };
            if resets_at.0 == 0 || !self.is_new(REFILLED, &subject, Some(resets_at)) {
                continue;
            }
            let window = self.window(&subject);
            let newer = window.filter(|one| one.resets_at.is_some_and(|at| is_later(at, resets_at)));
            let is_high = newer.is_some_and(|one| one.used_percent >= HIGH_PERCENT);
            if self.now < resets_at && newer.is_none() {
                review.next = Some(earliest(review.next, resets_at));
            } else if !is_high
                && self.now.since(resets_at) < STALE_SECONDS
                && !(is_blocked && window.is_none_or(|one| one.meter.is_none()))
            {
                let was_reached = self.last(REACHED, &subject).is_some_and(|at| is_same(at, resets_at));
                review.due.push(Due {
                    event: Event::Refilled { window: window.cloned(), was_reached },
                    kept: vec![notified(REFILLED, subject, Some(resets_at))],
                });
            }
        }
    }

    /// Adds the resets in reserve that expire soon.
    fn expiries(&self, review: &mut Review) {
        let Some(credits) = self.usage.reset_credits.as_ref().filter(|credits| credits.available > 0) else {
            return;
        };
        let is_new = |at: &&UnixTime| self.is_new(EXPIRES, RESET_CREDIT, Some(**at));
        let ahead: Vec<UnixTime> =
            credits.expire_at.iter().filter(|at| **at > self.now).filter(is_new).copied().collect();
        let is_soon = |at: &&UnixTime| at.since(self.now) <= EXPIRY_LEAD_SECONDS;
        let soon: Vec<UnixTime> = ahead.iter().filter(is_soon).copied().collect();
        if let (Some(first), Some(last)) = (soon.iter().min(), soon.iter().max()) {
            review.due.push(Due {
                event: Event::ResetsExpire { count: soon.len(), first: *first },
                kept: vec![notified(EXPIRES, RESET_CREDIT.to_owned(), Some(*last))],
            });
        }
        if let Some(later) = ahead.iter().filter(|at| !is_soon(at)).min() {
            review.next = Some(earliest(review.next, later.plus(-EXPIRY_LEAD_SECONDS)));
        }
    }

    /// Returns what has no reset to wait for and is over.
    fn obsolete(&self) -> Vec<Notified> {
        let is_over = |one: &&Notified| match one.kind.as_str() {
            REACHED => !self.reached.iter().any(|reached| reached.subject() == one.subject),
            PAID => !self.paid.iter().any(|window| subject(window) == one.subject),
            NEAR => self.window(&one.subject).is_none_or(|window| window.used_percent < HIGH_PERCENT),
            _ => false,
        };
        self.notified.iter().filter(|one| one.at.0 == 0).filter(is_over).cloned().collect()
    }

    fn subjects(&self) -> Vec<String> {
        let mut subjects: Vec<String> = self.notified.iter().map(|one| one.subject.clone()).collect();
        subjects.sort();
        subjects.dedup();
        subjects
    }

    fn window(&self, wanted: &str) -> Option<&UsageWindow> {
        self.usage.windows.iter().find(|window| subject(window) == wanted)
    }

    /// Returns the time that the person was last notified of. One that cannot be would silence all later ones.
    fn last(&self, kind: &str, subject: &str) -> Option<UnixTime> {
        let mut found = self.notified.iter().filter(|one| one.kind == kind && one.subject == subject);
        found.next().map(|one| one.at).filter(|at| at.since(self.now) <= MAX_AHEAD_SECONDS)
    }

    /// Returns whether the person was not notified of this yet.
    fn is_new(&self, kind: &str, subject: &str, at: Option<UnixTime>) -> bool {
        match (self.last(kind, subject), at) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(last), Some(at)) => is_later(at, last),
        }
    }
}

fn event_of(reached: &Reached) -> Event {
    Event::Reached { window: reached.window.cloned(), resets_at: reached.resets_at }
}

fn notified(kind: &str, subject: String, at: Option<UnixTime>) -> Notified {
    Notified { kind: kind.to_owned(), subject, at: at.unwrap_or(UnixTime(0)) }
}

fn subject(window: &UsageWindow) -> String {
    match &window.meter {
        Some(meter) => format!("{} {meter}", window.window_seconds),
        None => window.window_seconds.to_string(),
    }
}

fn is_current(window: &UsageWindow, now: UnixTime) -> bool {
    window.resets_at.is_none_or(|at| at > now)
}

fn is_same(one: UnixTime, other: UnixTime) -> bool {
    one.since(other).abs() <= SAME_RESET_SECONDS
}

fn is_later(one: UnixTime, other: UnixTime) -> bool {
    one.since(other) > SAME_RESET_SECONDS
}

fn earliest(known: Option<UnixTime>, other: UnixTime) -> UnixTime {
    known.map_or(other, |known| known.min(other))
}

#[cfg(test)]
mod tests;
