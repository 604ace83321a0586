//! Numbers and lists as each language writes them.
//!
//! Those of numbers are from the Unicode CLDR, which `Intl` has for the page.

use crate::{Language, messages};

/// Writes a share in whole percent: "34%", "34 %".
///
/// The space is one at which a line does not break; French has a narrow one.
pub fn percent(language: Language, value: f64) -> String {
    let space = match language {
        Language::English | Language::Japanese | Language::SimplifiedChinese => "",
        Language::German | Language::Spanish => "\u{a0}",
        Language::French => "\u{202f}",
    };
    format!("{value:.0}{space}%")
}

/// Writes a share in percent with one digit after the decimal separator.
pub fn percent_with_decimal(language: Language, value: f64) -> String {
    let whole = percent(language, 0.0);
    whole.replacen('0', &decimal(language, value), 1)
}

/// Writes a number with one digit after the decimal separator: "1.5", "1,5".
pub fn decimal(language: Language, value: f64) -> String {
    let text = format!("{value:.1}");
    match language {
        Language::English | Language::Japanese | Language::SimplifiedChinese => text,
        Language::German | Language::French | Language::Spanish => text.replace('.', ","),
    }
}

/// Puts the parts of a list one after the other.
pub fn list(language: Language, parts: &[String]) -> String {
    parts.join(messages::list_separator(language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_is_written_as_in_each_language() {
        let all: Vec<String> = Language::ALL.into_iter().map(|language| percent(language, 33.6)).collect();
        assert_eq!(all, ["34%", "34\u{a0}%", "34\u{202f}%", "34\u{a0}%", "34%", "34%"]);
    }

    #[test]
    fn decimal_has_the_separator_of_its_language() {
        let all: Vec<String> = Language::ALL.into_iter().map(|language| decimal(language, 1.25)).collect();
        assert_eq!(all, ["1.2", "1,2", "1,2", "1,2", "1.2", "1.2"]);
    }
}
