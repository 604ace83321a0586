//! Which share of a plan's windows a request used, as far as responses show it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use usher_domain::UsageWindow;

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
    at: Instant,
    windows: Vec<UsageWindow>,
}

impl WindowShares {
    /// Compares `windows` of a request of `key` with those that the response before it had. Returns the request that used
    /// what is more now: the one before, because a response is sent before its own request is counted.
    pub(super) fn observe(&mut self, key: &GroupKey, windows: &[UsageWindow]) -> Option<(GroupKey, Totals)> {
        if windows.is_empty() {
            return None;
        }
        let mut now =
            Seen { key: key.clone(), at: Instant::now(), windows: main_windows(windows).cloned().collect() };
        if self.seen.len() >= MAX_ACCOUNTS && !self.seen.contains_key(&key.account) {
            self.seen.clear();
        }
        let before = self.seen.remove(&key.account);
        let mut share = Totals::default();
        for window in &mut now.windows {
            let same = before.iter().flat_map(|seen| &seen.windows).find(|before| is_same(before, window));
            let Some(before) = same else { continue };
            let more = window.used_percent - before.used_percent;
            if more > 0.0 {
                share.window_share.insert(window.window_seconds, more);
            }
            // Of two requests at once the older response may come last.
            window.used_percent = window.used_percent.max(before.used_percent);
        }
        self.seen.insert(key.account.clone(), now);
        let before = before.filter(|seen| seen.at.elapsed() < MAX_GAP && !share.window_share.is_empty())?;
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
    use usher_domain::UnixTime;

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
            let share = shares.observe(&key(tool), &week(used, resets_at));
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
}
