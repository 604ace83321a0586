//! Property tests of every edit: it changes its own keys and preserves the rest of the file.
//!
//! The files are as people write them: each notation of a table, odd spacing, comments everywhere, unknown keys and
//! tables.

use std::collections::BTreeMap;

use proptest::prelude::*;
use toml_edit::{Item, Value};
use usher_domain::{AccountId, ErrorCode, ProviderId, Selection};

use super::{Setting, Settings};
use crate::accounts::scope::ModelScope;
use crate::providers::kinds::settings_keys;

const PROVIDERS: [&str; 4] = ["chatgpt", "openai", "codex-cli", "openai-compatible:groq"];
const ACCOUNTS: [&str; 2] = ["user-a:acct-a", "user-b:acct-b"];

/// Placeholder of a comment in generated text; each gets a number, so that no two comments are alike.
const COMMENT: &str = "#@";

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(words)
}

fn quoted(id: &str) -> String {
    if id.contains(':') { format!("\"{id}\"") } else { id.to_owned() }
}

/// Generates the lines above a key or a header: none, blank ones, comments.
fn before() -> impl Strategy<Value = &'static str> {
    one_of(&["", "", "", "\n", "#@\n", "  #@ x = 1\n", "\n#@\n\n#@ [no.table]\n"])
}

/// Generates one key, as a line `key = value` with comments and spaces around it, and in the form for inline tables.
fn entry(
    key: &'static str,
    value: impl Strategy<Value = &'static str>,
) -> impl Strategy<Value = [String; 2]> {
    let around = (before(), one_of(&["", "", "  ", "\t"]), one_of(&[" = ", "=", "  =\t"]), value);
    (around, one_of(&["", "", " #@", "  #@ why"])).prop_map(
        move |((before, indent, equals, value), behind)| {
            let inline = value.split('\n').map(|line| line.split(COMMENT).next().unwrap_or_default());
            let inline = format!("{key}{equals}{}", inline.collect::<String>());
            [format!("{before}{indent}{key}{equals}{value}{behind}\n"), inline]
        },
    )
}

/// Generates some of the known keys of a table and some unknown ones, in any order.
fn entries() -> impl Strategy<Value = Vec<[String; 2]>> {
    let text = || one_of(&["\"m\"", "'m'", "\"\"\"m\"\"\"", "''", "3", "[1]"]);
    let models = one_of(&[
        "[]",
        "[\"a\"]",
        "['by-hand' , \"a\",]",
        "[\n  \"a\", #@\n  #@\n  'by-hand' #@\n]",
        "[#@\n]",
        "7",
    ]);
    let mine = || one_of(&["1", "1e3", "2026-11-21 10:00:00Z", "[1, [2], {x = 1}]", "{ a.b = 1, c = '#' }"]);
    let all = (
        (
            entry("enabled", one_of(&["true", "false", "\"yes\""])),
            entry("model", text()),
            entry("effort", text()),
            entry("small", text()),
            entry("models", models),
        ),
        (
            entry("name", text()),
            entry("timeout", one_of(&["30", "1_000", "\"x\""])),
            entry("mine", mine()),
            entry("\"odd # key\"", mine()),
            entry("deep . er", mine()),
            entry("deep.\"too deep\"", mine()),
        ),
    );
    let all = all.prop_map(|((a, b, c, d, e), (f, g, h, i, j, k))| vec![a, b, c, d, e, f, g, h, i, j, k]);
    (all, prop::collection::vec(any::<u8>(), 11)).prop_map(|(all, order)| {
        let mut all: Vec<_> = all.into_iter().zip(order).filter(|(_, order)| order % 2 == 1).collect();
        all.sort_by_key(|(_, order)| *order);
        all.into_iter().map(|(entry, _)| entry).collect()
    })
}

fn lines(entries: &[[String; 2]]) -> String {
    entries.iter().map(|[line, _]| line.as_str()).collect()
}

fn braces(entries: &[[String; 2]]) -> String {
    let inline: Vec<&str> = entries.iter().map(|[_, inline]| inline.as_str()).collect();
    format!("{{ {} }}", inline.join(" , "))
}

/// Generates a table with a header, sometimes with a nested one.
fn under_header(path: String) -> impl Strategy<Value = String> {
    let below = prop_oneof![
        4 => Just(None),
        1 => Just(Some(("[", "mine_too", "]"))),
        1 => Just(Some(("[[", "mine_too", "]]"))),
    ];
    (before(), one_of(&["", " ", "\t"]), one_of(&["", " #@"]), entries(), below, entries()).prop_map(
        move |(before, space, behind, body, below, more)| {
            let text = format!("{before}[{space}{path}{space}]{behind}\n{}", lines(&body));
            let below = below
                .map(|(open, name, close)| format!("{open}{path}.{name}{close}{behind}\n{}", lines(&more)));
            text + &below.unwrap_or_default()
        },
    )
}

/// Generates the tables of one group: the part before any header, and the tables with headers.
fn group(name: &'static str, ids: &'static [&'static str]) -> impl Strategy<Value = (String, Vec<String>)> {
    let ids = prop::sample::subsequence(ids, 0..=ids.len());
    let tables = ids.prop_flat_map(move |ids| {
        let each = |id: &'static str| {
            let headed = under_header(format!("{name}.{}", quoted(id)));
            (Just(id), any::<bool>(), headed, entries())
        };
        ids.into_iter().map(each).collect::<Vec<_>>()
    });
    (0_usize..5, before(), tables).prop_map(move |(style, before, tables)| {
        let (mut root, mut first, mut headed) = (Vec::new(), Vec::new(), Vec::new());
        let mut inline = Vec::new();
        for (id, apart, header, body) in tables {
            let id = quoted(id);
            // Dotted keys, one on a line.
            let dotted = body.iter().map(|[_, inline]| format!("{id} . {inline} #@\n"));
            match style {
                0 => inline.push(format!("{id} = {}", braces(&body))),
                1 if apart => first.push(format!("{before}{id} = {} #@\n", braces(&body))),
                2 if apart => first.extend(dotted),
                3 if apart => {
                    root.extend(
                        dotted.map(|line| line.replacen(&format!("{id} . "), &format!("{name}.{id}."), 1)),
                    );
                }
                4 if apart => root.push(format!("{name}.{id} = {}\n", braces(&body))),
                _ => headed.push(header),
            }
        }
        if style == 0 && !inline.is_empty() {
            root.push(format!("{before}{name} = {{{}}} #@\n", inline.join(", ")));
        }
        if !first.is_empty() {
            headed.push(format!("{before}[{name}] #@\n{}", first.concat()));
        }
        (root.concat(), headed)
    })
}

/// Generates a complete file.
fn file() -> impl Strategy<Value = String> {
    let mine = (under_header("future".into()), under_header("providers.unknown_kind".into()));
    let version = one_of(&["", "version = 1\n", "#@\nversion=1 #@\n"]);
    let parts = (version, entries(), group("providers", &PROVIDERS), group("accounts", &ACCOUNTS), mine);
    let end = one_of(&["", "#@", "\n#@\n\n#@\n"]);
    (parts, any::<prop::sample::Index>(), any::<u8>(), end).prop_map(
        |((version, root, providers, accounts, (future, unknown_kind)), at, which, end)| {
            let mut headed: Vec<String> = [providers.1, accounts.1].concat();
            headed.push(future);
            // A table with a header cannot extend an inline table.
            if which % 3 == 0 && !providers.0.contains("providers =") {
                headed.push(unknown_kind);
            }
            let turn = at.index(headed.len());
            headed.rotate_left(turn);
            let text = [version, &lines(&root), &providers.0, &accounts.0, &headed.concat(), end].concat();
            let mut parts = text.split(COMMENT);
            let first = parts.next().unwrap_or_default().to_owned();
            parts.enumerate().fold(first, |text, (number, part)| format!("{text}#<{number}>{part}"))
        },
    )
}

#[derive(Debug, Clone)]
enum Edit {
    Enabled(ProviderId, bool),
    Selection(ModelScope, Selection),
    Add(ProviderId),
    Set(ProviderId, &'static str, Option<&'static str>),
    Model(ModelScope, &'static str, bool),
    Remove(ProviderId),
}

fn edit() -> impl Strategy<Value = Edit> {
    let id = || prop::sample::select(&PROVIDERS).prop_map(|id| id.parse::<ProviderId>().unwrap());
    let account = prop::sample::select(&ACCOUNTS).prop_map(|id| ModelScope::Account(AccountId(id.into())));
    let scope = prop_oneof![id().prop_map(ModelScope::Provider), account].boxed();
    let word =
        || prop::option::of(one_of(&["m", "it's \"new\" # \\"])).prop_map(|word| word.map(str::to_owned));
    let selection = (word(), word(), word());
    prop_oneof![
        (id(), any::<bool>()).prop_map(|(id, on)| Edit::Enabled(id, on)),
        (scope.clone(), selection).prop_map(|(scope, (model, effort, small))| Edit::Selection(
            scope,
            Selection { model, effort, small, ..Selection::default() }
        )),
        id().prop_map(Edit::Add),
        (id(), one_of(&["name", "wire"]), prop::option::of(one_of(&["x", "responses"])))
            .prop_map(|(id, key, text)| Edit::Set(id, key, text)),
        (scope, one_of(&["by-hand", "a", "new"]), any::<bool>())
            .prop_map(|(scope, id, wanted)| Edit::Model(scope, id, wanted)),
        id().prop_map(Edit::Remove),
    ]
}

impl Edit {
    fn apply(&self, settings: &mut Settings) -> Result<(), usher_domain::Failure> {
        match self {
            Self::Enabled(id, on) => settings.set_enabled(id, *on),
            Self::Selection(scope, selection) => settings.set_selection(scope, selection),
            Self::Add(id) => settings.add_provider(id),
            Self::Set(id, key, text) => {
                settings.set_provider_key(id, key, text.map_or(Setting::Absent, Setting::Text))
            }
            Self::Model(scope, id, wanted) => settings.set_manual_model(scope, id, *wanted).map(drop),
            Self::Remove(id) => settings.remove_provider(id),
        }
    }

    /// Returns whether `now` has the value of this edit.
    fn is_done(&self, before: &Settings, now: &Settings) -> bool {
        match self {
            Self::Enabled(id, on) => now.enabled(id) == *on,
            Self::Selection(scope, selection) => now.selection(scope) == *selection,
            Self::Add(id) => now.providers().contains(id) && now.enabled(id) == before.enabled(id),
            Self::Set(id, key, text) => {
                now.get(&["providers", &id.to_string(), key]).and_then(Item::as_str) == *text
            }
            Self::Model(scope, id, wanted) => now.manual_models(scope).iter().any(|one| one == id) == *wanted,
            Self::Remove(id) => !now.providers().contains(id),
        }
    }

    /// Returns the edited table, and its keys that may change; no keys mean all of them.
    fn touches(&self) -> ([String; 2], &[&'static str]) {
        let of = |scope: &ModelScope| {
            let (group, name) = scope.table();
            [group.to_owned(), name]
        };
        let provider = |id: &ProviderId| of(&ModelScope::Provider(id.clone()));
        match self {
            Self::Enabled(id, _) | Self::Add(id) => (provider(id), &["enabled"]),
            Self::Selection(scope, _) => (of(scope), &["model", "effort", "small", "tier", "roles"]),
            Self::Set(id, key, _) => (provider(id), std::slice::from_ref(key)),
            Self::Model(scope, ..) => (of(scope), &["models"]),
            Self::Remove(id) => (provider(id), &[]),
        }
    }
}

/// The data of a file, without its notation.
#[derive(Debug, Clone, PartialEq)]
enum Data {
    Table(BTreeMap<String, Data>),
    List(Vec<Data>),
    One(String),
}

fn data_of(item: &Item) -> Data {
    if let Some(table) = item.as_table_like() {
        let entries = table.iter().filter(|(_, item)| !item.is_none());
        return Data::Table(entries.map(|(key, item)| (key.to_owned(), data_of(item))).collect());
    }
    match item {
        Item::ArrayOfTables(list) => {
            Data::List(list.iter().map(|one| data_of(&Item::Table(one.clone()))).collect())
        }
        Item::Value(Value::Array(list)) => {
            Data::List(list.iter().map(|one| data_of(&Item::Value(one.clone()))).collect())
        }
        other => Data::One(other.to_string().trim().to_owned()),
    }
}

/// Returns the data without the keys that `edit` may change, and without tables that are then empty.
fn data_besides(settings: &Settings, edit: &Edit) -> Data {
    let mut all = data_of(settings.document.as_item());
    let ([group, name], keys) = edit.touches();
    let Data::Table(root) = &mut all else { unreachable!("a file is a table") };
    root.remove("version");
    if let Some(Data::Table(tables)) = root.get_mut(&group) {
        if let Some(Data::Table(table)) = tables.get_mut(&name) {
            table.retain(|key, _| !keys.contains(&key.as_str()));
            if keys.is_empty() || table.is_empty() {
                tables.remove(&name);
            }
        }
        if tables.is_empty() {
            root.remove(&group);
        }
    }
    all
}

/// Returns the comments that must stay.
///
/// A comment after a removed value is removed with it; those in and right above a removed table are removed too.
fn comments<'a>(text: &'a str, edit: &Edit) -> Vec<&'a str> {
    if matches!(edit, Edit::Enabled(..) | Edit::Add(_)) {
        // Nothing is removed.
        return text.split_inclusive('>').filter_map(|part| Some(&part[part.rfind("#<")?..])).collect();
    }
    let (mut kept, mut above, mut inside) = (Vec::new(), Vec::new(), false);
    for line in text.lines().map(str::trim) {
        if line.starts_with("#<") {
            above.push(line);
        } else if line.starts_with('[') && line.contains('.') && is_of_the_removed(line, edit) {
            inside = true;
            above.clear();
        } else if line.is_empty() && !inside {
            // A blank line separates comments from what is below.
            kept.append(&mut above);
        } else if !line.is_empty() {
            inside &= !line.starts_with('[');
            if !inside {
                kept.append(&mut above);
            }
            above.clear();
        }
    }
    kept.append(&mut above);
    kept
}

fn is_of_the_removed(header: &str, edit: &Edit) -> bool {
    let Edit::Remove(id) = edit else { return false };
    let path: String = header.chars().filter(|one| !"[]\" \t".contains(*one)).collect();
    let rest = path.strip_prefix(&format!("providers.{id}"));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '#']))
}

fn parse(text: &str) -> Result<Settings, String> {
    Settings::parse(text, settings_keys)
}

/// Generates a file with and without byte order mark, with LF and CRLF.
fn formatted_file() -> impl Strategy<Value = String> {
    let bare = prop_oneof![8 => file().boxed(), 1 => comments_only().boxed()];
    (bare, any::<bool>(), any::<bool>()).prop_map(|(text, marked, long)| {
        let text = if long { text.replace('\n', "\r\n") } else { text };
        if marked { format!("\u{feff}{text}") } else { text }
    })
}

fn comments_only() -> impl Strategy<Value = String> {
    one_of(&["", "\n", "#<0>", "#<0>\n", "\n#<0>\n  #<1> [no.table]\n\n", "#<0>\n\n#<1> x = 1\n"])
        .prop_map(str::to_owned)
}

/// Returns whether `now` has the mark and the line ends of `text`, and begins with it when that has only comments.
fn has_format_of(now: &str, text: &str) -> bool {
    let ends = |text: &str| (text.matches("\r\n").count(), text.matches('\n').count());
    let ((long, all), (long_now, all_now)) = (ends(text), ends(now));
    let ends_alike = all == 0 || if long == all { long_now == all_now } else { long_now == 0 };
    let only_comments = text.trim_start_matches('\u{feff}').lines().all(|line| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#')
    });
    now.starts_with('\u{feff}') == text.starts_with('\u{feff}')
        && ends_alike
        && (!only_comments || now.starts_with(text))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 600, max_shrink_iters: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn edit_changes_its_keys_and_preserves_the_rest(text in formatted_file(), edit in edit()) {
        let before = parse(&text).map_err(|why| TestCaseError::fail(format!("{why} in\n{text}")))?;
        let mut settings = parse(&text).unwrap();
        if let Err(refused) = edit.apply(&mut settings) {
            prop_assert_eq!(refused.code, ErrorCode::SettingsUnusable);
            return Ok(());
        }
        let now = settings.render();
        let after = parse(&now).map_err(|why| TestCaseError::fail(format!("{why} in\n{now}\nof\n{text}")))?;
        prop_assert!(edit.is_done(&before, &after), "{}\nof\n{}", now, text);
        prop_assert_eq!(data_besides(&after, &edit), data_besides(&before, &edit), "{}\nof\n{}", now, text);
        prop_assert!(has_format_of(&now, &text), "{:?}\nof\n{:?}", now, text);
        for comment in comments(&text, &edit) {
            prop_assert!(now.contains(comment), "{} is lost in\n{}\nof\n{}", comment, now, text);
        }
    }
}
