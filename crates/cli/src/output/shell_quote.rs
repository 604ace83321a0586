//! Names in commands that a person may copy.

/// Quotes `text` for a POSIX shell where it needs quotes.
pub(crate) fn shell_quoted(text: &str) -> String {
    if !text.is_empty() && text.chars().all(|one| one.is_ascii_alphanumeric() || "-_.".contains(one)) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_quoted_name_with_space_or_quote_is_one_word() {
        assert_eq!(shell_quoted("claude-code"), "claude-code");
        assert_eq!(shell_quoted("Claude Code"), "'Claude Code'");
        assert_eq!(shell_quoted("it's"), "'it'\\''s'");
    }
}
