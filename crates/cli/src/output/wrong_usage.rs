//! Sentences from the causes of wrong usage, which are written for logs and JSON: in lower case, the next step after a
//! semicolon.

use usher_text::messages as m;

use crate::language::language;

/// The first words that take a capital. Others may be a name that the user gave.
const CAPITALIZED: [&str; 18] = [
    "a", "an", "another", "cannot", "each", "it", "no", "nobody", "nothing", "only", "standard", "such",
    "that", "the", "there", "these", "this", "those",
];

/// Returns what is wrong, and the next step if the cause names one.
pub(super) fn error_and_hint(cause: &str) -> (String, Option<String>) {
    match cause.rsplit_once("; ") {
        // One word alone is the end of a name.
        Some((error, hint)) if hint.contains(' ') || !hint.is_ascii() => {
            (sentence(error), Some(full_stop(&capitalized(hint))))
        }
        _ => (sentence(cause), None),
    }
}

/// Makes a sentence of `text`, whose first word stays as it is if it may be a name.
pub(super) fn sentence(text: &str) -> String {
    let first = text.split(' ').next().unwrap_or_default();
    full_stop(&if CAPITALIZED.contains(&first) { capitalized(text) } else { text.to_owned() })
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn full_stop(text: &str) -> String {
    if text.ends_with(['.', '!', '?', '。']) {
        text.to_owned()
    } else {
        format!("{text}{}", m::full_stop(language()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cause_becomes_error_and_hint() {
        let split = |cause| {
            let (error, hint) = error_and_hint(cause);
            (error, hint.unwrap_or_default())
        };
        let of = |error: &str, hint: &str| (error.to_owned(), hint.to_owned());
        assert_eq!(
            split("there is no provider x; add it first"),
            of("There is no provider x.", "Add it first.")
        );
        assert_eq!(
            split("ada@example.com is no account here; `usher accounts` lists them"),
            of("ada@example.com is no account here.", "`usher accounts` lists them.")
        );
        assert_eq!(split("openai has no accounts"), of("openai has no accounts.", ""));
        assert_eq!(split("there is no pass named a; b"), of("There is no pass named a; b.", ""));
    }
}
