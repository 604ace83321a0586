//! Requests through the gateway of this process, as the window shows them.

use std::time::Duration;

use tokio::sync::oneshot;
use usher_domain::{AccountId, ErrorCode};
use usher_gateway::{Outcome, Payer, RequestEnd, RequestRecord};

use crate::gateway::process::controller::GatewayController;
use crate::gateway::routes::model_alias::with_provider;
use crate::providers::kinds::has_accounts;
use crate::view::{PayerView, RequestStatus, RequestUpdate, RequestView};

/// How often the window hears of changes at most; what changes meanwhile comes in one piece.
const EVERY: Duration = Duration::from_millis(100);

impl GatewayController {
    /// Calls `on_update` with all known requests, and then with each change.
    ///
    /// Ends with [`stop_watching_requests`](Self::stop_watching_requests), or when another watcher begins.
    pub async fn watch_requests(&self, on_update: impl Fn(RequestUpdate) + Send) {
        let (stop, mut stopped) = oneshot::channel();
        *self.watching.lock() = Some(stop);
        let live = &self.live;
        let mut changes = live.changes();
        let mut seen = 0;
        loop {
            changes.mark_unchanged();
            let news = live.since(seen);
            // The first time also where there are none: what the window had is over.
            if news.is_snapshot || !news.requests.is_empty() {
                on_update(RequestUpdate {
                    requests: news.requests.into_iter().map(view).collect(),
                    whole: news.is_snapshot,
                });
            }
            seen = news.until;
            tokio::select! {
                _ = &mut stopped => return,
                () = async { tokio::time::sleep(EVERY).await; drop(changes.changed().await) } => {}
            }
        }
    }

    /// Ends [`watch_requests`](Self::watch_requests).
    pub fn stop_watching_requests(&self) {
        *self.watching.lock() = None;
    }
}

fn view(request: RequestRecord) -> RequestView {
    let status = status(&request);
    let RequestRecord { id, pass, dialect, provider, account, payer, model_name, since, end, .. } = request;
    let tokens = end.and_then(|end| end.tokens);
    let payer =
        provider.zip(payer).map(|(provider_id, Payer { provider, account: name, paid_by })| PayerView {
            account_id: has_accounts(&provider_id).then_some(AccountId(account)),
            provider_id,
            provider,
            account: name,
            paid_by,
        });
    RequestView {
        id,
        payer,
        pass,
        dialect,
        model: model_name,
        since,
        status,
        took_ms: end.map(|end| end.took_ms),
        tokens_in: tokens.map(|tokens| tokens.input),
        tokens_out: tokens.map(|tokens| tokens.output),
        code: end.and_then(|end| match end.outcome {
            Outcome::Completed | Outcome::Cancelled => None,
            Outcome::Refused(code) | Outcome::Failed(code) => Some(code),
        }),
    }
}

fn status(request: &RequestRecord) -> RequestStatus {
    let Some(RequestEnd { outcome, .. }) = request.end else { return RequestStatus::Answering };
    match outcome {
        Outcome::Completed => RequestStatus::Done,
        Outcome::Cancelled => RequestStatus::Stopped,
        Outcome::Refused(ErrorCode::HostNotAllowed) if names_another(request) => RequestStatus::NotInPass,
        Outcome::Refused(code) | Outcome::Failed(code) => match code {
            ErrorCode::UsageLimitReached | ErrorCode::RateLimited | ErrorCode::BudgetReached => {
                RequestStatus::LimitReached
            }
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
        let end = outcome.map(|outcome| RequestEnd { outcome, took_ms: 1, tokens: None });
        let request = RequestRecord {
            id: 1,
            pass: "test".into(),
            dialect: "responses",
            provider: Some(CHATGPT),
            account: String::new(),
            payer: None,
            model: model.into(),
            model_name: model.into(),
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
