//! Requests through the gateway of this process, as the window shows them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use usher_domain::{AccountId, ErrorCode};
use usher_gateway::{Outcome, Payer, RequestEnd, RequestLog, RequestRecord};

use crate::activity::receipt::dropped_names;
use crate::context::Context;
use crate::gateway::passes::outcomes::name_of_account;
use crate::gateway::process::controller::GatewayController;
use crate::gateway::routes::model_alias::with_provider;
use crate::providers::kinds::has_accounts;
use crate::view::{PayerView, RequestReceipt, RequestStatus, RequestTerms, RequestUpdate, RequestView};

/// How often the window hears of changes at most; what changes meanwhile comes in one piece.
const EVERY: Duration = Duration::from_millis(100);

impl GatewayController {
    /// Calls `on_update` with all known requests, and then with each change.
    ///
    /// Ends with [`stop_watching_requests`](Self::stop_watching_requests), or when another watcher begins.
    pub async fn watch_requests(&self, on_update: impl Fn(RequestUpdate) + Send) {
        let (stop, mut stopped) = oneshot::channel();
        *self.watching.lock() = Some(stop);
        let mut feed = self.request_feed();
        loop {
            tokio::select! {
                _ = &mut stopped => return,
                update = feed.next() => on_update(update),
            }
        }
    }

    /// Ends [`watch_requests`](Self::watch_requests).
    pub fn stop_watching_requests(&self) {
        *self.watching.lock() = None;
    }

    /// Returns the requests of this process, as they change from now on.
    pub(crate) fn request_feed(&self) -> RequestFeed {
        RequestFeed {
            context: Arc::clone(&self.context),
            changes: self.live.changes(),
            live: Arc::clone(&self.live),
            seen: None,
        }
    }

    /// Returns how many requests are being answered in this process.
    pub(crate) fn running_requests(&self) -> usize {
        self.live.requests().len()
    }
}

/// The requests of this process, as they change.
pub(crate) struct RequestFeed {
    context: Arc<Context>,
    live: Arc<RequestLog>,
    changes: watch::Receiver<u64>,
    /// The number of the last change that was returned.
    seen: Option<u64>,
}

impl RequestFeed {
    /// Returns all known requests the first time, also where there are none: what the window had is over. Then waits for
    /// changes.
    pub(crate) async fn next(&mut self) -> RequestUpdate {
        loop {
            let is_first = self.seen.is_none();
            if !is_first {
                tokio::time::sleep(EVERY).await;
                // The log is there as long as this is.
                drop(self.changes.changed().await);
            }
            self.changes.mark_unchanged();
            let news = self.live.since(self.seen.unwrap_or_default());
            self.seen = Some(news.until);
            if is_first || news.is_snapshot || !news.requests.is_empty() {
                let mut requests: Vec<RequestView> = news.requests.into_iter().map(view).collect();
                self.hide_names(&mut requests).await;
                return RequestUpdate { requests, whole: news.is_snapshot };
            }
        }
    }

    /// Replaces the names of accounts, where the person hides them: a request has the name of the time when it came.
    async fn hide_names(&self, requests: &mut [RequestView]) {
        if !self.context.hides_names() {
            return;
        }
        let vault = self.context.vault().await.unwrap_or_default();
        for payer in requests.iter_mut().filter_map(|request| request.payer.as_mut()) {
            payer.account = payer.account_id.as_ref().and_then(|id| name_of_account(id, &vault));
        }
    }
}

fn view(request: RequestRecord) -> RequestView {
    let (status, receipt) = (status(&request), receipt(&request));
    let RequestRecord { id, pass, dialect, provider, account, payer, model_name, since, end, .. } = request;
    let tokens = end.as_ref().and_then(|end| end.tokens);
    let payer =
        provider.zip(payer).map(|(provider_id, Payer { provider, account: name, paid_by })| PayerView {
            account_id: has_accounts(&provider_id).then_some(AccountId(account)),
            provider_id,
            provider,
            account: name,
            paid_by: paid_by.into(),
        });
    RequestView {
        id,
        payer,
        pass,
        dialect: dialect.into(),
        model: model_name,
        since,
        status,
        took_ms: end.as_ref().map(|end| end.took_ms),
        tier: end.as_ref().and_then(|end| end.tier.clone()),
        tokens_in: tokens.map(|tokens| tokens.input),
        tokens_out: tokens.map(|tokens| tokens.output),
        code: end.and_then(|end| match end.outcome {
            Outcome::Completed | Outcome::Cancelled => None,
            Outcome::Refused(code) | Outcome::Failed(code) => Some(code),
        }),
        receipt,
    }
}

fn receipt(request: &RequestRecord) -> RequestReceipt {
    let end = request.end.as_ref();
    let tokens = end.and_then(|end| end.tokens);
    let requested = end.map(|end| end.requested.clone()).unwrap_or_default();
    let asked = RequestTerms {
        model: request.requested_model.clone().unwrap_or_else(|| request.model.clone()),
        effort: requested.effort,
        tier: requested.tier,
    };
    let sent = request.payer.is_some().then(|| RequestTerms {
        model: request.model.clone(),
        effort: end.and_then(|end| end.effort.clone()),
        tier: end.and_then(|end| end.tier.clone()),
    });
    RequestReceipt {
        project: request.project.clone(),
        asked,
        sent,
        dropped: end.map(dropped_names).unwrap_or_default(),
        first_output_ms: end.and_then(|end| end.response.first_output_ms),
        tokens_cached: tokens.map(|tokens| tokens.cached),
        tokens_reasoning: tokens.map(|tokens| tokens.reasoning),
        cache_miss: end.and_then(|end| end.cache_miss).map(|miss| miss.name().into()),
        request_id: end.and_then(|end| end.response.request_id.clone()),
    }
}

fn status(request: &RequestRecord) -> RequestStatus {
    let Some(RequestEnd { outcome, .. }) = &request.end else { return RequestStatus::Answering };
    match *outcome {
        Outcome::Completed => RequestStatus::Done,
        Outcome::Cancelled => RequestStatus::Stopped,
        Outcome::Refused(ErrorCode::HostNotAllowed) if names_another(request) => RequestStatus::NotInPass,
        Outcome::Refused(code) | Outcome::Failed(code) => match code {
            ErrorCode::UsageLimitReached
            | ErrorCode::RateLimited
            | ErrorCode::BudgetReached
            | ErrorCode::ReserveReached => RequestStatus::LimitReached,
            _ => RequestStatus::Failed,
        },
    }
}

/// Whether the pass is for one provider, and the request names another.
fn names_another(request: &RequestRecord) -> bool {
    let named = with_provider(&request.model).map(|(provider, _)| provider);
    request.provider.is_some() && named.is_some() && named != request.provider
}

#[cfg(test)]
mod tests {
    use usher_domain::UnixTime;

    use crate::providers::kinds::CHATGPT;

    use super::*;

    fn shown(model: &str, outcome: Option<Outcome>) -> (RequestStatus, Option<ErrorCode>) {
        let end = outcome.map(|outcome| RequestEnd {
            outcome,
            took_ms: 1,
            tokens: None,
            requested: usher_gateway::RequestedTerms::default(),
            effort: None,
            tier: None,
            dropped: Vec::new(),
            cache_miss: None,
            response: usher_gateway::ResponseFacts::default(),
        });
        let request = RequestRecord {
            id: 1,
            pass: "test".into(),
            project: None,
            dialect: "responses",
            provider: Some(CHATGPT),
            account: String::new(),
            payer: None,
            model: model.into(),
            model_name: model.into(),
            requested_model: None,
            since: UnixTime(0),
            end,
        };
        let view = view(request);
        (view.status, view.code)
    }

    #[test]
    fn a_refusal_is_of_the_pass_only_where_another_provider_was_named() {
        use RequestStatus as S;
        let refused = Some(Outcome::Refused(ErrorCode::HostNotAllowed));
        let why = Some(ErrorCode::HostNotAllowed);
        assert_eq!(shown("openai/gpt-6", refused), (S::NotInPass, why));
        assert_eq!(shown("gpt-6", refused), (S::Failed, why));
        assert_eq!(shown("gpt-6", None), (S::Answering, None));
        assert_eq!(shown("gpt-6", Some(Outcome::Cancelled)), (S::Stopped, None));
        let limit = ErrorCode::UsageLimitReached;
        assert_eq!(shown("gpt-6", Some(Outcome::Failed(limit))), (S::LimitReached, Some(limit)));
    }
}
