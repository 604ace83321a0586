//! Warnings about what `config.toml` contains and this version does not use.
//!
//! Such keys stay in the file. The person is warned, because a misspelt key would otherwise be ignored silently. Why
//! there is a table of keys instead of `serde` with `serde_ignored`: docs/adr/0014.

use std::fmt;

use toml_edit::{Item, TableLike, Value};
use usher_domain::{ProviderId, redact};

use super::VERSION;
use super::gateway::parse_port;
use super::providers::{parse_timeout, parse_wire};

/// One warning about the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SettingsWarning {
    /// Line and column, from one; absent where the parser does not know them.
    pub(crate) position: Option<(usize, usize)>,
    /// The key, without its value: that may be a secret.
    pub(crate) key: String,
    /// Why the key or its value is not used.
    pub(crate) reason: &'static str,
}

impl fmt::Display for SettingsWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.position {
            write!(f, "line {line}, column {column}: ")?;
        }
        write!(f, "`{}` {}", self.key, self.reason)
    }
}

/// The type of a key's value.
#[derive(Clone, Copy)]
enum Kind {
    Version,
    Flag,
    Text,
    Seconds,
    Port,
    TextList,
    Wire,
    Table(Keys),
}

/// The keys of one table.
type Keys = &'static [(&'static str, Kind)];

/// Every key that [`crate::settings::Settings`] reads.
const FILE: Keys = &[
    ("version", Kind::Version),
    (
        "providers",
        Kind::Table(&[
            ("chatgpt", Kind::Table(PLAN)),
            ("openai", Kind::Table(PLATFORM)),
            ("codex-cli", Kind::Table(PLAN)),
            (ANY_COMPATIBLE, Kind::Table(COMPATIBLE)),
        ]),
    ),
    ("accounts", Kind::Table(&[(ANY, Kind::Table(ACCOUNT))])),
    ("gateway", Kind::Table(&[("enabled", Kind::Flag), ("port", Kind::Port)])),
];
const PLAN: Keys = &[
    ("enabled", Kind::Flag),
    ("client_version", Kind::Text),
    ("model", Kind::Text),
    ("effort", Kind::Text),
    ("small", Kind::Text),
    ("models", Kind::TextList),
];
const PLATFORM: Keys = &[
    ("enabled", Kind::Flag),
    ("organization", Kind::Text),
    ("project", Kind::Text),
    ("timeout", Kind::Seconds),
    ("model", Kind::Text),
    ("effort", Kind::Text),
    ("small", Kind::Text),
    ("models", Kind::TextList),
];
const COMPATIBLE: Keys = &[
    ("enabled", Kind::Flag),
    ("name", Kind::Text),
    ("base_url", Kind::Text),
    ("unversioned", Kind::Flag),
    ("wire", Kind::Wire),
    ("timeout", Kind::Seconds),
    ("local_network", Kind::Flag),
    ("model", Kind::Text),
    ("effort", Kind::Text),
    ("small", Kind::Text),
    ("models", Kind::TextList),
];
const ACCOUNT: Keys =
    &[("model", Kind::Text), ("effort", Kind::Text), ("small", Kind::Text), ("models", Kind::TextList)];

/// Matches every key of a table whose keys are chosen by the person.
const ANY: &str = "*";
/// Matches the id of every compatible service.
const ANY_COMPATIBLE: &str = "openai-compatible:*";

/// Names under which people store secrets.
const SECRET_KEYS: [&str; 6] = ["api_key", "key", "token", "access_token", "headers", "password"];

const SECRET: &str = "is not read: secrets do not belong in this file; remove it, and save it with \
    `usher login --provider ID --api-key-stdin` or `usher providers set ID --header-stdin NAME`";
const UNKNOWN: &str = "is not known to this version; it stays in the file and does nothing";

/// Returns the warnings about a file, in the order of the file.
///
/// `line_and_column` converts the offset of a byte.
pub(super) fn warnings(
    file: &dyn TableLike,
    line_and_column: impl Fn(usize) -> (usize, usize),
) -> Vec<SettingsWarning> {
    let mut warnings = Vec::new();
    check_table(file, FILE, &mut |key, offset: Option<usize>, reason| {
        let position = offset.map(&line_and_column);
        warnings.push(SettingsWarning { position, key: redact(key), reason });
    });
    warnings.sort_by_key(|warning| warning.position);
    warnings
}

fn check_table(table: &dyn TableLike, known: Keys, warn: &mut dyn FnMut(&str, Option<usize>, &'static str)) {
    for (key, item) in table.iter() {
        let offset = || table.key(key).and_then(toml_edit::Key::span).map(|span| span.start);
        match known.iter().find(|(pattern, _)| matches_key(pattern, key)) {
            None if SECRET_KEYS.contains(&key) => warn(key, offset(), SECRET),
            None => warn(key, offset(), UNKNOWN),
            Some((_, kind)) => match (kind, item.as_table_like()) {
                (Kind::Table(keys), Some(table)) => check_table(table, keys, warn),
                (kind, _) => {
                    if let Some(reason) = invalid_reason(*kind, item) {
                        warn(key, offset(), reason);
                    }
                }
            },
        }
    }
}

fn matches_key(pattern: &str, key: &str) -> bool {
    match pattern {
        ANY => true,
        ANY_COMPATIBLE => matches!(key.parse(), Ok(ProviderId::Compatible(_))),
        name => name == key,
    }
}

/// Returns why `item` is not a valid value, in which case its default is used.
fn invalid_reason(kind: Kind, item: &Item) -> Option<&'static str> {
    let (is_valid, reason) = match kind {
        Kind::Flag => (item.is_bool(), "must be true or false; its default is used"),
        Kind::Text => (item.is_str(), "must be text in quotes; its default is used"),
        Kind::Seconds => (
            parse_timeout(item).is_some(),
            "must be a whole number of seconds from 1 to 3600; its default is used",
        ),
        Kind::Port => {
            (parse_port(item).is_some(), "must be a whole number from 1 to 65535; its default is used")
        }
        Kind::TextList => (
            item.as_array().is_some_and(|list| list.iter().all(Value::is_str)),
            "must be a list of texts in quotes; what else is in it is not used",
        ),
        Kind::Wire => (
            item.as_str().and_then(parse_wire).is_some(),
            "must be \"responses\" or \"chat_completions\"; its default is used",
        ),
        Kind::Table(_) => (item.is_table_like(), "must be a table; it is not used"),
        Kind::Version => match item.as_integer() {
            Some(version) => {
                (version <= VERSION, "is that of a newer Usher; this one may not know every key")
            }
            None => (false, "must be a number"),
        },
    };
    (!is_valid).then_some(reason)
}

#[cfg(test)]
mod tests {
    use toml_edit::Document;

    use super::super::line_and_column;
    use super::super::providers::TIMEOUTS;
    use super::*;

    fn warnings_of(text: &str) -> Vec<String> {
        let file = Document::parse(text).unwrap();
        let all = warnings(file.as_table(), |offset| line_and_column(text, offset));
        all.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn known_keys_give_no_warning() {
        let file = "version = 1\n[providers.chatgpt]\nenabled = true\nclient_version = \"1.2.3\"\n\
            [accounts.\"user:a\"]\nmodel = \"m\"\neffort = \"high\"\nsmall = \"s\"\n";
        assert_eq!(warnings_of(file), [""; 0]);
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
        for (provider, key) in [("openai", "client_version"), ("chatgpt", "base_url"), ("chatgpt", "timeout")]
        {
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
        for (seconds, is_reported) in
            [("0", true), ("1", false), ("3600", false), ("3601", true), ("-1", true)]
        {
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
}
