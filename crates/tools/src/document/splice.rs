//! A change of a text: what is removed at a position, and what is put there.

use std::ops::Range;

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
    pub(crate) fn replacement(text: &str, range: Range<usize>, inserted: impl Into<String>) -> Self {
        Self { at: range.start, removed: text[range].to_owned(), inserted: inserted.into() }
    }

    /// Creates the removal of a range of `text`.
    pub(crate) fn removal(text: &str, range: Range<usize>) -> Self {
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

/// A part of a text that was changed: of the text before, or inserted.
enum Part {
    Old(Range<usize>),
    New(String),
}

/// Returns changes one after the other as changes that do not touch each other, in order. Each position is also the one in the
/// text after all of them.
pub(crate) fn merge(old: &str, splices: &[Splice]) -> Vec<Splice> {
    let parts = splices.iter().fold(vec![Part::Old(0..old.len())], |parts, splice| {
        let end = splice.at + splice.removed.len();
        let (mut changed, mut at, mut is_inserted) = (Vec::new(), 0, false);
        for part in parts {
            let length = part.len();
            changed.extend(part.within(at, 0..splice.at));
            if !is_inserted && splice.at <= at + length {
                changed.push(Part::New(splice.inserted.clone()));
                is_inserted = true;
            }
            changed.extend(part.within(at, end..usize::MAX));
            at += length;
        }
        changed
    });
    let (mut merged, mut at, mut from, mut inserted) = (Vec::new(), 0, 0, String::new());
    for part in parts.into_iter().chain([Part::Old(old.len()..old.len())]) {
        match part {
            Part::New(text) => inserted += &text,
            Part::Old(range) if range.is_empty() && range.start < old.len() => {}
            Part::Old(range) => {
                let removed = &old[from..range.start];
                if !(removed.is_empty() && inserted.is_empty()) {
                    let inserted = std::mem::take(&mut inserted);
                    let length = inserted.len();
                    merged.push(Splice { at, removed: removed.to_owned(), inserted });
                    at += length;
                }
                at += range.len();
                from = range.end;
            }
        }
    }
    merged
}

impl Part {
    fn len(&self) -> usize {
        match self {
            Self::Old(range) => range.len(),
            Self::New(text) => text.len(),
        }
    }

    /// Returns what of this part, which is at `at`, is within a range.
    fn within(&self, at: usize, range: Range<usize>) -> Option<Self> {
        let start = range.start.max(at) - at;
        let end = range.end.min(at + self.len()).checked_sub(at)?;
        (start < end).then(|| match self {
            Self::Old(own) => Self::Old(own.start + start..own.start + end),
            Self::New(text) => Self::New(text[start..end].to_owned()),
        })
    }
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
pub(crate) fn whole_lines(text: &str, range: Range<usize>) -> Range<usize> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn splice(at: usize, removed: &str, inserted: &str) -> Splice {
        Splice { at, removed: removed.to_owned(), inserted: inserted.to_owned() }
    }

    #[test]
    fn merged_changes_give_the_same_text_and_do_not_touch() {
        let rows = [
            ("", vec![splice(0, "", "ab")]),
            ("", vec![splice(0, "", "ab"), splice(2, "", "cd"), splice(1, "bc", "x")]),
            ("0123456789", vec![splice(2, "23", "xyz"), splice(3, "yz45", ""), splice(0, "", "a")]),
            ("0123456789", vec![splice(8, "89", ""), splice(0, "0", "zero"), splice(4, "1", "one")]),
            ("0123456789", vec![splice(10, "", "end"), splice(0, "", "start"), splice(15, "end", "END")]),
            ("0123456789", vec![splice(0, "0123456789", ""), splice(0, "", "new")]),
            ("0123456789", vec![splice(5, "", "ab"), splice(5, "ab", "")]),
        ];
        for (old, splices) in rows {
            let merged = merge(old, &splices);
            let new = apply_all(&splices, old);
            assert_eq!(apply_all(&merged, old), new, "{old}: {merged:?}");
            let mut free = 0;
            for one in &merged {
                assert!(one.at >= free, "{old}: {merged:?}");
                assert_eq!(&new[one.at..one.at + one.inserted.len()], one.inserted, "{old}: {merged:?}");
                free = one.at + one.inserted.len() + 1;
            }
        }
    }
}
