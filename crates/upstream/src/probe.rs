//! Reads the response of the connection test: a stream, as requested, or one body from a service that does not stream.

use serde_json::Value;
use usher_dialect::json_body::is_stream;
use usher_dialect::{
    ProbeResponse, ResponseStatus, StreamParseError, chat_completions, error_instead_of_answer, responses,
};
use usher_domain::{ErrorCode, Failure};
use usher_net::{HttpResponse, NetError};

/// The instructions: ask for so little that the response costs next to nothing.
pub(crate) const TEST_INSTRUCTIONS: &str =
    "You are answering a connection test. Reply with exactly one word.";
/// The user's message.
pub(crate) const TEST_PROMPT: &str = "Reply with the word: ready";

/// Why a response has no text to show.
pub(crate) enum ProbeError {
    /// An error that no error object of the provider explains.
    Local(Failure),
    /// The provider's error object.
    Upstream(Value),
    /// The provider's error, which was all of the body.
    InsteadOfAnswer(Value),
}

/// Collects the text of a response, for each API.
pub(crate) trait ProbeReader {
    /// Reads a chunk of the stream; true at the end of the response.
    fn push(&mut self, chunk: &[u8]) -> Result<bool, StreamParseError>;
    /// Returns what was read.
    fn finish(self) -> ProbeResponse;
    /// Reads a non-streaming response.
    fn read_body(body: &[u8]) -> Result<ProbeResponse, StreamParseError>;
}

/// A response of one word is shorter.
const MAX_RESPONSE_BYTES: usize = 1024 * 1024;

impl ProbeReader for responses::ResponsesProbeReader {
    fn push(&mut self, chunk: &[u8]) -> Result<bool, StreamParseError> {
        self.push(chunk)
    }

    fn finish(self) -> ProbeResponse {
        self.finish()
    }

    fn read_body(body: &[u8]) -> Result<ProbeResponse, StreamParseError> {
        Self::read_body(body)
    }
}

impl ProbeReader for chat_completions::ChatProbeReader {
    fn push(&mut self, chunk: &[u8]) -> Result<bool, StreamParseError> {
        self.push(chunk)
    }

    fn finish(self) -> ProbeResponse {
        self.finish()
    }

    fn read_body(body: &[u8]) -> Result<ProbeResponse, StreamParseError> {
        Self::read_body(body)
    }
}

/// Reads until the terminal event, and returns the text.
///
/// Text before an error is dropped: a test that half passed must not look like a success.
pub(crate) async fn read<R: ProbeReader>(
    mut response: HttpResponse,
    reader: R,
) -> Result<String, ProbeError> {
    let mut first = Vec::new();
    while first.trim_ascii_start().is_empty() {
        let Some(chunk) = response.chunk().await? else { break };
        first.extend_from_slice(&chunk);
    }
    // Recognized by the body: some services send a stream with the content type of JSON.
    let ProbeResponse { text, status } =
        if first.trim_ascii_start().is_empty() || is_stream(first.trim_ascii_start()) {
            streaming(&mut response, &first, reader).await?
        } else {
            non_streaming::<R>(&mut response, first).await?
        };
    match status {
        ResponseStatus::Completed if text.trim().is_empty() => {
            Err(failure(ErrorCode::MalformedAnswer, &response, "the model said nothing"))
        }
        ResponseStatus::Completed => Ok(text.trim().to_owned()),
        ResponseStatus::Failed { error } => Err(ProbeError::Upstream(error)),
        ResponseStatus::Incomplete { reason } => {
            let reason = reason.map(|reason| usher_domain::redact(&reason)).unwrap_or_default();
            Err(failure(
                ErrorCode::UpstreamError,
                &response,
                &format!("the answer was stopped early {reason}"),
            ))
        }
        ResponseStatus::Interrupted => {
            Err(failure(ErrorCode::UpstreamError, &response, "the answer was cut off before its end"))
        }
    }
}

async fn streaming(
    response: &mut HttpResponse,
    first: &[u8],
    mut reader: impl ProbeReader,
) -> Result<ProbeResponse, ProbeError> {
    let malformed = |response: &HttpResponse, error: StreamParseError| {
        failure(ErrorCode::MalformedAnswer, response, &error.to_string())
    };
    let mut finished = reader.push(first).map_err(|error| malformed(response, error))?;
    while !finished && let Some(chunk) = response.chunk().await? {
        finished = reader.push(&chunk).map_err(|error| malformed(response, error))?;
    }
    Ok(reader.finish())
}

async fn non_streaming<R: ProbeReader>(
    response: &mut HttpResponse,
    mut body: Vec<u8>,
) -> Result<ProbeResponse, ProbeError> {
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_RESPONSE_BYTES {
            return Err(failure(ErrorCode::MalformedAnswer, response, "sent far more than expected"));
        }
    }
    if let Some(error) = error_instead_of_answer(&body) {
        return Err(ProbeError::InsteadOfAnswer(error));
    }
    R::read_body(&body).map_err(|error| failure(ErrorCode::MalformedAnswer, response, &error.to_string()))
}

impl From<NetError> for ProbeError {
    fn from(error: NetError) -> Self {
        Self::Local(error.into())
    }
}

fn failure(code: ErrorCode, response: &HttpResponse, what: &str) -> ProbeError {
    ProbeError::Local(Failure::new(code, format!("{}: {}", response.host(), what.trim_end())))
}
