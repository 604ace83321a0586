//! Warnings about what `config.toml` contains and this version does not use.
//!
//! Such keys stay in the file. The person is warned, because a misspelt key would otherwise be ignored silently. Why
//! there is a table of keys instead of `serde` with `serde_ignored`: docs/adr/0014.

use std::fmt;

use toml_edit::{Item, TableLike, Value};
use usher_domain::redact;

use super::VERSION;
use super::gateway::{parse_activity_days, parse_port, parse_provider};
use super::language::parse_language;
use super::network::parse_proxy;
use super::providers::{parse_timeout, parse_wire};
use super::selection::parse_tier;

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
pub(crate) enum ValueType {
    Flag,
    Text,
    Seconds,
    Wire,
    TextList,
    Tier,
    Port,
    ActivityDays,
    Provider,
    Language,
    Proxy,
    Version,
    Table(Keys),
    /// The table of tables `[providers.…]`.
    Providers,
}

/// The keys of one table.
pub(crate) type Keys = &'static [(&'static str, ValueType)];

/// Returns the keys of one provider's table, besides those that every provider has; `None` for what is no provider's.
pub(crate) type ProviderKeys = fn(&str) -> Option<Keys>;

/// Every key that [`crate::settings::Settings`] reads, but for those of the kinds of providers.
const FILE: Keys = &[
    ("version", ValueType::Version),
    ("language", ValueType::Language),
    ("notifications", ValueType::Flag),
    ("hide_personal_data", ValueType::Flag),
    ("renew_unused", ValueType::Flag),
    ("providers", ValueType::Providers),
    ("accounts", ValueType::Table(&[(ANY, ValueType::Table(SELECTION))])),
    ("gateway", ValueType::Table(GATEWAY)),
    ("network", ValueType::Table(NETWORK)),
    ("updates", ValueType::Table(UPDATES)),
];
const GATEWAY: Keys = &[
    ("enabled", ValueType::Flag),
    ("keep_running", ValueType::Flag),
    ("lock_with_screen", ValueType::Flag),
    ("port", ValueType::Port),
    ("provider", ValueType::Provider),
    ("activity_days", ValueType::ActivityDays),
];
const NETWORK: Keys =
    &[("proxy", ValueType::Proxy), ("no_proxy", ValueType::Text), ("ca_file", ValueType::Text)];
const UPDATES: Keys =
    &[("endpoint", ValueType::Text), ("public_key", ValueType::Text), ("automatic", ValueType::Flag)];
const EVERY_PROVIDER: Keys = &[("enabled", ValueType::Flag)];
/// What a person chooses for an account, or for a provider without accounts.
const SELECTION: Keys = &[
    ("model", ValueType::Text),
    ("effort", ValueType::Text),
    ("small", ValueType::Text),
    ("tier", ValueType::Tier),
    ("roles", ValueType::Table(ROLES)),
    ("models", ValueType::TextList),
];
const ROLES: Keys = &[
    // The small model's id is beside the main one's.
    ("small", ValueType::Table(&[("effort", ValueType::Text), ("tier", ValueType::Tier)])),
    ("opus", ValueType::Table(ROLE)),
    ("sonnet", ValueType::Table(ROLE)),
    ("haiku", ValueType::Table(ROLE)),
];
const ROLE: Keys = &[("model", ValueType::Text), ("effort", ValueType::Text), ("tier", ValueType::Tier)];

/// Matches every key of a table whose keys are chosen by the person.
const ANY: &str = "*";

/// Names under which people store secrets.
const SECRET_KEYS: [&str; 6] = ["api_key", "key", "token", "access_token", "headers", "password"];

const SECRET: &str = "is not read: secrets do not belong in this file; remove it, and save it with \
    `usher login --provider ID --api-key-stdin` or `usher providers set ID --header-stdin NAME`";
const UNKNOWN: &str = "is not known to this version; it stays in the file and does nothing";

/// The most warnings about one file: nobody reads more of them, and each one costs a look for its line.
const MAX_WARNINGS: usize = 20;

/// The warnings about a file, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SettingsWarnings {
    /// The first ones.
    pub(crate) first: Vec<SettingsWarning>,
    /// How many more there are.
    pub(crate) more: usize,
}

impl SettingsWarnings {
    /// Returns a line for each of the first, and one that says how many more there are.
    pub(crate) fn lines(&self) -> Vec<String> {
        let more = (self.more > 0).then(|| format!("and {} more like these", self.more));
        self.first.iter().map(ToString::to_string).chain(more).collect()
    }
}

/// Returns the warnings about a file.
///
/// `line_and_column` converts the offset of a byte. It reads the text up to there, so it is called for few of them.
pub(super) fn warnings(
    file: &dyn TableLike,
    provider_keys: ProviderKeys,
    line_and_column: impl Fn(usize) -> (usize, usize),
) -> SettingsWarnings {
    let mut found = Vec::new();
    visit(file, provider_keys, &mut |key| {
        if let Key::Unused { key, offset, reason, .. } = key {
            found.push((offset, key.to_owned(), reason));
        }
    });
    found.sort_by_key(|(offset, _, _)| *offset);
    let more = found.len().saturating_sub(MAX_WARNINGS);
    let first = found.into_iter().take(MAX_WARNINGS).map(|(offset, key, reason)| SettingsWarning {
        position: offset.map(&line_and_column),
        key: redact(&key),
        reason,
    });
    SettingsWarnings { first: first.collect(), more }
}

/// A key of a file.
pub(super) enum Key<'a> {
    /// This version uses it.
    Used {
        /// The names of the tables that it is in, and its own.
        path: &'a [String],
        item: &'a Item,
    },
    /// This version does not use it, or not its value.
    Unused {
        key: &'a str,
        item: &'a Item,
        /// The offset of its first byte.
        offset: Option<usize>,
        reason: &'static str,
    },
}

/// Calls `on_key` with each key of a file that is no table.
pub(super) fn visit(file: &dyn TableLike, provider_keys: ProviderKeys, on_key: &mut dyn FnMut(Key<'_>)) {
    Visit { provider_keys, on_key, path: Vec::new() }.table(file, &[FILE]);
}

/// Returns whether a warning is about a secret.
pub(super) fn is_about_a_secret(reason: &'static str) -> bool {
    reason == SECRET
}

/// One pass through a file.
struct Visit<'a> {
    provider_keys: ProviderKeys,
    on_key: &'a mut dyn FnMut(Key<'_>),
    /// The tables that the pass is in.
    path: Vec<String>,
}

impl Visit<'_> {
    fn table(&mut self, table: &dyn TableLike, known: &[Keys]) {
        for (key, item) in table.iter() {
            let mut types = known.iter().copied().flatten();
            let found = types.find(|(name, _)| *name == ANY || *name == key).map(|(_, value)| *value);
            self.item(table, key, item, found);
        }
    }

    fn providers(&mut self, table: &dyn TableLike) {
        for (key, item) in table.iter() {
            match ((self.provider_keys)(key), item.as_table_like()) {
                (Some(own), Some(table)) => {
                    self.within(key, |visit| visit.table(table, &[own, EVERY_PROVIDER, SELECTION]));
                }
                (own, _) => self.item(table, key, item, own.map(ValueType::Table)),
            }
        }
    }

    fn within(&mut self, key: &str, visit: impl FnOnce(&mut Self)) {
        self.path.push(key.to_owned());
        visit(self);
        self.path.pop();
    }

    fn item(&mut self, table: &dyn TableLike, key: &str, item: &Item, expected: Option<ValueType>) {
        let offset = || table.key(key).and_then(toml_edit::Key::span).map(|span| span.start);
        let reason = match (expected, item.as_table_like()) {
            (None, _) if SECRET_KEYS.contains(&key) => SECRET,
            (None, _) => UNKNOWN,
            (Some(ValueType::Table(keys)), Some(table)) => {
                return self.within(key, |visit| visit.table(table, &[keys]));
            }
            (Some(ValueType::Providers), Some(table)) => {
                return self.within(key, |visit| visit.providers(table));
            }
            (Some(expected), _) => match invalid_reason(expected, item) {
                Some(reason) => reason,
                None => {
                    return self.within(key, |visit| {
                        (visit.on_key)(Key::Used { path: &visit.path, item });
                    });
                }
            },
        };
        (self.on_key)(Key::Unused { key, item, offset: offset(), reason });
    }
}

/// Returns why `item` is not a valid value, in which case its default is used.
fn invalid_reason(expected: ValueType, item: &Item) -> Option<&'static str> {
    let (is_valid, reason) = match expected {
        ValueType::Flag => (item.is_bool(), "must be true or false; its default is used"),
        ValueType::Text => (item.is_str(), "must be text in quotes; its default is used"),
        ValueType::Seconds => (
            parse_timeout(item).is_some(),
            "must be a whole number of seconds from 1 to 3600; its default is used",
        ),
        ValueType::Port => {
            (parse_port(item).is_some(), "must be a whole number from 1 to 65535; its default is used")
        }
        ValueType::ActivityDays => (
            parse_activity_days(item).is_some(),
            "must be a whole number of days from 0 to 90; its default is used",
        ),
        ValueType::Provider => (
            parse_provider(item).is_some(),
            "must be the id of a provider, for example \"openai\"; its default is used",
        ),
        ValueType::Language => (
            parse_language(item).is_some(),
            "must be system, en, de, fr, es, ja or zh-Hans; the system's language is used",
        ),
        ValueType::Proxy => (
            parse_proxy(item).is_ok(),
            "must be \"system\", \"none\" or the address of a proxy without a password; nothing is sent until it is corrected",
        ),
        ValueType::TextList => (
            item.as_array().is_some_and(|list| list.iter().all(Value::is_str)),
            "must be a list of texts in quotes; what else is in it is not used",
        ),
        ValueType::Tier => (
            parse_tier(item).is_some(),
            "must be \"standard\" or \"fast\"; the tier of the role before it is used",
        ),
        ValueType::Wire => (
            item.as_str().and_then(parse_wire).is_some(),
            "must be \"responses\" or \"chat_completions\"; its default is used",
        ),
        ValueType::Table(_) | ValueType::Providers => {
            (item.is_table_like(), "must be a table; it is not used")
        }
        ValueType::Version => match item.as_integer() {
            Some(version) => {
                (version <= VERSION, "is that of a newer Usher; this one may not know every key")
            }
            None => (false, "must be a number"),
        },
    };
    (!is_valid).then_some(reason)
}

#[cfg(test)]
mod tests;
