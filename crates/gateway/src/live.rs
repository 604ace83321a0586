//! Requests that are under way: who asks whom, since when, and never what. What ends them early comes in here too.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use usher_domain::{Failure, Pass, ProviderId, UnixTime};

use crate::desk::{FrontDesk, Route};

/// A request that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveRequest {
    /// Names it while it lasts.
    pub id: u64,
    /// Name of the pass that it came with.
    pub pass: String,
    /// `responses`, `chat_completions` or `messages`.
    pub dialect: &'static str,
    /// Who answers.
    pub provider: ProviderId,
    /// For which account.
    pub account: String,
    /// Which model.
    pub model: String,
    /// When it came.
    pub since: UnixTime,
}

/// All of them.
#[derive(Default)]
pub struct Live {
    requests: Mutex<Requests>,
    changes: watch::Sender<u64>,
}

#[derive(Default)]
struct Requests {
    last_id: u64,
    all: BTreeMap<u64, Entry>,
}

struct Entry {
    request: LiveRequest,
    pass: Arc<Pass>,
    route: Route,
    end: watch::Sender<Option<Failure>>,
}

/// A request's place among those that are under way; it leaves when this is dropped.
pub(crate) struct Place {
    live: Arc<Live>,
    id: u64,
    end: watch::Receiver<Option<Failure>>,
}

impl Place {
    /// Waits until the request must end, and says why. Never ends while it need not.
    pub(crate) async fn must_end(&mut self) -> Failure {
        loop {
            if let Some(failure) = self.end.borrow_and_update().clone() {
                return failure;
            }
            if self.end.changed().await.is_err() {
                // The other end lives as long as this place does.
                std::future::pending::<()>().await;
            }
        }
    }
}

impl Live {
    /// Those that are under way, the oldest first.
    pub fn requests(&self) -> Vec<LiveRequest> {
        self.lock().all.values().map(|entry| entry.request.clone()).collect()
    }

    /// Changes whenever one begins or ends.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(crate) fn enter(
        self: &Arc<Self>,
        pass: Arc<Pass>,
        route: &Route,
        dialect: &'static str,
        since: UnixTime,
    ) -> Place {
        let (end, ended) = watch::channel(None);
        let mut requests = self.lock();
        requests.last_id += 1;
        let id = requests.last_id;
        let request = LiveRequest {
            id,
            pass: pass.name.clone(),
            dialect,
            provider: route.provider.clone(),
            account: route.account.clone(),
            model: route.model.id.clone(),
            since,
        };
        requests.all.insert(id, Entry { request, pass, route: route.clone(), end });
        drop(requests);
        self.changes.send_modify(|count| *count += 1);
        Place { live: Arc::clone(self), id, end: ended }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().all.is_empty()
    }

    /// How many came with the pass `id`.
    pub(crate) fn count_of(&self, id: &str) -> usize {
        self.lock().all.values().filter(|entry| entry.pass.id == id).count()
    }

    /// Ends those whose pass or account is no longer good.
    pub(crate) fn end_what_must(&self, desk: &dyn FrontDesk) {
        // Asked without the lock: the answer may need a look at files.
        let open: Vec<(u64, Arc<Pass>, Route)> = {
            let requests = self.lock();
            let open = requests.all.iter();
            open.map(|(id, entry)| (*id, Arc::clone(&entry.pass), entry.route.clone())).collect()
        };
        for (id, pass, route) in open {
            let Some(failure) = desk.must_end(&pass, &route) else { continue };
            if let Some(entry) = self.lock().all.get(&id) {
                entry.end.send_replace(Some(failure));
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Requests> {
        // Entries are put in and taken out whole, so a panic elsewhere cannot have left half of one.
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.live.lock().all.remove(&self.id);
        self.live.changes.send_modify(|count| *count += 1);
    }
}
