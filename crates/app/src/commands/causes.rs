//! Causes in the language of the page, which knows only the texts that are its own.

use std::cell::LazyCell;

use serde_json::Value;
use usher_domain::Failure;
use usher_text::cause;

use crate::context::Context;
use crate::view::FailureView;

/// The members of results and events that hold a cause, in English, as it is written where something fails.
const MEMBERS: [&str; 3] = ["cause", "detail", "reason"];

/// Puts the causes in a result or an event into the language of the person, where they are known.
pub(super) fn translate(value: &mut Value, context: &Context) {
    // The settings are read only if there is a cause.
    let language = LazyCell::new(|| context.language());
    translate_with(value, &|english| cause(*language, english));
}

/// Returns a failure for the page.
pub(super) fn translated(failure: Failure, context: &Context) -> FailureView {
    let mut view = FailureView::from(failure);
    if let Some(known) = cause(context.language(), &view.cause) {
        view.cause = known;
    }
    view
}

fn translate_with(value: &mut Value, translation: &impl Fn(&str) -> Option<String>) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| translate_with(value, translation)),
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(english) if MEMBERS.contains(&name.as_str()) => {
                        if let Some(known) = translation(english) {
                            *english = known;
                        }
                    }
                    value => translate_with(value, translation),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use usher_text::Language;

    use super::*;

    #[test]
    fn known_causes_are_translated_wherever_they_are() {
        let mut value = json!({
            "checks": [{ "name": "port", "detail": "used by opencode" }, { "detail": "os error 5" }],
            "failure": { "code": "bad_usage", "cause": "there is no pass named tools" },
            "name": "nothing was changed",
        });
        translate_with(&mut value, &|english| cause(Language::German, english));
        let expected = json!({
            "checks": [{ "name": "port", "detail": "verwendet von opencode" }, { "detail": "os error 5" }],
            "failure": { "code": "bad_usage", "cause": "es gibt keinen Pass namens tools" },
            "name": "nothing was changed",
        });
        assert_eq!(value, expected);
    }
}
