//! What the page is to know without having asked: it waits for it with one command, again and again.
//!
//! Tauri's own events are scripts that the window runs in the page: for their results `WebKit` starts a script engine in
//! the process of the window too, and the page must be allowed to listen to any event. The answer to a command needs neither.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use tokio::sync::Notify;

/// The command that returns what happened since the last one, or waits until something does. Its result is an array of
/// [`PageEvent`]. `build.rs` grants it by this name.
pub(crate) const NEXT_EVENTS: &str = "next_events";

/// One thing that happened.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PageEvent {
    /// Something changed, in this process or another.
    Changed,
    /// The person wants to close the window while the gateway is on. The page asks what becomes of it.
    CloseRequested,
    /// A link waits for the page.
    DeepLink,
}

/// What the page has not yet got. The same event twice is one, so that they fill no memory.
#[derive(Debug, Default)]
pub(crate) struct PageEvents {
    state: Mutex<State>,
    woken: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: BTreeSet<PageEvent>,
    /// How often the page has asked.
    asked: u64,
}

impl PageEvents {
    /// Hands an event to the page. Before a page has asked for the first time, nobody is there to hear it.
    pub(crate) fn emit(&self, event: PageEvent) {
        self.with(|state| {
            if state.asked > 0 {
                state.waiting.insert(event);
            }
        });
        self.woken.notify_waiters();
    }

    /// Waits for the next events. Of two who wait, the later one gets them: the earlier is a page that was left, and gets an
    /// empty answer.
    pub(crate) async fn next(&self) -> BTreeSet<PageEvent> {
        let own = self.with(|state| {
            state.asked += 1;
            state.asked
        });
        self.woken.notify_waiters();
        loop {
            // Listens before it looks, so that nothing comes between the two.
            let woken = self.woken.notified();
            let (is_left, events) = self.with(|state| {
                let is_left = state.asked != own;
                (is_left, if is_left { BTreeSet::new() } else { std::mem::take(&mut state.waiting) })
            });
            if is_left || !events.is_empty() {
                return events;
            }
            woken.await;
        }
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn events_wait_for_the_next_question() {
        let events = PageEvents::default();
        events.emit(PageEvent::DeepLink);
        let mut first = pin!(events.next());
        assert_eq!(first.as_mut().now_or_never(), None, "nobody was there to hear it");
        events.emit(PageEvent::Changed);
        assert_eq!(first.now_or_never(), Some(BTreeSet::from([PageEvent::Changed])));
        for event in [PageEvent::Changed, PageEvent::CloseRequested, PageEvent::Changed] {
            events.emit(event);
        }
        let both = BTreeSet::from([PageEvent::Changed, PageEvent::CloseRequested]);
        assert_eq!(events.next().now_or_never(), Some(both));
        assert_eq!(events.next().now_or_never(), None);
    }

    #[test]
    fn page_that_was_left_takes_no_event() {
        let events = PageEvents::default();
        let mut left = pin!(events.next());
        assert_eq!(left.as_mut().now_or_never(), None);
        let mut page = pin!(events.next());
        assert_eq!(page.as_mut().now_or_never(), None);
        assert_eq!(left.now_or_never(), Some(BTreeSet::new()));
        events.emit(PageEvent::Changed);
        assert_eq!(page.now_or_never(), Some(BTreeSet::from([PageEvent::Changed])));
    }

    #[test]
    fn names_are_those_of_the_page() {
        let names =
            serde_json::to_value([PageEvent::Changed, PageEvent::CloseRequested, PageEvent::DeepLink]);
        assert_eq!(names.ok(), Some(serde_json::json!(["changed", "close_requested", "deep_link"])));
    }
}
