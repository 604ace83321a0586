//! Byte order mark and line ends of the settings file, as the editors of other systems leave them.
//!
//! Both are removed before the file is parsed and restored when it is written.

const BYTE_ORDER_MARK: char = '\u{feff}';

/// How one file is encoded, apart from its content.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextFormat {
    has_mark: bool,
    /// Whether the file uses CRLF. A file that mixes both is written with CRLF throughout.
    crlf: bool,
}

impl TextFormat {
    /// Returns the format of `text`, and the text without mark and with line ends of one character.
    pub(super) fn split(text: &str) -> (Self, String) {
        let bare = text.strip_prefix(BYTE_ORDER_MARK);
        let format = Self { has_mark: bare.is_some(), crlf: text.contains("\r\n") };
        (format, bare.unwrap_or(text).replace("\r\n", "\n"))
    }

    /// Returns `text` in this format.
    pub(super) fn apply(self, text: &str) -> String {
        let text = if self.crlf { text.replace('\n', "\r\n") } else { text.to_owned() };
        if self.has_mark { format!("{BYTE_ORDER_MARK}{text}") } else { text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uniform_text_split_and_applied_is_unchanged() {
        for text in ["", "a\n", "a", "\u{feff}a\r\nb\r\n", "a\r\nb\r\nc", "\u{feff}", "\u{feff}a\n\n"] {
            let (format, bare) = TextFormat::split(text);
            assert!(!bare.contains('\r') && !bare.contains(BYTE_ORDER_MARK), "{text:?}");
            assert_eq!(format.apply(&bare), text);
        }
    }

    #[test]
    fn mixed_line_ends_become_crlf() {
        let (format, bare) = TextFormat::split("a\r\nb\nc\r\n");
        assert_eq!(format.apply(&bare), "a\r\nb\r\nc\r\n");
    }
}
