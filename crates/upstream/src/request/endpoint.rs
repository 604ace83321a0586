//! The endpoints of a server that requests of other programs go to.

/// An endpoint of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardEndpoint {
    /// `POST /responses`.
    Responses,
    /// `POST /responses/compact`: makes a history shorter (protocol §8.4).
    Compact,
    /// `POST /chat/completions`.
    ChatCompletions,
}
