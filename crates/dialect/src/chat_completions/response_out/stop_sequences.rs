//! Stop sequences, which the Responses API does not have. The text is truncated here, even if a sequence is split
//! over several deltas.

/// Filters the text of one response.
#[derive(Debug, Default)]
pub(crate) struct StopSequenceFilter {
    sequences: Vec<String>,
    /// Text that may be the beginning of a sequence.
    held: String,
}

impl StopSequenceFilter {
    /// Returns a filter that ends a text before the first of `sequences`; `None` if there are none.
    pub(crate) fn new(sequences: Vec<String>) -> Option<Self> {
        (!sequences.is_empty()).then(|| Self { sequences, held: String::new() })
    }

    /// Adds a delta. Returns the text that can be sent, and whether the text ends with it.
    pub(crate) fn push(&mut self, piece: &str) -> (String, bool) {
        self.held.push_str(piece);
        if let Some(end) = first(&self.sequences, &self.held) {
            self.held.truncate(end);
            return (std::mem::take(&mut self.held), true);
        }
        let safe = self.held.len() - self.longest_beginning();
        let rest = self.held.split_off(safe);
        (std::mem::replace(&mut self.held, rest), false)
    }

    /// Returns the held text: it was not a sequence.
    pub(crate) fn flush(&mut self) -> String {
        std::mem::take(&mut self.held)
    }

    /// Returns how many bytes at the end of the held text may be the beginning of a sequence.
    fn longest_beginning(&self) -> usize {
        let beginning = |sequence: &String| {
            let begins = |length: &usize| {
                sequence.is_char_boundary(*length) && self.held.ends_with(&sequence[..*length])
            };
            (1..sequence.len()).rev().find(begins).unwrap_or(0)
        };
        self.sequences.iter().map(beginning).max().unwrap_or(0)
    }
}

/// Returns where the first of `sequences` begins in `text`.
pub(crate) fn first(sequences: &[String], text: &str) -> Option<usize> {
    sequences.iter().filter_map(|sequence| text.find(sequence.as_str())).min()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(sequences: &[String], pieces: &[String]) -> (String, bool) {
        let mut kept = String::new();
        let mut stop = StopSequenceFilter::new(sequences.to_vec()).unwrap();
        for piece in pieces {
            let (safe, ended) = stop.push(piece);
            kept += &safe;
            if ended {
                return (kept, true);
            }
        }
        (kept + &stop.flush(), false)
    }

    proptest! {
        #[test]
        fn split_text_is_truncated_like_joined_text(
            sequences in proptest::collection::vec("[aé\n]{1,3}", 1..4),
            pieces in proptest::collection::vec("[abé\n]{0,3}", 0..12),
        ) {
            let text = pieces.concat();
            let end = first(&sequences, &text);
            let (kept, ended) = cut(&sequences, &pieces);
            prop_assert_eq!(ended, end.is_some());
            // Of two sequences that overlap, the one that is complete first ends the text.
            prop_assert!(text.starts_with(&kept));
            prop_assert_eq!(first(&sequences, &kept), None);
            if !ended {
                prop_assert_eq!(kept, text);
            }
        }
    }

    #[test]
    fn split_sequence_is_found() {
        let pieces = ["Yes. EN", "D or no END", " more"].map(String::from);
        assert_eq!(cut(&["END".into()], &pieces), ("Yes. ".into(), true));
        assert_eq!(cut(&["ENDED".into()], &pieces), (pieces.concat(), false));
    }
}
