//! Which share of a plan's windows a request used, as far as responses show it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use usher_domain::{UnixTime, UsageWindow};

use crate::activity::totals::{GroupKey, Totals};

/// How long after a request an increase is put down to it. Later, programs that do not use Usher are as likely.
const MAX_GAP: Duration = Duration::from_secs(600);
/// By how many seconds two times of one reset may differ: some servers send how long it takes.
const RESET_TOLERANCE: i64 = 120;
/// Most accounts that are remembered; more are hardly used within [`MAX_GAP`].
const MAX_ACCOUNTS: usize = 100;

/// The windows of each account, as its last response had them.
#[derive(Default)]
pub(super) struct WindowShares {
    seen: HashMap<String, Seen>,
}

struct Seen {
    key: GroupKey,
    at: Moment,
    windows: Vec<UsageWindow>,
}

/// A moment by two clocks: one stands still while some computers sleep, and the other may be set.
#[derive(Clone, Copy)]
struct Moment {
    running: Instant,
    clock: UnixTime,
}

impl Moment {
    /// Returns whether no more than [`MAX_GAP`] lies between `earlier` and this one, by both clocks.
    fn is_soon_after(self, earlier: Self) -> bool {
        let by_clock = u64::try_from(self.clock.since(earlier.clock)).map(Duration::from_secs);
        self.running.duration_since(earlier.running) <= MAX_GAP && by_clock.is_ok_and(|gap| gap <= MAX_GAP)
    }
}

impl WindowShares {
    /// Compares `windows` of a request of `key`, which ended at `now`, with those that the response before it had. Returns the request that used
    /// what is more now: the one before, because a response is sent before its own request is counted.
    pub(super) fn observe(
        &mut self,
        key: &GroupKey,
        windows: &[UsageWindow],
        now: UnixTime,
    ) -> Option<(GroupKey, Totals)> {
        if windows.is_empty() {
            return None;
        }
        let at = Moment { running: Instant::now(), clock: now };
        let mut seen = Seen { key: key.clone(), at, windows: main_windows(windows).cloned().collect() };
        if self.seen.len() >= MAX_ACCOUNTS && !self.seen.contains_key(&key.account) {
            self.seen.clear();
        }
        let before = self.seen.remove(&key.account);
        let mut share = Totals::default();
        for window in &mut seen.windows {
            let same = before.iter().flat_map(|seen| &seen.windows).find(|before| is_same(before, window));
            let Some(before) = same else { continue };
            let more = window.used_percent - before.used_percent;
            if more > 0.0 {
                share.window_share.insert(window.window_seconds, more);
            }
            // Of two requests at once the older response may come last.
            window.used_percent = window.used_percent.max(before.used_percent);
        }
        self.seen.insert(key.account.clone(), seen);
        let before = before.filter(|before| at.is_soon_after(before.at) && !share.window_share.is_empty())?;
        Some((before.key, share))
    }
}

/// Returns the windows of the plan itself, without those of a single model.
fn main_windows(windows: &[UsageWindow]) -> impl Iterator<Item = &UsageWindow> {
    windows.iter().filter(|window| window.meter.is_none())
}

/// Returns whether two windows are the same one, which has not been reset between.
fn is_same(one: &UsageWindow, other: &UsageWindow) -> bool {
    let resets = one.resets_at.zip(other.resets_at);
    one.window_seconds == other.window_seconds
        && resets.is_none_or(|(one, other)| one.since(other).abs() <= RESET_TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(tool: &str) -> GroupKey {
        let text = str::to_owned;
        GroupKey {
            day: text("2026-11-29"),
            tool: text(tool),
            provider: text("chatgpt"),
            account: text("ada"),
            payer: text("plan"),
            model: text("m"),
        }
    }

    fn week(used_percent: f64, resets_at: i64) -> Vec<UsageWindow> {
        let window = UsageWindow {
            window_seconds: 604_800,
            used_percent,
            resets_at: Some(UnixTime(resets_at)),
            meter: None,
        };
        let of_model =
            UsageWindow { used_percent: used_percent * 2.0, meter: Some("m".into()), ..window.clone() };
        vec![window, of_model]
    }

    #[test]
    fn increase_is_put_down_to_the_request_before() {
        let mut shares = WindowShares::default();
        let mut observe = |tool: &str, used, resets_at| {
            let share = shares.observe(&key(tool), &week(used, resets_at), UnixTime(0));
            share.map(|(key, totals)| (key.tool, totals.window_share[&604_800]))
        };
        assert_eq!(observe("one", 10.0, 1000), None, "what was used before is not known");
        assert_eq!(observe("two", 12.0, 1030), Some(("one".into(), 2.0)));
        assert_eq!(observe("two", 12.0, 1000), None);
        assert_eq!(observe("one", 11.0, 1000), None, "an older response that came late");
        assert_eq!(observe("one", 13.0, 1000), Some(("one".into(), 1.0)), "counted once");
        assert_eq!(observe("one", 1.0, 605_800), None, "the window was reset");
        assert_eq!(observe("two", 50.0, 605_800), Some(("one".into(), 49.0)));
    }
    /// The other clock stands still here as it does while the computer sleeps.
    #[test]
    fn increase_after_a_pause_by_the_clock_is_put_down_to_nobody() {
        for (gap, is_counted) in [(0, true), (600, true), (601, false), (-1, false)] {
            let mut shares = WindowShares::default();
            shares.observe(&key("one"), &week(10.0, 1000), UnixTime(5000));
            let share = shares.observe(&key("two"), &week(50.0, 1000), UnixTime(5000 + gap));
            assert_eq!(share.is_some(), is_counted, "{gap} s");
            let next = shares.observe(&key("two"), &week(51.0, 1000), UnixTime(5000 + gap));
            let counted = next.map(|(key, totals)| (key.tool, totals.window_share[&604_800]));
            assert_eq!(counted, Some(("two".into(), 1.0)), "what is used after it is counted");
        }
    }

    #[test]
    fn increase_after_a_pause_by_the_running_clock_is_put_down_to_nobody() {
        let later =
            |seconds| Moment { running: Instant::now() + Duration::from_secs(seconds), clock: UnixTime(0) };
        let first = later(0);
        assert!(later(599).is_soon_after(first));
        assert!(!later(602).is_soon_after(first), "the clock was set back meanwhile");
    }
}
