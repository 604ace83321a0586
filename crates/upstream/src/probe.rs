//! Reading the answer to one question: a stream, as was asked for, or one piece from a service that does not stream.

use serde_json::Value;
use usher_dialect::{ProbeResponse, ResponseStatus, StreamParseError, chat_completions, responses};
use usher_domain::{ErrorCode, Failure};
use usher_net::{HttpResponse, NetError};

/// Asks for so little that the answer costs next to nothing.
pub(crate) const TEST_INSTRUCTIONS: &str =
    "You are answering a connection test. Reply with exactly one word.";
/// The question.
pub(crate) const TEST_PROMPT: &str = "Reply with the word: ready";

/// Why a stream has no text to show.
pub(crate) enum ProbeError {
    /// Nothing that the provider said explains it.
    Ours(Failure),
    /// The provider's error object.
    Theirs(Value),
}

/// Puts an answer together, whichever API it comes by.
pub(crate) trait Reader {
    /// Reads on; true at the end.
    fn push(&mut self, piece: &[u8]) -> Result<bool, StreamParseError>;
    /// What came.
    fn finish(self) -> ProbeResponse;
    /// The same of an answer in one piece.
    fn whole(body: &[u8]) -> Result<ProbeResponse, StreamParseError>;
}

/// Longer ones are no answer of one word.
const MAX_RESPONSE_BYTES: usize = 1024 * 1024;

impl Reader for responses::ResponsesProbeReader {
    fn push(&mut self, piece: &[u8]) -> Result<bool, StreamParseError> {
        self.push(piece)
    }

    fn finish(self) -> ProbeResponse {
        self.finish()
    }

    fn whole(body: &[u8]) -> Result<ProbeResponse, StreamParseError> {
        Self::read_body(body)
    }
}

impl Reader for chat_completions::ChatProbeReader {
    fn push(&mut self, piece: &[u8]) -> Result<bool, StreamParseError> {
        self.push(piece)
    }

    fn finish(self) -> ProbeResponse {
        self.finish()
    }

    fn whole(body: &[u8]) -> Result<ProbeResponse, StreamParseError> {
        Self::read_body(body)
    }
}

/// Reads until the terminal event. What the model had said before a failure is dropped: a test that passes by
/// half would be a lie.
pub(crate) async fn read<R: Reader>(mut answer: HttpResponse, reader: R) -> Result<String, ProbeError> {
    let mut first = Vec::new();
    while first.trim_ascii_start().is_empty() {
        let Some(piece) = answer.chunk().await? else { break };
        first.extend_from_slice(&piece);
    }
    // Told by itself: some call a stream JSON in its head. No line of a stream begins like this.
    let ProbeResponse { text, status } = if first.trim_ascii_start().starts_with(b"{") {
        whole_response::<R>(&mut answer, first).await?
    } else {
        streamed(&mut answer, &first, reader).await?
    };
    match status {
        ResponseStatus::Completed if text.trim().is_empty() => {
            Err(ours(ErrorCode::MalformedAnswer, &answer, "the model said nothing"))
        }
        ResponseStatus::Completed => Ok(text.trim().to_owned()),
        ResponseStatus::Failed { error } => Err(ProbeError::Theirs(error)),
        ResponseStatus::Incomplete { reason } => {
            let reason = reason.map(|reason| usher_domain::redact(&reason)).unwrap_or_default();
            Err(ours(ErrorCode::UpstreamError, &answer, &format!("the answer was stopped early {reason}")))
        }
        ResponseStatus::Interrupted => {
            Err(ours(ErrorCode::UpstreamError, &answer, "the answer was cut off before its end"))
        }
    }
}

async fn streamed(
    answer: &mut HttpResponse,
    first: &[u8],
    mut reader: impl Reader,
) -> Result<ProbeResponse, ProbeError> {
    let unreadable = |answer: &HttpResponse, why: StreamParseError| {
        ours(ErrorCode::MalformedAnswer, answer, &why.to_string())
    };
    let mut is_over = reader.push(first).map_err(|why| unreadable(answer, why))?;
    while !is_over && let Some(piece) = answer.chunk().await? {
        is_over = reader.push(&piece).map_err(|why| unreadable(answer, why))?;
    }
    Ok(reader.finish())
}

async fn whole_response<R: Reader>(
    answer: &mut HttpResponse,
    mut body: Vec<u8>,
) -> Result<ProbeResponse, ProbeError> {
    while let Some(piece) = answer.chunk().await? {
        body.extend_from_slice(&piece);
        if body.len() > MAX_RESPONSE_BYTES {
            return Err(ours(ErrorCode::MalformedAnswer, answer, "sent far more than expected"));
        }
    }
    R::whole(&body).map_err(|why| ours(ErrorCode::MalformedAnswer, answer, &why.to_string()))
}

impl From<NetError> for ProbeError {
    fn from(error: NetError) -> Self {
        Self::Ours(error.into())
    }
}

fn ours(code: ErrorCode, answer: &HttpResponse, what: &str) -> ProbeError {
    ProbeError::Ours(Failure::new(code, format!("{}: {}", answer.host(), what.trim_end())))
}
