//! What a request of another program may ask a server for.

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardEndpoint {
    /// An answer, by the Responses API.
    Responses,
    /// A shorter history (protocol §8.4).
    Compact,
    /// An answer, by the Chat Completions API.
    ChatCompletions,
}
