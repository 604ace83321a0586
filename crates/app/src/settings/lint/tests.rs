use std::cell::Cell;

use toml_edit::Document;

use super::super::line_and_column;
use super::super::providers::TIMEOUTS;
use super::*;
use crate::providers::kinds::settings_keys;

fn warnings_of(text: &str) -> Vec<String> {
    let file = Document::parse(text).unwrap();
    let all = warnings(file.as_table(), settings_keys, |offset| line_and_column(text, offset));
    all.lines()
}

#[test]
fn known_keys_give_no_warning() {
    let file = "version = 1\n[providers.chatgpt]\nenabled = true\nclient_version = \"1.2.3\"\n\
        [accounts.\"user:a\"]\nmodel = \"m\"\neffort = \"high\"\nsmall = \"s\"\n";
    assert_eq!(warnings_of(file), [""; 0]);
}

/// Every command reads the file, and to find a line means to read it again.
#[test]
fn many_unknown_keys_cost_no_more_than_reading_them() {
    let keys: Vec<String> = (0..40_000).map(|count| format!("key{count} = 1")).collect();
    for file in [keys.join("\n"), format!("providers = {{ {} }}\n", keys.join(", "))] {
        let looks = Cell::new(0);
        let line_and_column = |offset| {
            looks.set(looks.get() + 1);
            line_and_column(&file, offset)
        };
        let document = Document::parse(file.as_str()).unwrap();
        let warnings = warnings(document.as_table(), settings_keys, line_and_column).lines();
        assert_eq!((looks.get(), warnings.len()), (MAX_WARNINGS, MAX_WARNINGS + 1));
        assert_eq!(warnings.last().map(String::as_str), Some("and 39980 more like these"));
    }
}

#[test]
fn unknown_keys_are_reported_with_their_position() {
    let file = "future = 1\n[providers.chatgpt]\n  enabld = false\n[providers.other]\nx = 1\n\
        [accounts]\n\"user:a\" = { modell = \"m\" }\n";
    let unknown = |position: &str, key: &str| {
        format!("{position}: `{key}` is not known to this version; it stays in the file and does nothing")
    };
    let expected = [
        unknown("line 1, column 1", "future"),
        unknown("line 3, column 3", "enabld"),
        unknown("line 4, column 12", "other"),
        unknown("line 7, column 14", "modell"),
    ];
    assert_eq!(warnings_of(file), expected);
}

#[test]
fn key_of_another_kind_of_provider_is_unknown() {
    for (provider, key) in [("openai", "client_version"), ("chatgpt", "base_url"), ("chatgpt", "timeout")] {
        let warnings = warnings_of(&format!("providers.{provider}.{key} = \"1\""));
        assert!(warnings[0].ends_with(&format!("`{key}` {UNKNOWN}")), "{provider}: {warnings:?}");
    }
}

#[test]
fn values_of_a_wrong_type_are_reported() {
    let rows = [
        ("version = \"1\"", "`version` must be a number"),
        ("version = 2", "`version` is that of a newer Usher; this one may not know every key"),
        ("providers = 3", "`providers` must be a table; it is not used"),
        ("[[accounts]]", "`accounts` must be a table; it is not used"),
        ("accounts = 2026-11-21", "`accounts` must be a table; it is not used"),
        ("providers.chatgpt.enabled = \"no\"", "`enabled` must be true or false; its default is used"),
        (
            "providers.openai.timeout = 99999",
            "`timeout` must be a whole number of seconds from 1 to 3600; its default is used",
        ),
        (
            "providers.\"openai-compatible:x\".wire = \"smtp\"",
            "`wire` must be \"responses\" or \"chat_completions\"; its default is used",
        ),
        (
            "accounts.x.models = [\"m\", 5]",
            "`models` must be a list of texts in quotes; what else is in it is not used",
        ),
        ("accounts.x.model = 5", "`model` must be text in quotes; its default is used"),
        ("accounts.x.model.y = 5", "`model` must be text in quotes; its default is used"),
    ];
    for (file, expected) in rows {
        let warnings = warnings_of(file);
        assert_eq!(warnings.len(), 1, "{file}: {warnings:?}");
        assert!(warnings[0].ends_with(expected), "{file}: {warnings:?}");
    }
}

#[test]
fn timeout_outside_its_range_is_reported() {
    for (seconds, is_reported) in [("0", true), ("1", false), ("3600", false), ("3601", true), ("-1", true)] {
        let warnings = warnings_of(&format!("providers.openai.timeout = {seconds}"));
        assert_eq!(!warnings.is_empty(), is_reported, "{seconds}: {warnings:?}");
    }
    let range = format!("from {} to {};", TIMEOUTS.start(), TIMEOUTS.end());
    assert!(warnings_of("providers.openai.timeout = 0")[0].contains(&range), "the text names the range");
}

#[test]
fn warning_about_a_secret_does_not_repeat_it() {
    let file = "api_key = \"sk-abcdefghijklmnop\"\nsk-abcdefghijklmnop = 1\n";
    let warnings = warnings_of(file).join(" ");
    assert!(!warnings.contains("abcdefghijklmnop"), "{warnings}");
}
