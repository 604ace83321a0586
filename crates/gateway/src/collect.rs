//! The whole answer of a server that only streams, for a caller who wants it whole.

use usher_dialect::responses::Response;
use usher_domain::{ErrorCode, Failure};
use usher_upstream::{Declined, Relayed};

use crate::codec::Shape;
use crate::live::Place;
use crate::prepare::Outgoing;
use crate::stream::{Gatherer, Trouble};

/// Why there is no whole answer.
pub(crate) enum Unanswered {
    /// It broke off, or must end.
    Failed(Failure),
    /// The provider gave up, and said this.
    Theirs(Failure, serde_json::Value),
    /// It was asked once more, and refused that.
    Declined(Declined),
}

/// Why a stream was not read to its end.
enum Stopped {
    MustEnd(Failure),
    /// It broke off; `untold`: before the first word of the answer.
    Broken {
        failure: Failure,
        untold: bool,
    },
    Theirs(serde_json::Value),
}

/// Reads `relayed` to its end. One that breaks off before its first word is asked for once more.
pub(crate) async fn collect(
    mut relayed: Relayed,
    shape: &Shape,
    outgoing: &mut Outgoing,
    place: &mut Place,
) -> Result<Response<'static>, Unanswered> {
    let mut again = true;
    loop {
        match gather(&mut relayed, shape, place).await {
            Ok(answer) => return Ok(answer),
            Err(Stopped::Broken { failure, untold: true }) if std::mem::take(&mut again) => {
                tracing::info!(cause = %failure, "the answer broke off before it began; asking once more");
                relayed = tokio::select! {
                    sent = outgoing.send_last() => sent.map_err(Unanswered::Declined)?,
                    why = place.must_end() => return Err(Unanswered::Failed(why)),
                };
            }
            Err(Stopped::MustEnd(failure) | Stopped::Broken { failure, .. }) => {
                return Err(Unanswered::Failed(failure));
            }
            Err(Stopped::Theirs(mut error)) => {
                let route = &outgoing.route;
                let failure = route.backend.failed_in_stream(&relayed, &route.model.id, &mut error);
                return Err(Unanswered::Theirs(failure, error));
            }
        }
    }
}

async fn gather(
    relayed: &mut Relayed,
    shape: &Shape,
    place: &mut Place,
) -> Result<Response<'static>, Stopped> {
    let mut gatherer = Gatherer::new(shape);
    loop {
        let piece = tokio::select! {
            biased;
            piece = relayed.chunk() => piece,
            why = place.must_end() => return Err(Stopped::MustEnd(why)),
        };
        let broken = |failure: Failure, gatherer: &Gatherer| {
            Err(Stopped::Broken { failure, untold: !gatherer.has_begun() })
        };
        let (taken, closed) = match piece {
            Ok(Some(piece)) => (gatherer.take(&piece), false),
            Ok(None) => (gatherer.close(), true),
            Err(failure) => return broken(failure, &gatherer),
        };
        match taken {
            Ok(true) => return Ok(gatherer.finish()),
            Ok(false) if closed => {
                let cause = "the provider's answer was cut off before its end";
                return broken(Failure::new(ErrorCode::UpstreamError, cause), &gatherer);
            }
            Ok(false) => {}
            Err(Trouble::Theirs(error)) => return Err(Stopped::Theirs(error)),
            Err(Trouble::Unreadable(why)) => {
                return broken(Failure::new(ErrorCode::MalformedAnswer, why), &gatherer);
            }
        }
    }
}
