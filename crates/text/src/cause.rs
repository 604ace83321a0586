//! The causes of failures, which are written in English for logs and programs, in the language of a person.

use crate::Language;
use crate::messages::CAUSES;

/// Returns the cause of a failure in another language; `None` where no message `cause_…` has its words.
///
/// The English text of a message is the cause as it is written, with a parameter for each value in it. So a failure is
/// written once, in English, where it happens, and those that people meet often are translated where they are shown.
pub fn cause(language: Language, english: &str) -> Option<String> {
    let index = Language::ALL.iter().position(|known| *known == language)?;
    let found = CAUSES.iter().filter_map(|texts| Some((texts, values(texts[0], english)?)));
    // The one with the most words: a parameter at the end of another one would take them, too.
    let (texts, values) = found.max_by_key(|(texts, _)| texts[0].len())?;
    Some(filled(texts[index], &values))
}

/// Returns the parameters of `template` and their values in `text`, if it has its words.
fn values<'a>(template: &'a str, text: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let mut parts = template.split('{');
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut values = Vec::new();
    for part in parts {
        let (name, literal) = part.split_once('}')?;
        let end = if literal.is_empty() { rest.len() } else { rest.find(literal)? };
        values.push((name, &rest[..end]));
        rest = &rest[end + literal.len()..];
    }
    let is_complete = rest.is_empty() && values.iter().all(|(_, value)| !value.is_empty());
    is_complete.then_some(values)
}

fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let mut parts = template.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, literal) = part.split_once('}').unwrap_or((part, ""));
        text.extend(values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value));
        text.push_str(literal);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_between_the_words() {
        let template = "there is no pass named {name}; {more}";
        assert_eq!(
            values(template, "there is no pass named a b; x"),
            Some(vec![("name", "a b"), ("more", "x")])
        );
        for other in ["there is no pass named a", "there is no provider a; x", "there is no pass named ; x"] {
            assert_eq!(values(template, other), None, "{other}");
        }
        assert_eq!(values("nothing", "nothing more"), None);
    }

    #[test]
    fn cause_is_in_the_language_of_the_person() {
        let german = |english| cause(Language::German, english);
        assert_eq!(german("nothing was changed").as_deref(), Some("nichts wurde geändert"));
        assert_eq!(
            german("there is no pass named tools").as_deref(),
            Some("es gibt keinen Pass namens tools")
        );
        assert_eq!(german("os error 5"), None);
    }

    /// What is written in English stays as it is.
    #[test]
    fn english_cause_is_the_same() {
        for texts in CAUSES {
            assert_eq!(cause(Language::English, texts[0]).as_deref(), Some(texts[0]));
        }
    }
}
