//! What each tool gets in an empty home.

use usher_tools::catalog::ALL;

use crate::fixture::{FILES, Fixture, SECRET};

#[test]
fn every_tool_is_connected_in_an_empty_home_and_leaves_nothing_behind() {
    let automatic: Vec<&str> = ALL.iter().filter(|tool| tool.is_automatic()).map(|tool| tool.id).collect();
    let mut tested: Vec<&str> = FILES.iter().map(|(tool, _)| *tool).collect();
    for tool in &automatic {
        assert!(tested.contains(tool), "{tool}");
    }
    tested.dedup();
    for make_default in [false, true] {
        for tool in &tested {
            let fixture = Fixture::new();
            let mut setup = fixture.setup();
            setup.make_default = make_default;
            fixture.connect(tool, &setup).unwrap_or_else(|failure| panic!("{tool}: {failure}"));
            assert!(!fixture.files().is_empty(), "{tool}");
            assert!(!fixture.ledger().contains(SECRET), "{tool}: a secret in the ledger");
            let undone = fixture.undo(tool).unwrap().expect("it was connected");
            assert!(undone.files.iter().all(|file| file.removed && file.is_exact), "{tool}: {undone:?}");
            assert_eq!(fixture.files(), [], "{tool}");
            let left: Vec<_> =
                std::fs::read_dir(&fixture.home).unwrap().flatten().map(|entry| entry.path()).collect();
            assert_eq!(left, Vec::<std::path::PathBuf>::new(), "{tool}: folders");
            assert!(!std::path::Path::new(&setup.pass_file).exists(), "{tool}");
            assert_eq!(fixture.undo(tool).unwrap(), None, "{tool}: undone once");
        }
    }
}

#[test]
fn codex_gets_the_keys_of_the_recipe() {
    let fixture = Fixture::new();
    let mut setup = fixture.setup();
    setup.make_default = true;
    fixture.connect("codex", &setup).unwrap();
    let expected = r#"model = "gpt-6.2-sol"
model_provider = "usher"

[model_providers.usher]
name = "Usher"
base_url = "http://127.0.0.1:18740/v1"
wire_api = "responses"
auth = { command = "usher", args = ["pass", "print", "tool"] }
"#;
    assert_eq!(fixture.text(".codex/config.toml").as_deref(), Some(expected));
}

#[test]
fn a_preview_shows_the_lines_and_no_secret() {
    let fixture = Fixture::new();
    let text = "{\r\n\t\"env\": {\r\n\t\t\"OTHER_KEY\": \"sk-wisteria-0123456789\"\r\n\t}\r\n}\r\n";
    fixture.put(".claude/settings.json", text);
    let preview = fixture.preview("claude-code", &fixture.setup());
    let expected = "--- ~/.claude/settings.json\n+++ ~/.claude/settings.json\n@@ -1,5 +1,8 @@\n {\n  \"env\": {\n\
                    -  \"OTHER_KEY\": \"[redacted]\"\n- }\n+  \"OTHER_KEY\": \"[redacted]\",\n\
                    +  \"ANTHROPIC_BASE_URL\": \"http://127.0.0.1:18740\",\n\
                    +  \"CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY\": \"1\"\n+ },\n+ \"apiKeyHelper\": \"usher pass print tool\"\n }\n";
    assert_eq!(preview.files[0].diff, expected);
    assert_eq!(fixture.text(".claude/settings.json").as_deref(), Some(text));
}

#[test]
fn claude_code_gets_address_and_helper() {
    let fixture = Fixture::new();
    fixture.connect("claude-code", &fixture.setup()).unwrap();
    let expected = r#"{
  "env": {
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:18740",
    "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1"
  },
  "apiKeyHelper": "usher pass print tool"
}
"#;
    assert_eq!(fixture.text(".claude/settings.json").as_deref(), Some(expected));
}

#[test]
fn opencode_reads_its_pass_from_a_private_file() {
    let fixture = Fixture::new();
    let setup = fixture.setup();
    fixture.put(".config/opencode/opencode.json", "{\n\t// mine\n\t\"theme\": \"system\", // dark\n}\n");
    fixture.connect("opencode", &setup).unwrap();
    let expected = "{\n\t// mine\n\t\"theme\": \"system\", // dark\n\t\"provider\": {\n\t\t\"usher\": {\n\t\t\t\"npm\": \"@ai-sdk/openai\",\n\t\t\t\
                    \"name\": \"Usher\",\n\t\t\t\"options\": {\n\t\t\t\t\"baseURL\": \"http://127.0.0.1:18740/v1\",\n\t\t\t\t\"apiKey\": \"{file:PASS}\"\n\
                    \t\t\t},\n\t\t\t\"models\": {\n\t\t\t\t\"gpt-6.2-sol\": {\n\t\t\t\t\t\"name\": \"GPT-6.2 Sol\"\n\t\t\t\t},\n\t\t\t\t\
                    \"gpt-6.2-astra\": {\n\t\t\t\t\t\"name\": \"GPT-6.2 Astra\"\n\t\t\t\t}\n\t\t\t}\n\t\t}\n\t},\n}\n";
    let text = fixture.text(".config/opencode/opencode.json").unwrap();
    assert_eq!(text.replace(&setup.pass_file, "PASS"), expected);
    assert_eq!(std::fs::read_to_string(&setup.pass_file).unwrap(), SECRET);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&setup.pass_file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn continue_gets_an_item_of_its_list() {
    let fixture = Fixture::new();
    let before = "name: Mine\nversion: 1.0.0\nschema: v1\nmodels:\n    # the old one\n    - name:   Claude   # main\n      provider: anthropic\n\n# end\n";
    fixture.put(".continue/config.yaml", before);
    fixture.connect("continue", &fixture.setup()).unwrap();
    let expected = "name: Mine\nversion: 1.0.0\nschema: v1\nmodels:\n    # the old one\n    - name:   Claude   # main\n      provider: anthropic\n    \
                    - name: Usher\n      provider: openai\n      model: gpt-6.2-sol\n      apiBase: http://127.0.0.1:18740/v1\n      apiKey: usher_pass_wisteria\n\n# end\n";
    assert_eq!(fixture.text(".continue/config.yaml").as_deref(), Some(expected));
    fixture.undo("continue").unwrap();
    assert_eq!(fixture.text(".continue/config.yaml").as_deref(), Some(before));
}

#[test]
fn a_file_with_a_secret_becomes_private_until_it_is_undone() {
    let fixture = Fixture::new();
    fixture.put(".aider.conf.yml", "dark-mode: true\n");
    fixture.connect("aider", &fixture.setup()).unwrap();
    assert!(fixture.text(".aider.conf.yml").unwrap().contains(SECRET));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode =
            || std::fs::metadata(fixture.home.join(".aider.conf.yml")).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        fixture.undo("aider").unwrap();
        assert_eq!(mode(), 0o644);
    }
}
