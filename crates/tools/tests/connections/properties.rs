//! Any file of a format: connect, undo, and it is what it was, byte for byte.

use proptest::prelude::*;
use usher_tools::document::Format;

use crate::fixture::Fixture;

const CASES: u32 = 200;

/// How a text is finished: line ends, a byte order mark, the last line end.
#[derive(Debug, Clone, Copy)]
struct Finish {
    crlf: bool,
    mark: bool,
    cut: bool,
}

fn finish() -> impl Strategy<Value = Finish> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(crlf, mark, cut)| Finish { crlf, mark, cut })
}

impl Finish {
    fn of(self, text: &str) -> String {
        let text = if self.cut { text.trim_end_matches('\n') } else { text };
        let text = if self.crlf { text.replace('\n', "\r\n") } else { text.to_owned() };
        if self.mark { format!("\u{feff}{text}") } else { text }
    }
}

fn lines(part: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    proptest::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

pub(crate) fn toml() -> impl Strategy<Value = String> {
    let root = prop_oneof![
        Just("# a comment [x] \"y\n".to_owned()),
        Just("\n".to_owned()),
        Just("   \t\n".to_owned()),
        (0..4_u8).prop_map(|n| format!("root{n}  =   'x'\t# why\n")),
        (0..4_u8).prop_map(|n| format!("\"quoted {n}\" = [\n  1, # one\n  2,\n]\n")),
        (0..4_u8).prop_map(|n| format!("text{n} = \"\"\"\nlong\n[model_providers.usher]\n\"\"\"\n")),
        (0..4_u8).prop_map(|n| format!("model_providers.d{n}.name = 'D'\n")),
        Just("model_provider='openai'#x\n".to_owned()),
        Just("model = \"gpt-5.5\"\n".to_owned()),
        (0..4_u8).prop_map(|n| format!("inline{n} = {{ a = 1 , b = {{ c = 'ü' }} }}\n")),
    ];
    let table = prop_oneof![
        (0..4_u8).prop_map(|n| format!("[ table{n} ]  # t\nkey =1\n\n  other.key = 2.5\n")),
        (0..4_u8).prop_map(|n| format!("[model_providers.other{n}]\nname = \"Other\"\n# behind\n\n")),
        Just("[model_providers]\n".to_owned()),
        Just("[[list]]\na = 1979-05-27T07:32:00Z\n[[list]]\n\n".to_owned()),
        Just("\t[model_providers.usher]\nname = \"Mine\"\nextra = true\n".to_owned()),
        Just("# between\n".to_owned()),
    ];
    (lines(root), lines(table), finish())
        .prop_map(|(root, tables, finish)| finish.of(&format!("{root}{tables}")))
}

/// Values of JSON, with comments and commas as people write them.
pub(crate) fn jsonc(keys: &'static [&'static str]) -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("1.50e3".to_owned()),
        Just("\"text // no comment /* \\u00fc \\\" \"".to_owned()),
        Just("null".to_owned()),
        Just("[ 1,2 , {\"a\":[]} ]".to_owned()),
        Just("{ }".to_owned()),
        Just("{\n      \"deep\" : { /* x */ }\n    }".to_owned()),
    ];
    let gap = prop_oneof![
        Just(""),
        Just(" "),
        Just("\n"),
        Just("\n    "),
        Just("  // c } ,\n\t"),
        Just(" /* b , */ "),
        Just("\n\n  /* two\n lines */\n  "),
    ];
    let entry = (gap.clone(), value, gap.clone(), gap.clone());
    (
        proptest::collection::vec(entry, 0..5),
        gap,
        any::<bool>(),
        finish(),
        any::<prop::sample::Index>(),
        any::<bool>(),
    )
        .prop_map(move |(entries, last, trailing, finish, index, own)| {
            let count = entries.len();
            let mut text = String::from("{");
            for (number, (before, value, colon, after)) in entries.into_iter().enumerate() {
                let comma = if number + 1 < count || trailing { "," } else { "" };
                let is_own = own && number == index.index(count);
                let (key, value) = match keys {
                    [key, ..] if is_own => ((*key).to_owned(), "{ \"other\": {} }".to_owned()),
                    _ => (format!("key{number}"), value),
                };
                for part in [before, "\"", &key, "\"", colon, ": ", &value, after, comma] {
                    text.push_str(part);
                }
            }
            finish.of(&format!("{text}{last}}}\n"))
        })
}

pub(crate) fn yaml() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("# a comment: x\n".to_owned()),
        Just("\n".to_owned()),
        (0..4_u8).prop_map(|n| format!("plain{n}:   value   # why\n")),
        (0..4_u8).prop_map(|n| format!("\"quoted {n}\": 'it''s'\n")),
        (0..4_u8).prop_map(|n| format!("block{n}: |\n  text\n    more: x\n\n")),
        (0..4_u8).prop_map(|n| format!("folded{n}: >-\n    text\n    text\n")),
        (0..4_u8).prop_map(|n| format!("map{n}:\n    a: &x 1\n    b: *x\n")),
        (0..4_u8).prop_map(|n| format!("list{n}:\n- a\n-   b: 1\n    c: [1, {{d: e}}]\n")),
        (0..4_u8).prop_map(|n| format!("empty{n}:\n")),
        (0..4_u8).prop_map(|n| format!("flow{n}: {{a: [1,\n   2]}}\n")),
    ];
    let models = prop_oneof![
        Just(String::new()),
        Just("models:\n".to_owned()),
        Just("models: []\n".to_owned()),
        Just("models:\n- name: A   # first\n  provider: openai\n".to_owned()),
        Just("models:\n    -   name: 'A'\n        roles: [chat, edit]\n\n    # end of models\n".to_owned()),
        Just("models: [{name: A}]\n".to_owned()),
    ];
    (lines(part.clone()), models, lines(part), any::<bool>(), finish()).prop_map(
        |(before, models, after, start, finish)| {
            let start = if start { "---\n" } else { "" };
            finish.of(&format!("{start}{before}{models}{after}"))
        },
    )
}

/// Connects and undoes; returns whether the tool could be connected.
fn round_trip(tool: &str, path: &str, text: &str, make_default: bool) -> Result<bool, TestCaseError> {
    let fixture = Fixture::new();
    fixture.put(path, text);
    let mut setup = fixture.setup();
    setup.make_default = make_default;
    let connected = fixture.connect(tool, &setup);
    if connected.is_ok() {
        let now = fixture.text(path).unwrap();
        prop_assert_ne!(&now, text);
        // What is new has the line ends of the file; a mark and the last line end stay as they are.
        let is_crlf = |text: &str| !text.replace("\r\n", "").contains('\n');
        prop_assert!(!text.contains("\r\n") || is_crlf(&now), "{}", now);
        prop_assert!(text.contains('\r') || !now.contains('\r'), "{}", now);
        prop_assert_eq!(now.starts_with('\u{feff}'), text.starts_with('\u{feff}'));
        let has_lines = text.contains('\n');
        prop_assert!(!has_lines || now.ends_with('\n') == text.ends_with('\n'), "{}", now);
        let undone = fixture.undo(tool).unwrap().unwrap();
        prop_assert!(undone.files.iter().all(|file| file.is_exact));
    }
    prop_assert_eq!(fixture.text(path).unwrap(), text);
    Ok(connected.is_ok())
}

/// Connects, adds something that the tool wrote, and undoes.
fn later_edit(
    tool: &str,
    path: &str,
    format: Format,
    text: &str,
    later: impl Fn(&str) -> Option<String>,
) -> Result<(), TestCaseError> {
    let fixture = Fixture::new();
    fixture.put(path, text);
    let Some(expected) = later(text).and_then(|text| format.parse(&text).ok()) else { return Ok(()) };
    if fixture.connect(tool, &fixture.setup()).is_err() {
        return Ok(());
    }
    let Some(changed) = later(&fixture.text(path).unwrap()) else { return Ok(()) };
    fixture.put(path, &changed);
    let undone = fixture.undo(tool).unwrap().unwrap();
    prop_assert_eq!(&undone.files[0].kept, &Vec::<String>::new());
    let now = fixture.text(path).unwrap();
    prop_assert!(same(&format.parse(&now).unwrap(), &expected), "{}\n---\n{}", text, now);
    Ok(())
}

/// Compares values; an empty value is as good as none.
pub(crate) fn same(one: &usher_tools::Value, two: &usher_tools::Value) -> bool {
    use usher_tools::Value::{List, Other, Table};
    match (one, two) {
        (List(items), Other(null)) | (Other(null), List(items)) => items.is_empty() && null == "null",
        (Table(one), Table(two)) => {
            let find = |entries: &[(String, usher_tools::Value)], key: &str| {
                entries.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone())
            };
            one.len() == two.len()
                && one.iter().all(|(key, value)| find(two, key).is_some_and(|other| same(value, &other)))
        }
        (List(one), List(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| same(one, two))
        }
        _ => one == two,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn toml_is_byte_identical_after_undo(text in toml(), make_default: bool) {
        prop_assume!(Format::Toml.parse(&text).is_ok());
        prop_assert!(round_trip("codex", ".codex/config.toml", &text, make_default)?);
    }

    #[test]
    fn toml_of_the_codex_app_is_byte_identical_after_undo(text in toml()) {
        prop_assume!(Format::Toml.parse(&text).is_ok());
        prop_assert!(round_trip("codex-app", ".codex/config.toml", &text, false)?);
    }

    #[test]
    fn jsonc_is_byte_identical_after_undo(text in jsonc(&["provider"]), make_default: bool) {
        prop_assume!(Format::Jsonc.parse(&text).is_ok());
        prop_assert!(round_trip("opencode", ".config/opencode/opencode.jsonc", &text, make_default)?);
    }

    #[test]
    fn json_of_claude_code_is_byte_identical_after_undo(text in jsonc(&["env"])) {
        prop_assume!(Format::Jsonc.parse(&text).is_ok());
        prop_assert!(round_trip("claude-code", ".claude/settings.json", &text, false)?);
    }

    #[test]
    fn yaml_is_byte_identical_after_undo(text in yaml()) {
        prop_assume!(Format::Yaml.parse(&text).is_ok());
        prop_assert!(round_trip("continue", ".continue/config.yaml", &text, false)?, "{}", text);
    }

    #[test]
    fn yaml_of_aider_is_byte_identical_after_undo(text in yaml()) {
        prop_assume!(Format::Yaml.parse(&text).is_ok());
        prop_assert!(round_trip("aider", ".aider.conf.yml", &text, true)?, "{}", text);
    }

    #[test]
    fn toml_keeps_what_was_added_later(text in toml()) {
        let later = |text: &str| Some(format!("{}\n# later\n[later]\nx = 1\n", text.trim_end_matches('\n')));
        later_edit("codex", ".codex/config.toml", Format::Toml, &text, later)?;
    }

    #[test]
    fn jsonc_keeps_what_was_added_later(text in jsonc(&["provider"])) {
        let later = |text: &str| text.find('{').map(|at| {
            let empty = matches!(Format::Jsonc.parse(text), Ok(usher_tools::Value::Table(entries)) if entries.is_empty());
            format!("{}\"later\": [1]{}{}", &text[..=at], if empty { "" } else { "," }, &text[at + 1..])
        });
        later_edit("opencode", ".config/opencode/opencode.jsonc", Format::Jsonc, &text, later)?;
    }

    #[test]
    fn yaml_keeps_what_was_added_later(text in yaml()) {
        let later = |text: &str| Some(format!("{}\nlater: 1\n", text.trim_end_matches('\n')));
        later_edit("continue", ".continue/config.yaml", Format::Yaml, &text, later)?;
    }
}
