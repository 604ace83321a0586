//! What `config.toml` says that this version does not use: kept in the file, and told to the person, because a
//! misspelt key would else do nothing without a word.

use std::fmt;

use toml_edit::{Item, TableLike};
use usher_domain::{ProviderId, redact};

use super::VERSION;
use super::providers::TIMEOUTS;

/// One place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SettingsWarning {
    /// From one; absent where the parser does not say it.
    pub(crate) place: Option<(usize, usize)>,
    /// The key, without what it is set to: somebody may have put a secret there.
    pub(crate) key: String,
    /// Why it is not used.
    pub(crate) why: &'static str,
}

impl fmt::Display for SettingsWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        write!(f, "`{}` {}", self.key, self.why)
    }
}

/// What a key may hold.
#[derive(Clone, Copy)]
enum Kind {
    Format,
    Flag,
    Text,
    Seconds,
    Port,
    Texts,
    /// One of these words.
    Word(&'static [&'static str]),
    Table(&'static [(&'static str, Kind)]),
}

/// Every key that [`crate::settings::Settings`] reads.
const KNOWN: &[(&str, Kind)] = &[
    ("version", Kind::Format),
    (
        "providers",
        Kind::Table(&[
            ("chatgpt", Kind::Table(PLAN)),
            ("openai", Kind::Table(PLATFORM)),
            ("codex-cli", Kind::Table(PLAN)),
            (COMPATIBLE, Kind::Table(SERVICE)),
        ]),
    ),
    ("accounts", Kind::Table(&[(ANY, Kind::Table(ACCOUNT))])),
    ("gateway", Kind::Table(&[("enabled", Kind::Flag), ("port", Kind::Port)])),
];
const PLAN: &[(&str, Kind)] = &[
    ("enabled", Kind::Flag),
    ("client_version", Kind::Text),
    ("model", Kind::Text),
    ("effort", Kind::Text),
    ("small", Kind::Text),
    ("models", Kind::Texts),
];
const PLATFORM: &[(&str, Kind)] = &[
    ("enabled", Kind::Flag),
    ("organization", Kind::Text),
    ("project", Kind::Text),
    ("timeout", Kind::Seconds),
    ("model", Kind::Text),
    ("effort", Kind::Text),
    ("small", Kind::Text),
    ("models", Kind::Texts),
];
const SERVICE: &[(&str, Kind)] = &[
    ("enabled", Kind::Flag),
    ("name", Kind::Text),
    ("base_url", Kind::Text),
    ("unversioned", Kind::Flag),
    ("wire", Kind::Word(&["responses", "chat_completions"])),
    ("timeout", Kind::Seconds),
    ("local_network", Kind::Flag),
    ("model", Kind::Text),
    ("effort", Kind::Text),
    ("small", Kind::Text),
    ("models", Kind::Texts),
];
const ACCOUNT: &[(&str, Kind)] =
    &[("model", Kind::Text), ("effort", Kind::Text), ("small", Kind::Text), ("models", Kind::Texts)];
/// Stands for each key of a table whose keys are the person's.
const ANY: &str = "*";
/// Stands for each service that the person named.
const COMPATIBLE: &str = "openai-compatible:*";
/// Names under which people put secrets.
const SECRETS: [&str; 6] = ["api_key", "key", "token", "access_token", "headers", "password"];

/// The notes on a whole file, in its order. `place` gives line and column of a byte.
pub(crate) fn of(file: &dyn TableLike, place: impl Fn(usize) -> (usize, usize)) -> Vec<SettingsWarning> {
    let mut notes = Vec::new();
    look(file, KNOWN, &mut |key, at: Option<usize>, why| {
        notes.push(SettingsWarning { place: at.map(&place), key: redact(key), why });
    });
    notes.sort_by_key(|note| note.place);
    notes
}

fn look(
    table: &dyn TableLike,
    known: &[(&str, Kind)],
    tell: &mut dyn FnMut(&str, Option<usize>, &'static str),
) {
    for (key, item) in table.iter() {
        let at = || table.key(key).and_then(toml_edit::Key::span).map(|span| span.start);
        match known.iter().find(|(name, _)| stands_for(name, key)) {
            None if SECRETS.contains(&key) => tell(key, at(), SECRET),
            None => tell(key, at(), "is not known to this version; it stays in the file and does nothing"),
            Some((_, kind)) => match (kind, item.as_table_like()) {
                (Kind::Table(inner), Some(table)) => look(table, inner, tell),
                (kind, _) => {
                    if let Some(why) = wrong(*kind, item) {
                        tell(key, at(), why);
                    }
                }
            },
        }
    }
}

const SECRET: &str = "is not read: secrets do not belong into this file; take it out, and save it with \
    `usher login --provider ID --api-key-stdin` or `usher providers set ID --header-stdin NAME`";

fn stands_for(name: &str, key: &str) -> bool {
    match name {
        ANY => true,
        COMPATIBLE => matches!(key.parse(), Ok(ProviderId::Compatible(_))),
        name => name == key,
    }
}

/// Why `item` cannot be what it should be, in which case its default is used.
fn wrong(kind: Kind, item: &Item) -> Option<&'static str> {
    match kind {
        Kind::Flag => item.as_bool().is_none().then_some("must be true or false; its default is used"),
        Kind::Text => item.as_str().is_none().then_some("must be text in quotes; its default is used"),
        Kind::Seconds => {
            let seconds = item.as_integer().and_then(|seconds| u32::try_from(seconds).ok());
            let fits = seconds.is_some_and(|seconds| TIMEOUTS.contains(&seconds));
            (!fits).then_some("must be a whole number of seconds from 1 to 3600; its default is used")
        }
        Kind::Port => {
            let port = item.as_integer().and_then(|port| u16::try_from(port).ok());
            let fits = port.is_some_and(|port| port != 0);
            (!fits).then_some("must be a whole number from 1 to 65535; its default is used")
        }
        Kind::Texts => {
            let texts = item.as_array().is_some_and(|list| list.iter().all(|one| one.as_str().is_some()));
            (!texts).then_some("must be a list of texts in quotes; what else is in it is not used")
        }
        Kind::Word(words) => item
            .as_str()
            .is_none_or(|word| !words.contains(&word))
            .then_some("is none of the words that may stand here; its default is used"),
        Kind::Table(_) => Some("must be a table; it is not used"),
        Kind::Format => match item.as_integer() {
            Some(version) if version > VERSION => {
                Some("is that of a newer Usher; this one may not know it all")
            }
            Some(_) => None,
            None => Some("must be a number"),
        },
    }
}

#[cfg(test)]
mod tests {
    use toml_edit::Document;

    use super::*;

    fn notes(text: &str) -> Vec<String> {
        let file = Document::parse(text).unwrap();
        let lines = |offset: usize| {
            let before = &text[..offset];
            (before.matches('\n').count() + 1, before.rsplit('\n').next().unwrap().len() + 1)
        };
        of(file.as_table(), lines).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_known_is_not_told() {
        let file = "version = 1\n[providers.chatgpt]\nenabled = true\nclient_version = \"1.2.3\"\n\
            [accounts.\"user:a\"]\nmodel = \"m\"\neffort = \"high\"\nsmall = \"s\"\n";
        assert_eq!(notes(file), [""; 0]);
    }

    #[test]
    fn each_that_is_not_known_is_told_with_its_place() {
        let file = "future = 1\n[providers.chatgpt]\n  enabld = false\n[providers.other]\nx = 1\n\
            [accounts]\n\"user:a\" = { modell = \"m\" }\n";
        let unknown = |place: &str, key: &str| {
            format!("{place}: `{key}` is not known to this version; it stays in the file and does nothing")
        };
        let expected = [
            unknown("line 1, column 1", "future"),
            unknown("line 3, column 3", "enabld"),
            unknown("line 4, column 12", "other"),
            unknown("line 7, column 14", "modell"),
        ];
        assert_eq!(notes(file), expected);
    }

    #[test]
    fn what_is_of_another_kind_is_told() {
        let rows = [
            ("version = \"1\"", "`version` must be a number"),
            ("version = 2", "`version` is that of a newer Usher; this one may not know it all"),
            ("providers = 3", "`providers` must be a table; it is not used"),
            ("[[accounts]]", "`accounts` must be a table; it is not used"),
            ("providers.chatgpt.enabled = \"no\"", "`enabled` must be true or false; its default is used"),
            (
                "providers.openai.timeout = 99999",
                "`timeout` must be a whole number of seconds from 1 to 3600; its default is used",
            ),
            ("accounts.x.model = 5", "`model` must be text in quotes; its default is used"),
            ("accounts.x.model.y = 5", "`model` must be text in quotes; its default is used"),
        ];
        for (file, expected) in rows {
            let told = notes(file);
            assert_eq!(told.len(), 1, "{file}: {told:?}");
            assert!(told[0].ends_with(expected), "{file}: {told:?}");
        }
    }

    #[test]
    fn a_timeout_is_told_exactly_when_it_is_not_used() {
        for (seconds, is_told) in [("0", true), ("1", false), ("3600", false), ("3601", true), ("-1", true)] {
            let told = notes(&format!("providers.openai.timeout = {seconds}"));
            assert_eq!(!told.is_empty(), is_told, "{seconds}: {told:?}");
        }
        let range = format!("from {} to {};", TIMEOUTS.start(), TIMEOUTS.end());
        assert!(notes("providers.openai.timeout = 0")[0].contains(&range), "the words name the range");
    }

    #[test]
    fn what_it_is_set_to_is_not_repeated() {
        let told = notes("api_key = \"sk-abcdefghijklmnop\"\nsk-abcdefghijklmnop = 1\n").join(" ");
        assert!(!told.contains("abcdefghijklmnop"), "{told}");
    }
}
