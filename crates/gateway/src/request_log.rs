//! Requests that are under way, and the last ones that were: who asks whom, since when, and never what. What ends them
//! early comes in here too.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::Instant;
use usher_domain::{ErrorCode, Failure, Pass, ProviderId, UnixTime};

use crate::host::{GatewayHost, Route};
use crate::server::pass_limiter::PassPermit;

/// How many of those that have ended are remembered.
const MAX_RECORDS: usize = 200;

/// A request, without anything that it asks or is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecord {
    /// Names it, as long as the process lasts.
    pub id: u64,
    /// Name of the pass that it came with.
    pub pass: String,
    /// `forward_responses`, `chat_completions` or `messages`.
    pub dialect: &'static str,
    /// Who answers; for one that went nowhere, who alone could have.
    pub provider: Option<ProviderId>,
    /// For which account; empty for one that went nowhere.
    pub account: String,
    /// Id of the model; for one that went nowhere, as it was named.
    pub model: String,
    /// The model's name for people.
    pub model_name: String,
    /// When it came.
    pub since: UnixTime,
    /// How it ended, once it has.
    pub end: Option<RequestEnd>,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestEnd {
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What it cost, where the answer said so and was read.
    pub tokens: Option<TokenUsage>,
}

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered to its end.
    Completed,
    /// The caller left before that.
    Cancelled,
    /// It went nowhere.
    Refused(ErrorCode),
    /// It was not answered, or not to its end.
    Failed(ErrorCode),
}

/// Tokens of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenUsage {
    /// Of the question, those from a cache too.
    pub input: u64,
    /// Of the answer.
    pub output: u64,
}

/// What is new of the requests.
#[derive(Debug, PartialEq, Eq)]
pub struct RequestChanges {
    /// Those that began or ended, in the order in which they began.
    pub requests: Vec<RequestRecord>,
    /// Up to which change that is so.
    pub until: u64,
    /// They are all that is known, and nothing else holds any more: what had been heard before may have ended since
    /// and be forgotten.
    pub is_snapshot: bool,
}

/// All of them.
#[derive(Default)]
pub struct RequestLog {
    requests: Mutex<Requests>,
    changes: watch::Sender<u64>,
}

#[derive(Default)]
struct Requests {
    last_id: u64,
    all: BTreeMap<u64, RunningRequest>,
    /// Each with the change by which it ended; the oldest first.
    ended: VecDeque<(u64, RequestRecord)>,
    /// The last change that is remembered no more.
    forgotten: u64,
    /// How many changes there were.
    changes: u64,
    /// Why nothing may go on, while that is so.
    closed: Option<Failure>,
}

struct RunningRequest {
    request: RequestRecord,
    /// The change by which it began.
    began: u64,
    pass: Arc<Pass>,
    route: Route,
    end: watch::Sender<Option<Failure>>,
}

/// A request's place among those that are under way; it leaves when this is dropped.
pub(crate) struct RequestGuard {
    live: Arc<RequestLog>,
    id: u64,
    since: Instant,
    outcome: Outcome,
    tokens: Option<TokenUsage>,
    end: watch::Receiver<Option<Failure>>,
    _permit: PassPermit,
}

impl RequestGuard {
    /// Waits until the request must end, and says why. Never ends while it need not.
    pub(crate) async fn revoked(&mut self) -> Failure {
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

    /// Says what came of it. What is said last counts; when nothing is, the caller left.
    pub(crate) fn set_outcome(&mut self, outcome: Outcome) {
        self.outcome = outcome;
    }

    /// Says what it cost.
    pub(crate) fn set_usage(&mut self, tokens: Option<TokenUsage>) {
        self.tokens = tokens.or(self.tokens);
    }
}

impl RequestLog {
    /// Those that are under way, the oldest first.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.lock().all.values().map(|entry| entry.request.clone()).collect()
    }

    /// Those that began or ended after the change `seen_requests`. After 0, or when one of them is forgotten (the last 200 that
    /// ended are remembered), all that is known.
    pub fn since(&self, seen: u64) -> RequestChanges {
        let requests = self.lock();
        let whole = seen == 0 || seen < requests.forgotten;
        let seen = if whole { 0 } else { seen };
        let ended = requests.ended.iter().filter(|(change, _)| *change > seen).map(|(_, request)| request);
        let open = requests.all.values().filter(|entry| entry.began > seen).map(|entry| &entry.request);
        let mut changed: Vec<RequestRecord> = ended.chain(open).cloned().collect();
        changed.sort_by_key(|request| request.id);
        RequestChanges { requests: changed, until: requests.changes, is_snapshot: whole }
    }

    /// Changes whenever one begins or ends.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Ends all that are under way with `why`, and those to come, until [`open`](Self::open).
    pub fn close(&self, why: &Failure) {
        let mut requests = self.lock();
        requests.closed = Some(why.clone());
        for entry in requests.all.values() {
            entry.end.send_replace(Some(why.clone()));
        }
    }

    /// Lets requests in again.
    pub fn open(&self) {
        self.lock().closed = None;
    }

    pub(crate) fn begin(
        self: &Arc<Self>,
        pass: Arc<Pass>,
        seat: PassPermit,
        route: &Route,
        dialect: &'static str,
        since: UnixTime,
    ) -> RequestGuard {
        let mut requests = self.lock();
        let (end, ended) = watch::channel(requests.closed.clone());
        let (id, began) = requests.next();
        let request = RequestRecord {
            id,
            pass: pass.name.clone(),
            dialect,
            provider: Some(route.provider.clone()),
            account: route.account.clone(),
            model: route.model.id.clone(),
            model_name: route.model.name.clone(),
            since,
            end: None,
        };
        requests.all.insert(id, RunningRequest { request, began, pass, route: route.clone(), end });
        self.sanitized_model(&requests);
        drop(requests);
        let (outcome, since) = (Outcome::Cancelled, Instant::now());
        RequestGuard { live: Arc::clone(self), id, since, outcome, tokens: None, end: ended, _permit: seat }
    }

    /// A request with a good pass went nowhere.
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
        let model: String = model.chars().take(MAX_MODEL_NAME_LENGTH).collect();
        let request = RequestRecord {
            id,
            pass: pass.name.clone(),
            dialect,
            provider: pass.scope.provider.clone(),
            account: String::new(),
            model_name: model.clone(),
            model,
            since,
            end: Some(RequestEnd { outcome: Outcome::Refused(code), took_ms: 0, tokens: None }),
        };
        requests.store_record(change, request);
        self.sanitized_model(&requests);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().all.is_empty()
    }

    /// Ends those whose pass or account is no longer good.
    pub(crate) fn end_revoked(&self, desk: &dyn GatewayHost) {
        // Asked without the lock: the answer may need a look at files.
        let open: Vec<(u64, Arc<Pass>, Route)> = {
            let requests = self.lock();
            let open = requests.all.iter();
            open.map(|(id, entry)| (*id, Arc::clone(&entry.pass), entry.route.clone())).collect()
        };
        for (id, pass, route) in open {
            let Some(failure) = desk.revocation(&pass, &route) else { continue };
            if let Some(entry) = self.lock().all.get(&id) {
                entry.end.send_replace(Some(failure));
            }
        }
    }

    fn finish(&self, id: u64, end: RequestEnd) {
        let mut requests = self.lock();
        let Some(RunningRequest { mut request, .. }) = requests.all.remove(&id) else { return };
        request.end = Some(end);
        requests.changes += 1;
        let change = requests.changes;
        requests.store_record(change, request);
        self.sanitized_model(&requests);
    }

    fn sanitized_model(&self, requests: &Requests) {
        self.changes.send_replace(requests.changes);
    }

    fn lock(&self) -> parking_lot::MutexGuard<'_, Requests> {
        self.requests.lock()
    }
}

/// Longest name of a model that is remembered; what a caller names may be anything.
const MAX_MODEL_NAME_LENGTH: usize = 100;

impl Requests {
    /// A new request's id, and the change by which it comes.
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
            self.forgotten = change;
        }
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        let took_ms = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.live.finish(self.id, RequestEnd { outcome: self.outcome, took_ms, tokens: self.tokens });
    }
}

#[cfg(test)]
mod tests {
    use usher_domain::PassScope;

    use super::*;

    fn pass() -> Pass {
        let scope = PassScope { provider: Some(ProviderId::Openai), ..PassScope::default() };
        Pass { id: "1".into(), name: "test".into(), scope, created_at: UnixTime(0), expires_at: None }
    }

    #[test]
    fn request_log_keeps_last_records_and_reports_each_once() {
        let live = RequestLog::default();
        let mut changes = live.changes();
        let refuse =
            |model: &str| live.record_refused(&pass(), model, "responses", UnixTime(7), ErrorCode::BadUsage);
        refuse("first");
        let first = live.since(0);
        assert_eq!((first.requests.len(), first.is_snapshot), (1, true));
        assert_eq!(first.requests[0].provider, Some(ProviderId::Openai));
        assert!(changes.has_changed().unwrap());
        assert_eq!(*changes.borrow_and_update(), first.until);
        let nothing = RequestChanges { requests: Vec::new(), until: first.until, is_snapshot: false };
        assert_eq!(live.since(first.until), nothing);
        refuse(&"x".repeat(1000));
        let second = live.since(first.until);
        let lengths: Vec<_> = second.requests.iter().map(|one| one.model.len()).collect();
        assert_eq!((lengths, second.is_snapshot), (vec![MAX_MODEL_NAME_LENGTH], false));
        (0..MAX_RECORDS).for_each(|_| refuse("more"));
        let news = live.since(second.until);
        assert_eq!((news.requests.len(), news.requests[0].id, news.is_snapshot), (MAX_RECORDS, 3, false));
        // Whoever has not heard of the second cannot hear of it any more, and has to begin anew.
        assert!(live.since(first.until).is_snapshot, "the oldest are forgotten");
    }
}
