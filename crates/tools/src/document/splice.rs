//! A change of a text: what is removed at a position, and what is put there.

/// Replaces `removed` at the byte `at` by `inserted`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// Where, in bytes from the start of the text before the change.
    pub at: usize,
    /// What is there before.
    pub removed: String,
    /// What is there afterwards.
    pub inserted: String,
}

impl Splice {
    /// Creates the insertion of a text.
    pub(crate) fn insertion(at: usize, inserted: impl Into<String>) -> Self {
        Self { at, removed: String::new(), inserted: inserted.into() }
    }

    /// Creates the replacement of a range of `text`.
    pub(crate) fn replacement(
        text: &str,
        range: std::ops::Range<usize>,
        inserted: impl Into<String>,
    ) -> Self {
        Self { at: range.start, removed: text[range].to_owned(), inserted: inserted.into() }
    }

    /// Creates the removal of a range of `text`.
    pub(crate) fn removal(text: &str, range: std::ops::Range<usize>) -> Self {
        Self::replacement(text, range, "")
    }

    /// Applies it to the text that it was made for.
    pub(crate) fn apply(&self, text: &str) -> String {
        let end = self.at + self.removed.len();
        [&text[..self.at], &self.inserted, &text[end..]].concat()
    }
}

/// Applies changes one after the other.
pub(crate) fn apply_all(splices: &[Splice], text: &str) -> String {
    splices.iter().fold(text.to_owned(), |text, splice| splice.apply(&text))
}

/// The line end of a text: that of its first line.
pub(crate) fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// Returns where the line that `at` is in starts.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// Returns where the line that `at` is in ends, before its line end.
pub(crate) fn end_of_line(text: &str, at: usize) -> usize {
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    if text[at..end].ends_with('\r') { end - 1 } else { end }
}

/// Returns the range of whole lines that `range` is in, with the last line's end; of the last line of a file without one,
/// with the end of the line before.
pub(crate) fn whole_lines(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let start = line_start(text, range.start);
    match text[range.end..].find('\n') {
        Some(length) => start..range.end + length + 1,
        None if start == 0 => 0..text.len(),
        None => {
            let before = &text[..start];
            let kept = before.strip_suffix("\r\n").or_else(|| before.strip_suffix('\n')).unwrap_or(before);
            kept.len()..text.len()
        }
    }
}

/// Returns the insertion of lines at the end of `text`. A text without a line end after its last line stays without one.
pub(crate) fn append_lines(text: &str, lines: &str) -> Splice {
    let end = line_end(text);
    let lines = lines.replace("\r\n", "\n").replace('\n', end);
    let inserted = if text.is_empty() || text.ends_with('\n') {
        format!("{lines}{end}")
    } else {
        format!("{end}{lines}")
    };
    Splice::insertion(text.len(), inserted)
}
