//! The guard of a running request: how it must end, what it used, and its record when it is dropped.

use std::borrow::Cow;
use std::sync::Arc;

use tokio::time::Instant;
use usher_domain::{Failure, Pass};
use usher_upstream::ForwardResponse;

use super::{Outcome, RequestEnd, RequestLog, RequestedTerms, ResponseFacts, TokenCounts};
use crate::admission::admitted::AdmittedRequest;
use crate::host::GatewayHost;
use crate::translate::prompt_cache::CacheMiss;

/// A guard for a running request; dropping it finishes the record.
pub(crate) struct RequestGuard {
    pub(super) log: Arc<RequestLog>,
    pub(super) id: u64,
    pub(super) since: Instant,
    pub(super) outcome: Outcome,
    pub(super) tokens: Option<TokenCounts>,
    pub(super) sent: SentFacts,
    pub(super) response: ResponseFacts,
    pub(super) admitted: AdmittedRequest,
    pub(super) meter: Option<TokenMeter>,
}

/// What is known of a request once it was sent.
#[derive(Default)]
pub(crate) struct SentFacts {
    /// What the client itself asked for.
    pub(crate) requested: RequestedTerms,
    /// The effort that was asked of the model.
    pub(crate) effort: Option<String>,
    /// The tier that was asked for.
    pub(crate) tier: Option<String>,
    /// Names of the fields that were dropped.
    pub(crate) dropped: Vec<Cow<'static, str>>,
    /// Why the provider's prompt cache would be missed.
    pub(crate) cache_miss: Option<CacheMiss>,
}

/// Counts the tokens of a pass that has a budget.
pub(super) struct TokenMeter {
    host: Arc<dyn GatewayHost>,
    pass: Arc<Pass>,
}

impl TokenMeter {
    pub(super) fn of(pass: &Arc<Pass>, host: &Arc<dyn GatewayHost>) -> Option<Self> {
        let has_budget = pass.scope.budget.is_some();
        has_budget.then(|| Self { host: Arc::clone(host), pass: Arc::clone(pass) })
    }
}

impl RequestGuard {
    /// Waits until the request must end, and returns why.
    pub(crate) async fn revoked(&mut self) -> Failure {
        self.admitted.revoked().await
    }

    /// Does `work` unless the request must end before it is done.
    pub(crate) async fn unless_revoked<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Failure> {
        self.admitted.unless_revoked(work).await
    }

    /// Sets the outcome. The last call wins; without one the request counts as cancelled by the client.
    pub(crate) fn set_outcome(&mut self, outcome: Outcome) {
        self.outcome = outcome;
    }

    /// Sets the token usage. What a budget pays for is counted now: the client may send the next request as soon as it
    /// has the last byte of this response.
    pub(crate) fn set_usage(&mut self, tokens: Option<TokenCounts>) {
        let Some(tokens) = tokens else { return };
        let before = self.tokens.replace(tokens).map_or(0, TokenCounts::total);
        let more = tokens.total().saturating_sub(before);
        if let Some(meter) = self.meter.as_ref().filter(|_| more > 0) {
            meter.host.count_tokens(&meter.pass, more);
        }
    }

    /// Sets what was sent.
    pub(crate) fn set_sent(&mut self, sent: SentFacts) {
        self.sent = sent;
    }

    /// Sets what the head of the response has; a retry has another one.
    pub(crate) fn set_response(&mut self, response: &ForwardResponse) {
        self.response.request_id = response.request_id().map(str::to_owned);
        self.response.windows = response.windows();
    }

    /// Notes that the client is sent the first text or tool call now. Only the first call counts.
    pub(crate) fn has_output(&mut self) {
        let since = self.since;
        self.response.first_output_ms.get_or_insert_with(|| milliseconds_since(since));
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        let SentFacts { requested, effort, tier, dropped, cache_miss } = std::mem::take(&mut self.sent);
        let missed = self.tokens.is_some_and(TokenCounts::missed_cache);
        let end = RequestEnd {
            outcome: self.outcome,
            took_ms: milliseconds_since(self.since),
            tokens: self.tokens,
            requested,
            effort,
            tier,
            dropped,
            cache_miss: cache_miss.filter(|_| missed),
            response: std::mem::take(&mut self.response),
        };
        self.log.finish(self.id, end);
    }
}

fn milliseconds_since(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
