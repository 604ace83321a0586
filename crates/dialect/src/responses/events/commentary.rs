//! Distinguishes the answer in a stream from messages beside it.
//!
//! A message with the phase `commentary` is not the answer (siwc §10.4; the Codex backend sends such messages too). APIs
//! that have one answer and no phases get the other messages only.

use super::event::{DeltaKind, Event};
use super::item::Item;

/// Follows the messages of one streamed response.
#[derive(Debug, Default)]
pub(crate) struct CommentaryFilter {
    /// The indexes of comments that have begun.
    hidden: Vec<u32>,
    /// The indexes of messages that were begun before their phase was known.
    shown: Vec<u32>,
}

impl CommentaryFilter {
    /// Returns whether `event` is about a comment. Each event of the response is passed once, in order.
    pub(crate) fn hides(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::ItemAdded { output_index, item } if item.is_message() => {
                self.hidden.retain(|index| index != output_index);
                let hides = item.is_commentary();
                if hides {
                    self.hidden.push(*output_index);
                }
                hides
            }
            Event::Delta { kind: DeltaKind::Text | DeltaKind::Refusal, output_index, .. } => {
                let hides = self.hidden.contains(output_index);
                if !hides && !self.shown.contains(output_index) {
                    self.shown.push(*output_index);
                }
                hides
            }
            Event::ItemDone { output_index, item } if item.is_message() => {
                self.hides_done(*output_index, item)
            }
            _ => false,
        }
    }

    fn hides_done(&mut self, output_index: u32, item: &Item<'_>) -> bool {
        let (hidden, shown) = (self.hidden.len(), self.shown.len());
        self.hidden.retain(|index| *index != output_index);
        self.shown.retain(|index| *index != output_index);
        let (was_hidden, was_shown) = (self.hidden.len() < hidden, self.shown.len() < shown);
        // What has begun has to end.
        was_hidden || (item.is_commentary() && !was_shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(phase: Option<&'static str>) -> Item<'static> {
        Item { kind: "message".into(), phase: phase.map(Into::into), ..Item::default() }
    }

    fn added(output_index: u32, phase: Option<&'static str>) -> Event<'static> {
        Event::ItemAdded { output_index, item: message(phase) }
    }

    fn done(output_index: u32, phase: Option<&'static str>) -> Event<'static> {
        Event::ItemDone { output_index, item: message(phase) }
    }

    fn delta(output_index: u32, kind: DeltaKind) -> Event<'static> {
        Event::Delta { kind, output_index, part: 0, delta: "x".into() }
    }

    fn hidden(events: &[Event<'_>]) -> Vec<bool> {
        let mut filter = CommentaryFilter::default();
        events.iter().map(|event| filter.hides(event)).collect()
    }

    #[test]
    fn comment_is_hidden_and_answer_is_not() {
        let (comment, answer) = (Some("commentary"), Some("final_answer"));
        let text = DeltaKind::Text;
        let events =
            [added(0, comment), delta(0, text), delta(0, DeltaKind::ReasoningText), done(0, comment)];
        assert_eq!(hidden(&events), [true, true, false, true]);
        for phase in [answer, None] {
            assert_eq!(hidden(&[added(1, phase), delta(1, text), done(1, phase)]), [false; 3]);
        }
        // Services that give all items one index, or that name the phase only once.
        let events = [added(0, comment), done(0, None), added(0, answer), delta(0, text), done(0, answer)];
        assert_eq!(hidden(&events), [true, true, false, false, false]);
        assert_eq!(hidden(&[added(0, comment), added(0, answer), delta(0, text)]), [true, false, false]);
        assert_eq!(hidden(&[added(0, None), done(0, comment)]), [false, true]);
        assert_eq!(hidden(&[delta(0, text), done(0, comment), done(0, comment)]), [false, false, true]);
    }
}
