//! How a file is written down, apart from what it says: its byte order mark and its line ends, as other systems' editors
//! leave them. They are taken off before the file is read, and put back when it is written.

use std::collections::HashMap;

const MARK: char = '\u{feff}';

/// How one file is written down.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TextFormat {
    marked: bool,
    /// Whether each line ended in CRLF, by what is on the line; lines that are alike in their order.
    lines: HashMap<String, Vec<bool>>,
    /// Whether most do, for lines that are new.
    mostly: bool,
}

impl TextFormat {
    /// That of `text`, and the text without it.
    pub(super) fn of(text: &str) -> (Self, String) {
        let bare = text.strip_prefix(MARK);
        let marked = bare.is_some();
        let bare = bare.unwrap_or(text);
        if !bare.contains("\r\n") {
            return (Self { marked, ..Self::default() }, bare.to_owned());
        }
        let mut lines = HashMap::<String, Vec<bool>>::new();
        let (mut long, mut all) = (0, 0);
        for line in bare.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
            let (line, is_long) = line.strip_suffix('\r').map_or((line, false), |line| (line, true));
            lines.entry(line.to_owned()).or_default().push(is_long);
            long += usize::from(is_long);
            all += 1;
        }
        (Self { marked, lines, mostly: long * 2 > all }, bare.replace("\r\n", "\n"))
    }

    /// `text` written down in this way.
    pub(super) fn apply(&self, text: &str) -> String {
        let mut whole = String::from(if self.marked { "\u{feff}" } else { "" });
        let mut seen = HashMap::<&str, usize>::new();
        for line in text.split_inclusive('\n') {
            let Some(line) = line.strip_suffix('\n') else {
                whole += line;
                break;
            };
            let at = seen.entry(line).or_default();
            let was_long = self.lines.get(line).and_then(|ends| ends.get(*at).or(ends.last()));
            *at += 1;
            whole += line;
            whole += if *was_long.unwrap_or(&self.mostly) { "\r\n" } else { "\n" };
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_back_as_it_was() {
        for text in ["", "a\n", "a", "\u{feff}a\r\nb\r\n", "a\r\nb\nb\r\nc", "\u{feff}", "a\nb\r\n\r\n\n"] {
            let (spelling, bare) = TextFormat::of(text);
            assert!(!bare.contains('\r') && !bare.contains(MARK), "{text:?}");
            assert_eq!(spelling.apply(&bare), text);
        }
    }

    #[test]
    fn new_lines_end_as_most_do() {
        let (spelling, _) = TextFormat::of("a\r\nb\nc\r\n");
        assert_eq!(spelling.apply("a\nnew\nb\nc\n"), "a\r\nnew\r\nb\nc\r\n");
    }
}
