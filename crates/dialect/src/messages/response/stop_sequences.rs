//! Stop sequences, which the Responses API does not have: the text ends before the first of them, even if it is
//! split over several deltas.

/// Searches the text of one response.
#[derive(Debug, Default)]
pub(crate) struct StopSequenceMatcher {
    sequences: Vec<String>,
    /// The end of the text, as long as a sequence may begin in it.
    held: String,
    hit: Option<usize>,
}

impl StopSequenceMatcher {
    /// Returns a matcher for `sequences`, none of them empty.
    pub(crate) fn new(sequences: Vec<String>) -> Self {
        Self { sequences, held: String::new(), hit: None }
    }

    /// Returns the sequence that ended the text.
    pub(crate) fn hit(&self) -> Option<&str> {
        self.hit.map(|index| self.sequences[index].as_str())
    }

    /// Adds `text` and passes on what cannot be part of a sequence. Without sequences it is `text` itself.
    pub(crate) fn push(&mut self, text: &str, mut emit: impl FnMut(&str)) {
        if self.hit.is_some() {
            return;
        }
        if self.sequences.is_empty() {
            return emit(text);
        }
        self.held.push_str(text);
        if let Some((index, begin)) = self.first() {
            self.hit = Some(index);
            emit(&self.held[..begin]);
            self.held.clear();
            return;
        }
        let safe_length = self.safe_length();
        emit(&self.held[..safe_length]);
        self.held.drain(..safe_length);
    }

    /// Ends the text: what was held back is text after all.
    pub(crate) fn end(&mut self, emit: impl FnOnce(&str)) {
        emit(&self.held);
        self.held.clear();
    }

    /// Returns the sequence that is complete first, as if the text came letter by letter; of those that end
    /// together, the longest.
    fn first(&self) -> Option<(usize, usize)> {
        let found = self.sequences.iter().enumerate().filter_map(|(index, sequence)| {
            let begin = self.held.find(sequence)?;
            Some((begin + sequence.len(), begin, index))
        });
        found.min().map(|(_, begin, index)| (index, begin))
    }

    /// Returns the length of the held text that cannot be part of a sequence.
    fn safe_length(&self) -> usize {
        let longest = self.sequences.iter().map(String::len).max().unwrap_or_default();
        let from = self.held.len().saturating_sub(longest);
        (from..self.held.len())
            .filter(|begin| self.held.is_char_boundary(*begin))
            .find(|begin| self.sequences.iter().any(|sequence| sequence.starts_with(&self.held[*begin..])))
            .unwrap_or(self.held.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run<'t>(sequences: &[String], pieces: impl IntoIterator<Item = &'t str>) -> (String, Option<String>) {
        let mut stop = StopSequenceMatcher::new(sequences.to_vec());
        let mut text = String::new();
        for piece in pieces {
            stop.push(piece, |piece| text.push_str(piece));
        }
        stop.end(|rest| text.push_str(rest));
        (text, stop.hit().map(str::to_owned))
    }

    #[test]
    fn matcher_ends_text_before_first_sequence() {
        let rows: [(&[&str], &str, &str, Option<&str>); 6] = [
            (&[], "abc", "abc", None),
            (&["END"], "one END two", "one ", Some("END")),
            (&["END"], "one EN", "one EN", None),
            (&["bcd", "c"], "abcd", "ab", Some("c")),
            (&["c", "bc"], "abcd", "a", Some("bc")),
            (&["é!"], "caféé!", "café", Some("é!")),
        ];
        for (sequences, text, given, hit) in rows {
            let sequences: Vec<String> = sequences.iter().map(|sequence| (*sequence).to_owned()).collect();
            let expected = (given.to_owned(), hit.map(str::to_owned));
            assert_eq!(run(&sequences, [text]), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn matcher_finds_split_sequences(
            sequences in proptest::collection::vec("[abé]{1,3}", 0..4),
            pieces in proptest::collection::vec("[abcé]{0,4}", 0..12),
        ) {
            let whole = pieces.concat();
            let expected = run(&sequences, [whole.as_str()]);
            prop_assert_eq!(run(&sequences, pieces.iter().map(String::as_str)), expected.clone());
            let found = sequences.iter().any(|sequence| whole.contains(sequence.as_str()));
            prop_assert_eq!(expected.1.is_some(), found);
            prop_assert!(whole.starts_with(&expected.0));
        }
    }
}
