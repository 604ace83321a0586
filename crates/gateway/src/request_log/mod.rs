//! The log of running and recent requests: which pass, provider and model, never any content.

mod guard;
mod record;

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::watch;
use tokio::time::Instant;
use usher_domain::{ErrorCode, Failure, Pass, UnixTime};

use crate::admission::admitted::{AdmittedRequest, AdmittedRequests};
use crate::host::{GatewayHost, Route};

use guard::TokenMeter;
pub(crate) use guard::{RequestGuard, SentFacts};
pub use record::{Outcome, Payer, RequestEnd, RequestRecord, RequestedTerms, ResponseFacts, TokenCounts};

/// Maximum number of finished requests in the log.
const MAX_RECORDS: usize = 200;

/// Maximum length of a model name in the log; the client may send any text.
const MAX_MODEL_NAME_LENGTH: usize = 100;

/// Changes of the log since an earlier read.
#[derive(Debug, PartialEq)]
pub struct RequestChanges {
    /// Those that began or ended, in the order in which they began.
    pub requests: Vec<RequestRecord>,
    /// The number of the last change included.
    pub until: u64,
    /// Full snapshot: replaces everything received so far. Requests missing here may have ended and been dropped.
    pub is_snapshot: bool,
}

/// Running requests, and the last finished ones.
#[derive(Default)]
pub struct RequestLog {
    requests: Mutex<Requests>,
    /// Also those that are not in the log yet, because their body is still read.
    admitted: Arc<AdmittedRequests>,
    changes: watch::Sender<u64>,
    /// Receives each request that has ended, once.
    on_end: Option<OnRequestEnd>,
}

/// Receives a request that has ended. Must not wait: requests wait for it.
pub type OnRequestEnd = Box<dyn Fn(&RequestRecord) + Send + Sync>;

#[derive(Default)]
struct Requests {
    last_id: u64,
    all: BTreeMap<u64, RunningRequest>,
    /// Each with the number of the change that ended it, oldest first.
    ended: VecDeque<(u64, RequestRecord)>,
    /// The last change whose record was dropped.
    dropped: u64,
    /// Number of the last change.
    changes: u64,
}

struct RunningRequest {
    request: RequestRecord,
    /// Number of the change that began it.
    began: u64,
}

impl RequestLog {
    /// Creates a log that passes each request to `on_end` once it has ended or was refused. Requests for the access token
    /// are none: what is done with it is not known here.
    pub fn with_observer(on_end: OnRequestEnd) -> Self {
        Self { on_end: Some(on_end), ..Self::default() }
    }

    /// Returns the running requests, oldest first.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.lock().all.values().map(|entry| entry.request.clone()).collect()
    }

    /// Returns the requests that began or ended after change number `seen`.
    ///
    /// Returns a full snapshot for 0, or when one of them was dropped (the last 200 finished requests are kept).
    pub fn since(&self, seen: u64) -> RequestChanges {
        let requests = self.lock();
        let is_snapshot = seen == 0 || seen < requests.dropped;
        let seen = if is_snapshot { 0 } else { seen };
        let ended = requests.ended.iter().filter(|(change, _)| *change > seen).map(|(_, request)| request);
        let open = requests.all.values().filter(|entry| entry.began > seen).map(|entry| &entry.request);
        let mut changed: Vec<RequestRecord> = ended.chain(open).cloned().collect();
        changed.sort_by_key(|request| request.id);
        RequestChanges { requests: changed, until: requests.changes, is_snapshot }
    }

    /// Returns a channel that changes whenever a request begins or ends.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Ends all running and new requests with `why` until [`open`](Self::open).
    pub fn close(&self, why: &Failure) {
        self.admitted.close(why);
    }

    /// Accepts requests again.
    pub fn open(&self) {
        self.admitted.open();
    }

    /// Adds a running request, and returns the guard that ends it.
    pub(crate) fn begin(
        self: &Arc<Self>,
        host: &Arc<dyn GatewayHost>,
        admitted: AdmittedRequest,
        route: &Arc<Route>,
        requested: Requested<'_>,
        since: UnixTime,
    ) -> RequestGuard {
        admitted.set_route(route);
        let pass = &admitted.pass;
        let mut requests = self.lock();
        let (id, began) = requests.next();
        let request = RequestRecord {
            id,
            pass: pass.name.clone(),
            project: project_of(pass),
            dialect: requested.dialect,
            provider: Some(route.provider.clone()),
            account: route.account.clone(),
            payer: Some(Payer::of(route)),
            model: route.model.id.clone(),
            model_name: route.model.name.clone(),
            requested_model: requested.other_model(route),
            since,
            end: None,
        };
        let meter = TokenMeter::of(pass, host);
        requests.all.insert(id, RunningRequest { request, began });
        self.notify(&requests);
        drop(requests);
        let (outcome, since) = (Outcome::Cancelled, Instant::now());
        let log = Arc::clone(self);
        let (sent, response) = (SentFacts::default(), ResponseFacts::default());
        RequestGuard { log, id, since, outcome, tokens: None, sent, response, admitted, meter }
    }

    /// Records a request with a valid pass that was refused before any provider was called.
    pub(crate) fn record_refused(
        &self,
        pass: &Pass,
        model: &str,
        dialect: &'static str,
        since: UnixTime,
        code: ErrorCode,
    ) {
        let mut requests = self.lock();
        let (id, change) = requests.next();
        let model = short_name(model);
        let request = RequestRecord {
            id,
            pass: pass.name.clone(),
            project: project_of(pass),
            dialect,
            provider: pass.scope.provider.clone(),
            account: String::new(),
            payer: None,
            model_name: model.clone(),
            model,
            requested_model: None,
            since,
            end: Some(RequestEnd::without_response(Outcome::Refused(code))),
        };
        self.store_ended(requests, change, request);
    }

    /// Records that a pass asked for the access token itself.
    pub(crate) fn record_token(&self, pass: &Pass, since: UnixTime, outcome: Outcome) {
        let mut requests = self.lock();
        let (id, change) = requests.next();
        let request = RequestRecord {
            id,
            pass: pass.name.clone(),
            project: project_of(pass),
            dialect: "token",
            provider: pass.scope.provider.clone(),
            account: pass.scope.account.as_ref().map(|account| account.0.clone()).unwrap_or_default(),
            payer: None,
            model: String::new(),
            model_name: "access token".to_owned(),
            requested_model: None,
            since,
            end: Some(RequestEnd::without_response(outcome)),
        };
        requests.store_record(change, request);
        self.notify(&requests);
    }

    /// Returns the admitted requests, in the log or not.
    pub(crate) fn admitted(&self) -> &Arc<AdmittedRequests> {
        &self.admitted
    }

    fn finish(&self, id: u64, end: RequestEnd) {
        let mut requests = self.lock();
        let Some(RunningRequest { mut request, .. }) = requests.all.remove(&id) else { return };
        request.end = Some(end);
        requests.changes += 1;
        let change = requests.changes;
        self.store_ended(requests, change, request);
    }

    /// Stores a request that has ended, and passes it to the observer.
    fn store_ended(&self, mut requests: MutexGuard<'_, Requests>, change: u64, request: RequestRecord) {
        let observed = self.on_end.as_ref().map(|on_end| (on_end, request.clone()));
        requests.store_record(change, request);
        self.notify(&requests);
        drop(requests);
        if let Some((on_end, request)) = observed {
            on_end(&request);
        }
    }

    fn notify(&self, requests: &Requests) {
        self.changes.send_replace(requests.changes);
    }

    fn lock(&self) -> MutexGuard<'_, Requests> {
        self.requests.lock()
    }
}

impl Requests {
    /// Returns the id of a new request and the number of the change that adds it.
    fn next(&mut self) -> (u64, u64) {
        self.last_id += 1;
        self.changes += 1;
        (self.last_id, self.changes)
    }

    fn store_record(&mut self, change: u64, request: RequestRecord) {
        self.ended.push_back((change, request));
        if self.ended.len() > MAX_RECORDS
            && let Some((change, _)) = self.ended.pop_front()
        {
            self.dropped = change;
        }
    }
}

/// What a client asked for.
#[derive(Clone, Copy)]
pub(crate) struct Requested<'a> {
    /// The name of its dialect.
    pub(crate) dialect: &'static str,
    /// The model as it named it.
    pub(crate) model: &'a str,
}

impl Requested<'_> {
    /// Returns the name of the model, unless it is that of the route.
    fn other_model(&self, route: &Route) -> Option<String> {
        (!self.model.is_empty() && self.model != route.model.id).then(|| short_name(self.model))
    }
}

fn short_name(model: &str) -> String {
    model.chars().take(MAX_MODEL_NAME_LENGTH).collect()
}

/// Returns what a pass is for: its note of a project, else the name of its folder.
fn project_of(pass: &Pass) -> Option<String> {
    let folder = || Path::new(pass.scope.folder.as_ref()?).file_name()?.to_str().map(str::to_owned);
    pass.scope.project.clone().or_else(folder)
}

#[cfg(test)]
mod tests {
    use usher_domain::{PassScope, ProviderId};

    use super::*;

    fn pass() -> Pass {
        let scope = PassScope { provider: Some(ProviderId::of_kind("openai")), ..PassScope::default() };
        Pass {
            id: "1".into(),
            name: "test".into(),
            scope,
            created_at: UnixTime(0),
            expires_at: None,
            run: None,
        }
    }

    #[test]
    fn request_for_token_is_recorded() {
        let log = RequestLog::default();
        log.record_token(&pass(), UnixTime(7), Outcome::Completed);
        log.record_token(&pass(), UnixTime(8), Outcome::Refused(ErrorCode::RateLimited));
        let requests = log.since(0).requests;
        let ends: Vec<_> =
            requests.iter().map(|request| (request.dialect, request.end.as_ref().unwrap().outcome)).collect();
        let refused = Outcome::Refused(ErrorCode::RateLimited);
        assert_eq!(ends, [("token", Outcome::Completed), ("token", refused)]);
    }

    #[test]
    fn request_log_beyond_capacity_drops_oldest_records() {
        let log = RequestLog::default();
        let mut changes = log.changes();
        let refuse =
            |model: &str| log.record_refused(&pass(), model, "responses", UnixTime(7), ErrorCode::BadUsage);
        refuse("first");
        let first = log.since(0);
        assert_eq!((first.requests.len(), first.is_snapshot), (1, true));
        assert_eq!(first.requests[0].provider, Some(ProviderId::of_kind("openai")));
        assert!(changes.has_changed().unwrap());
        assert_eq!(*changes.borrow_and_update(), first.until);
        let nothing = RequestChanges { requests: Vec::new(), until: first.until, is_snapshot: false };
        assert_eq!(log.since(first.until), nothing);
        refuse(&"x".repeat(1000));
        let second = log.since(first.until);
        let lengths: Vec<_> = second.requests.iter().map(|one| one.model.len()).collect();
        assert_eq!((lengths, second.is_snapshot), (vec![MAX_MODEL_NAME_LENGTH], false));
        (0..MAX_RECORDS).for_each(|_| refuse("more"));
        let third = log.since(second.until);
        assert_eq!((third.requests.len(), third.requests[0].id, third.is_snapshot), (MAX_RECORDS, 3, false));
        // The second record was dropped, so a reader that has not seen it needs a snapshot.
        assert!(log.since(first.until).is_snapshot, "the oldest are dropped");
    }
}
