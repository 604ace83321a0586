//! Undoing after somebody else changed the file.

use usher_tools::{Connections, LedgerFile, LocalDisk};

use crate::fixture::Fixture;

/// Whoever revokes the pass may end before that, and has to find its name the next time.
#[test]
fn a_connection_is_known_until_its_pass_is_revoked() {
    let fixture = Fixture::new();
    fixture.put(".codex/config.toml", "# mine\n");
    fixture.connect("codex", &fixture.setup()).unwrap();
    let surroundings = fixture.surroundings();
    let ledger = LedgerFile::new(&fixture.data, &LocalDisk, None);
    let connections = Connections { surroundings: &surroundings, disk: &LocalDisk, ledger: &ledger };
    for changed in [true, false] {
        let undone = connections.restore("codex").unwrap().unwrap();
        assert_eq!((undone.pass.as_str(), undone.files[0].changed), ("tool", changed));
        assert_eq!(fixture.text(".codex/config.toml").as_deref(), Some("# mine\n"));
    }
    connections.finish("codex").unwrap();
    assert_eq!(connections.restore("codex").unwrap(), None);
}

#[test]
fn later_edits_stay_and_only_the_keys_go() {
    let fixture = Fixture::new();
    fixture.put(
        ".codex/config.toml",
        "# mine\nmodel = \"gpt-5.5\" # the good one\n\n[mcp_servers.x]\ncommand = \"x\"\n",
    );
    let mut setup = fixture.setup();
    setup.make_default = true;
    fixture.connect("codex", &setup).unwrap();
    let text = fixture.text(".codex/config.toml").unwrap();
    fixture.put(
        ".codex/config.toml",
        &text.replace("[mcp_servers.x]", "[projects.\"/tmp\"]\ntrust_level = \"trusted\"\n\n[mcp_servers.x]"),
    );
    let undone = fixture.undo("codex").unwrap().unwrap();
    assert_eq!(undone.files[0].kept, Vec::<String>::new());
    assert_eq!(
        fixture.text(".codex/config.toml").unwrap(),
        "# mine\nmodel = \"gpt-5.5\" # the good one\n\n[projects.\"/tmp\"]\ntrust_level = \"trusted\"\n\n[mcp_servers.x]\ncommand = \"x\"\n"
    );
}

#[test]
fn a_key_that_somebody_changed_stays_and_is_named() {
    let fixture = Fixture::new();
    fixture.put(".claude/settings.json", "{\n  \"model\": \"opus\"\n}\n");
    fixture.connect("claude-code", &fixture.setup()).unwrap();
    let text = fixture.text(".claude/settings.json").unwrap();
    fixture.put(".claude/settings.json", &text.replace("http://127.0.0.1:18740", "https://gateway.example"));
    let undone = fixture.undo("claude-code").unwrap().unwrap();
    assert_eq!(undone.files[0].kept, ["env.ANTHROPIC_BASE_URL"]);
    assert_eq!(
        fixture.text(".claude/settings.json").unwrap(),
        "{\n  \"model\": \"opus\",\n  \"env\": {\n    \"ANTHROPIC_BASE_URL\": \"https://gateway.example\"\n  }\n}\n"
    );
}

#[test]
fn keys_that_a_tool_wrote_in_another_form_are_restored() {
    // As a tool does that reads its file and writes it again.
    let fixture = Fixture::new();
    fixture.put(".claude/settings.json", "{\"model\": \"opus\"}");
    fixture.connect("claude-code", &fixture.setup()).unwrap();
    let text = fixture.text(".claude/settings.json").unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    fixture.put(".claude/settings.json", &serde_json::to_string_pretty(&value).unwrap());
    let undone = fixture.undo("claude-code").unwrap().unwrap();
    assert_eq!(undone.files[0].kept, Vec::<String>::new());
    let restored: serde_json::Value =
        serde_json::from_str(&fixture.text(".claude/settings.json").unwrap()).unwrap();
    assert_eq!(restored, serde_json::json!({"model": "opus"}));
}

#[test]
fn connecting_again_replaces_the_connection() {
    let fixture = Fixture::new();
    let before = "model = \"gpt-5.5\"\n";
    fixture.put(".codex/config.toml", before);
    let mut setup = fixture.setup();
    fixture.connect("codex", &setup).unwrap();
    setup.address = "http://127.0.0.1:18800".into();
    setup.make_default = true;
    fixture.connect("codex", &setup).unwrap();
    let text = fixture.text(".codex/config.toml").unwrap();
    assert!(text.contains(":18800/v1") && !text.contains("18740"), "{text}");
    fixture.undo("codex").unwrap().unwrap();
    assert_eq!(fixture.text(".codex/config.toml").as_deref(), Some(before));
}

#[test]
fn a_file_that_is_gone_is_no_obstacle() {
    let fixture = Fixture::new();
    fixture.put(".codex/config.toml", "model = \"gpt-5.5\"\n");
    fixture.connect("codex", &fixture.setup()).unwrap();
    std::fs::remove_file(fixture.home.join(".codex/config.toml")).unwrap();
    assert!(!fixture.undo("codex").unwrap().unwrap().files[0].changed);
}
