//! Any valid file is what it was after the script, and what was added later is in what it saves beside the file.

use proptest::prelude::*;
use usher_tools::Value;
use usher_tools::document::Format;

use crate::properties::{jsonc, same, toml, yaml};
use crate::restore_script::{home, run, succeeds};

/// Connects, runs the script, and compares.
fn round_trip(tool: &str, path: &str, text: &str) -> Result<(), TestCaseError> {
    let fixture = home();
    fixture.put(path, text);
    let mut setup = fixture.setup();
    setup.make_default = true;
    if fixture.connect(tool, &setup).is_ok() {
        succeeds(&fixture);
    }
    prop_assert_eq!(fixture.text(path).unwrap(), text);
    Ok(())
}

/// Connects, adds something that the tool wrote, runs the script, and reads what it saved beside the file.
fn later_edit(
    tool: &str,
    path: &str,
    format: Format,
    text: &str,
    later: impl Fn(&str) -> Option<String>,
) -> Result<(), TestCaseError> {
    let fixture = home();
    fixture.put(path, text);
    let Some(expected) = later(text).and_then(|text| format.parse(&text).ok()) else { return Ok(()) };
    if fixture.connect(tool, &fixture.setup()).is_err() {
        return Ok(());
    }
    let Some(changed) = later(&fixture.text(path).unwrap()) else { return Ok(()) };
    fixture.put(path, &changed);
    prop_assert_eq!(run(&fixture, &["sh"], &[]).status.code(), Some(1));
    prop_assert_eq!(fixture.text(path).unwrap(), &*changed);
    let restored = fixture.text(&format!("{path}.usher-restored"));
    prop_assert!(restored.is_some(), "{}\n---\n{}", text, changed);
    let restored = restored.unwrap_or_default();
    let is_same = format.parse(&restored).is_ok_and(|value| same(&value, &expected));
    prop_assert!(is_same, "{}\n---\n{}\n---\n{}", text, changed, restored);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn toml_is_byte_identical(text in toml()) {
        round_trip("codex", ".codex/config.toml", &text)?;
    }

    #[test]
    fn jsonc_is_byte_identical(text in jsonc(&["provider"])) {
        round_trip("opencode", ".config/opencode/opencode.jsonc", &text)?;
    }

    #[test]
    fn yaml_is_byte_identical(text in yaml()) {
        round_trip("aider", ".aider.conf.yml", &text)?;
    }

    #[test]
    fn toml_beside_keeps_what_was_added_later(text in toml()) {
        let later = |text: &str| Some(format!("{}\n# later\n[later]\nx = 1\n", text.trim_end_matches('\n')));
        later_edit("codex", ".codex/config.toml", Format::Toml, &text, later)?;
    }

    #[test]
    fn jsonc_beside_keeps_what_was_added_later(text in jsonc(&["provider"])) {
        let later = |text: &str| text.find('{').map(|at| {
            let empty = matches!(Format::Jsonc.parse(text), Ok(Value::Table(entries)) if entries.is_empty());
            format!("{}\"later\": [1]{}{}", &text[..=at], if empty { "" } else { "," }, &text[at + 1..])
        });
        later_edit("opencode", ".config/opencode/opencode.jsonc", Format::Jsonc, &text, later)?;
    }

    #[test]
    fn yaml_beside_keeps_what_was_added_later(text in yaml()) {
        let later = |text: &str| Some(format!("# later\nlater: 1\n{text}"));
        later_edit("aider", ".aider.conf.yml", Format::Yaml, &text, later)?;
    }
}
