//! Columns of text, as wide as a terminal shows them: a Chinese or Japanese character takes two cells.

use std::fmt::Display;

use unicode_width::UnicodeWidthStr as _;
use usher_text::messages as m;

use crate::language::{Text, language};

/// The names in front of the lines of a status.
const LABELS: [Text; 19] = [
    m::label_access,
    m::label_account,
    m::label_address,
    m::label_at_login,
    m::label_enabled,
    m::label_file,
    m::label_gateway,
    m::label_headers,
    m::label_limit,
    m::label_model,
    m::label_now,
    m::label_passes,
    m::label_pending,
    m::label_plan,
    m::label_problem,
    m::label_service,
    m::label_sign_in,
    m::label_store,
    m::label_tools_use,
];

/// Returns how many cells of a terminal `text` takes.
fn width(text: &str) -> usize {
    text.width()
}

/// Returns `text` in a column of `cells`.
pub(crate) fn padded(text: &str, cells: usize) -> String {
    format!("{text}{}", " ".repeat(cells.saturating_sub(width(text))))
}

/// Returns the cells of the widest of `texts`.
pub(crate) fn widest<'a>(texts: impl IntoIterator<Item = &'a str>) -> usize {
    texts.into_iter().map(width).max().unwrap_or_default()
}

/// Returns a line of a status: a name in a column as wide as the longest one, and its value.
pub(crate) fn labeled(label: Text, value: impl Display) -> String {
    let cells = widest(LABELS.map(|label| label(language()))) + 2;
    format!("{}{value}", padded(label(language()), cells))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_cells() {
        assert_eq!(padded("モデル", 8), "モデル  ");
        assert_eq!(padded("Model", 8), "Model   ");
        assert_eq!(widest(["ab", "日本"]), 4);
    }
}
