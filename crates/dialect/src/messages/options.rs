//! What the caller of the Messages API wants the response to be like.

use crate::translate::ToolNames;

/// How the response to one request is encoded.
///
/// The Responses API has no stop sequences, so the response encoder applies them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageOptions {
    /// The model as the caller named it.
    pub model: String,
    /// Whether the caller wants events rather than one message.
    pub stream: bool,
    /// Texts before which the response ends.
    pub stop_sequences: Vec<String>,
    /// The caller's names of the tools that were renamed.
    pub(crate) tools: ToolNames,
    /// How the model's reasoning is shown.
    pub(crate) thinking: ThinkingDisplay,
    /// The tag of the account that can decrypt the reasoning.
    pub(crate) owner_tag: String,
}

/// How a response shows the model's reasoning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum ThinkingDisplay {
    /// No thinking blocks: not requested, or disabled. Code that takes the first block for the text keeps working.
    #[default]
    Disabled,
    /// `display: "omitted"`: thinking blocks without text, only with the signature for the next turn.
    Omitted,
    /// Thinking blocks with a summary.
    Summarized,
}
