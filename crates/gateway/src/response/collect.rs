//! The whole answer of a server that only streams, for a caller who wants it whole.

use usher_dialect::responses::Response;
use usher_domain::{ErrorCode, Failure};
use usher_upstream::{ForwardResponse, UpstreamError};

use crate::request_log::RequestGuard;
use crate::response::encode::ResponseCollector;
use crate::response::encoding::ResponseEncoding;
use crate::response::step::StreamError;
use crate::translate::plan::UpstreamCall;

/// Why there is no whole answer.
pub(crate) enum CollectError {
    /// It broke off, or must end.
    Failed(Failure),
    /// The provider gave up, and said this.
    Provider(Failure, serde_json::Value),
    /// It was asked once more, and refused that.
    Refused(UpstreamError),
}

/// Why a stream was not read to its end.
enum Interruption {
    Revoked(Failure),
    /// It broke off; `before_first_event`: before the first word of the answer.
    Broken {
        failure: Failure,
        before_first_event: bool,
    },
    Provider(serde_json::Value),
}

/// Reads `relayed` to its end. One that breaks off before its first word is asked for once more.
pub(crate) async fn collect(
    mut response: ForwardResponse,
    encoding: &ResponseEncoding,
    call: &mut UpstreamCall,
    record: &mut RequestGuard,
) -> Result<Response<'static>, CollectError> {
    let mut again = true;
    loop {
        match collect_events(&mut response, encoding, record).await {
            Ok(answer) => return Ok(answer),
            Err(Interruption::Broken { failure, before_first_event: true }) if std::mem::take(&mut again) => {
                tracing::info!(cause = %failure, "the answer broke off before it began; asking once more");
                response = tokio::select! {
                    sent = call.send_last() => sent.map_err(CollectError::Refused)?,
                    why = record.revoked() => return Err(CollectError::Failed(why)),
                };
            }
            Err(Interruption::Revoked(failure) | Interruption::Broken { failure, .. }) => {
                return Err(CollectError::Failed(failure));
            }
            Err(Interruption::Provider(mut error)) => {
                let route = &call.route;
                let failure = route.backend.stream_failure(&response, &route.model.id, &mut error);
                return Err(CollectError::Provider(failure, error));
            }
        }
    }
}

async fn collect_events(
    response: &mut ForwardResponse,
    encoding: &ResponseEncoding,
    record: &mut RequestGuard,
) -> Result<Response<'static>, Interruption> {
    let mut collector = ResponseCollector::new(encoding);
    loop {
        let piece = tokio::select! {
            biased;
            piece = response.chunk() => piece,
            why = record.revoked() => return Err(Interruption::Revoked(why)),
        };
        let broken = |failure: Failure, collector: &ResponseCollector| {
            Err(Interruption::Broken { failure, before_first_event: !collector.has_begun() })
        };
        let (taken, closed) = match piece {
            Ok(Some(piece)) => (collector.push(&piece), false),
            Ok(None) => (collector.close(), true),
            Err(failure) => return broken(failure, &collector),
        };
        match taken {
            Ok(true) => return Ok(collector.finish()),
            Ok(false) if closed => {
                let cause = "the provider's answer was cut off before its end";
                return broken(Failure::new(ErrorCode::UpstreamError, cause), &collector);
            }
            Ok(false) => {}
            Err(StreamError::Provider(error)) => return Err(Interruption::Provider(error)),
            Err(StreamError::Malformed(why)) => {
                return broken(Failure::new(ErrorCode::MalformedAnswer, why), &collector);
            }
        }
    }
}
