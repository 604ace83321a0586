//! Texts of a limited length.

/// Returns a text in at most `max` units of UTF-16, with an ellipsis where its end is left out.
pub(super) fn shortened(text: &str, max: usize) -> String {
    let units = |text: &str| text.encode_utf16().count();
    if units(text) <= max {
        return text.to_owned();
    }
    let mut left = max - 1;
    let fits = |one: &char| match left.checked_sub(one.len_utf16()) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    let mut kept: String = text.chars().take_while(fits).collect();
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_ends_at_a_whole_character() {
        assert_eq!(shortened("Usher", 5), "Usher");
        assert_eq!(shortened("Usher on", 5), "Ushe…");
        // Two units of UTF-16 each.
        assert_eq!(shortened("😀😀😀", 6), "😀😀😀");
        assert_eq!(shortened("😀😀😀", 5), "😀😀…");
        assert_eq!(shortened("😀😀😀", 4), "😀…");
    }
}
