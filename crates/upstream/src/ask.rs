//! Reading the streamed answer to one question.

use serde_json::Value;
use usher_dialect::{Ending, Reply, Unreadable, chat_completions, responses};
use usher_domain::{ErrorCode, Failure};
use usher_net::Answer;

/// Asks for so little that the answer costs next to nothing.
pub(crate) const INSTRUCTIONS: &str = "You are answering a connection test. Reply with exactly one word.";
/// The question.
pub(crate) const WORDS: &str = "Reply with the word: ready";

/// Why a stream has no text to show.
pub(crate) enum Failed {
    /// Nothing that the provider said explains it.
    Ours(Failure),
    /// The provider's error object.
    Theirs(Value),
}

/// Puts an answer together, whichever API it comes by.
pub(crate) trait Reader {
    /// Reads on; true at the end.
    fn push(&mut self, piece: &[u8]) -> Result<bool, Unreadable>;
    /// What came.
    fn finish(self) -> Reply;
}

impl Reader for responses::ReplyReader {
    fn push(&mut self, piece: &[u8]) -> Result<bool, Unreadable> {
        self.push(piece)
    }

    fn finish(self) -> Reply {
        self.finish()
    }
}

impl Reader for chat_completions::ReplyReader {
    fn push(&mut self, piece: &[u8]) -> Result<bool, Unreadable> {
        self.push(piece)
    }

    fn finish(self) -> Reply {
        self.finish()
    }
}

/// Reads until the terminal event. What the model had said before a failure is dropped: a test that passes by
/// half would be a lie.
pub(crate) async fn read(mut answer: Answer, mut reader: impl Reader) -> Result<String, Failed> {
    while let Some(piece) = answer.chunk().await.map_err(|error| Failed::Ours(error.into()))? {
        if reader.push(&piece).map_err(|why| ours(ErrorCode::MalformedAnswer, &answer, &why.to_string()))? {
            break;
        }
    }
    let Reply { text, ending } = reader.finish();
    match ending {
        Ending::Completed if text.trim().is_empty() => {
            Err(ours(ErrorCode::MalformedAnswer, &answer, "the model said nothing"))
        }
        Ending::Completed => Ok(text.trim().to_owned()),
        Ending::Failed { error } => Err(Failed::Theirs(error)),
        Ending::Incomplete { reason } => {
            let reason = reason.map(|reason| usher_domain::redact(&reason)).unwrap_or_default();
            Err(ours(ErrorCode::UpstreamError, &answer, &format!("the answer was stopped early {reason}")))
        }
        Ending::Cut => Err(ours(ErrorCode::UpstreamError, &answer, "the answer was cut off before its end")),
    }
}

fn ours(code: ErrorCode, answer: &Answer, what: &str) -> Failed {
    Failed::Ours(Failure::new(code, format!("{}: {}", answer.host(), what.trim_end())))
}
