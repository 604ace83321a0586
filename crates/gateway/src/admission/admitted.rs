//! Requests that came with a valid pass: each ends as soon as its pass or its account is no longer valid, however far it
//! has come.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use usher_domain::{Failure, Pass};

use crate::host::{GatewayHost, Route};
use crate::server::pass_limiter::PassPermit;

/// The admitted requests that have not ended.
#[derive(Default)]
pub(crate) struct AdmittedRequests {
    requests: Mutex<Requests>,
    arrived: Notify,
}

#[derive(Default)]
struct Requests {
    last_id: u64,
    all: BTreeMap<u64, Entry>,
    /// Why all requests are ended, while the gateway is closed.
    closed: Option<Failure>,
}

struct Entry {
    pass: Arc<Pass>,
    /// Unknown until the body was read.
    route: Option<Arc<Route>>,
    end: watch::Sender<Option<Failure>>,
}

/// A request with a valid pass. Dropping it ends it.
pub(crate) struct AdmittedRequest {
    pub(crate) pass: Arc<Pass>,
    all: Arc<AdmittedRequests>,
    id: u64,
    end: watch::Receiver<Option<Failure>>,
    _permit: PassPermit,
}

impl AdmittedRequests {
    /// Adds a request with `pass`.
    pub(crate) fn admit(self: &Arc<Self>, pass: Arc<Pass>, permit: PassPermit) -> AdmittedRequest {
        let mut requests = self.requests.lock();
        let (end, ended) = watch::channel(requests.closed.clone());
        requests.last_id += 1;
        let id = requests.last_id;
        requests.all.insert(id, Entry { pass: Arc::clone(&pass), route: None, end });
        drop(requests);
        self.arrived.notify_one();
        AdmittedRequest { pass, all: Arc::clone(self), id, end: ended, _permit: permit }
    }

    /// Ends all requests, and each new one, with `why` until [`open`](Self::open).
    pub(crate) fn close(&self, why: &Failure) {
        let mut requests = self.requests.lock();
        requests.closed = Some(why.clone());
        for entry in requests.all.values() {
            entry.end.send_replace(Some(why.clone()));
        }
    }

    /// Lets requests go on again.
    pub(crate) fn open(&self) {
        self.requests.lock().closed = None;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.requests.lock().all.is_empty()
    }

    /// Waits until a request has come since the last call.
    pub(crate) async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// Ends the requests whose pass or account is no longer valid.
    pub(crate) async fn end_revoked(&self, host: &dyn GatewayHost) {
        // Checked without the lock, because the check may read files.
        let open: Vec<(u64, Arc<Pass>, Option<Arc<Route>>)> = {
            let requests = self.requests.lock();
            let open = requests.all.iter();
            open.map(|(id, entry)| (*id, Arc::clone(&entry.pass), entry.route.clone())).collect()
        };
        for (id, pass, route) in open {
            let Some(failure) = host.revocation(&pass, route.as_deref()).await else { continue };
            if let Some(entry) = self.requests.lock().all.get(&id) {
                entry.end.send_replace(Some(failure));
            }
        }
    }
}

impl AdmittedRequest {
    /// Sets where the request goes, so that it also ends with the account.
    pub(crate) fn set_route(&self, route: &Arc<Route>) {
        if let Some(entry) = self.all.requests.lock().all.get_mut(&self.id) {
            entry.route = Some(Arc::clone(route));
        }
    }

    /// Waits until the request must end, and returns why.
    pub(crate) async fn revoked(&mut self) -> Failure {
        loop {
            if let Some(failure) = self.end.borrow_and_update().clone() {
                return failure;
            }
            if self.end.changed().await.is_err() {
                // Cannot happen: the sender is there until this request is dropped.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Does `work` unless the request must end before it is done.
    pub(crate) async fn unless_revoked<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Failure> {
        tokio::select! {
            biased;
            failure = self.revoked() => Err(failure),
            done = work => Ok(done),
        }
    }
}

impl Drop for AdmittedRequest {
    fn drop(&mut self) {
        self.all.requests.lock().all.remove(&self.id);
    }
}
