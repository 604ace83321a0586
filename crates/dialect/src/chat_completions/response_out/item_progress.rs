//! How much of an item a stream has.

use crate::responses::events::call_arguments::CallArguments;
use crate::responses::events::event::DeltaKind;

/// How much of an item was written.
///
/// Items come in deltas, complete when they are done, and perhaps once more in the final output; nothing may be
/// missed or written twice.
pub(super) struct ItemProgress {
    pub(super) place: u32,
    /// Characters of the content before this item.
    pub(super) base: usize,
    pub(super) text: usize,
    pub(super) refusal: usize,
    pub(super) reasoning: Option<ReasoningProgress>,
    pub(super) call: Option<Call>,
    pub(super) done: bool,
}

/// Reasoning that was written.
#[derive(Clone, Copy)]
pub(super) struct ReasoningProgress {
    pub(super) of: DeltaKind,
    pub(super) part: u32,
    pub(super) length: usize,
}

/// A call that has begun.
pub(super) struct Call {
    pub(super) index: u32,
    pub(super) arguments: CallArguments,
}

impl ItemProgress {
    /// Returns the progress of an item of which nothing was written.
    pub(super) fn new(place: u32) -> Self {
        Self { place, base: 0, text: 0, refusal: 0, reasoning: None, call: None, done: false }
    }
}
