//! Stop sequences, which the Responses API does not have: the text ends before the first of them, also when it comes in
//! pieces.

/// Watches the text of one answer.
#[derive(Debug, Default)]
pub(crate) struct StopSequenceMatcher {
    sequences: Vec<String>,
    /// The end of the text, as long as a sequence may begin in it.
    held: String,
    hit: Option<usize>,
}

impl StopSequenceMatcher {
    /// Stops at any of `sequences`, none of them empty.
    pub(crate) fn new(sequences: Vec<String>) -> Self {
        Self { sequences, held: String::new(), hit: None }
    }

    /// The sequence that ended the text.
    pub(crate) fn hit(&self) -> Option<&str> {
        self.hit.map(|index| self.sequences[index].as_str())
    }

    /// Takes `text` and gives what is certain not to be part of a sequence. With no sequences it is `text` itself.
    pub(crate) fn push(&mut self, text: &str, mut give: impl FnMut(&str)) {
        if self.hit.is_some() {
            return;
        }
        if self.sequences.is_empty() {
            return give(text);
        }
        self.held.push_str(text);
        if let Some((index, begin)) = self.first() {
            self.hit = Some(index);
            give(&self.held[..begin]);
            self.held.clear();
            return;
        }
        let certain = self.certain();
        give(&self.held[..certain]);
        self.held.drain(..certain);
    }

    /// The text is at its end: what was held is text after all.
    pub(crate) fn end(&mut self, give: impl FnOnce(&str)) {
        give(&self.held);
        self.held.clear();
    }

    /// The sequence that is complete first, as it would be if the text came letter by letter; of those that end
    /// together the longest.
    fn first(&self) -> Option<(usize, usize)> {
        let found = self.sequences.iter().enumerate().filter_map(|(index, sequence)| {
            let begin = self.held.find(sequence)?;
            Some((begin + sequence.len(), begin, index))
        });
        found.min().map(|(_, begin, index)| (index, begin))
    }

    /// How much of the held text no sequence can begin in.
    fn certain(&self) -> usize {
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
    fn rows() {
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
        fn a_sequence_split_over_pieces_is_one(
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
