//! What is shown before a tool is connected, because it would win.

use usher_tools::{
    ConflictKind, Connections, Detected, LedgerFile, LocalDisk, Preview, Setup, Surroundings, Tool,
};

use crate::fixture::Fixture;

/// Shows what connecting a tool would change, from a folder below the home.
fn preview_in(fixture: &Fixture, folder: &str, tool: &str, setup: &Setup) -> Preview {
    let folder = fixture.home.join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let surroundings = Surroundings::from(fixture.home.clone(), |_| None)
        .working_in(Some(folder))
        .with_root(fixture.home.join("root"));
    let ledger = LedgerFile::new(&fixture.data, &LocalDisk, None);
    let connections = Connections { surroundings: &surroundings, disk: &LocalDisk, ledger: &ledger };
    connections.preview(Tool::find(tool).unwrap(), setup, &Detected::default()).unwrap()
}

fn found(preview: &Preview) -> Vec<(ConflictKind, &str, &str)> {
    let conflicts = preview.conflicts.iter();
    conflicts.map(|one| (one.kind, one.subject.as_str(), one.detail.as_str())).collect()
}

#[test]
fn settings_of_a_project_that_win_are_named() {
    let fixture = Fixture::new();
    let setup = fixture.setup();
    fixture.put("app/.git/HEAD", "ref: x\n");
    fixture.put("app/.claude/settings.json", "{\"env\": {\"ANTHROPIC_BASE_URL\": \"http://other\"}}");
    fixture.put("app/.claude/settings.local.json", "{\"apiKeyHelper\": \"other\", \"model\": \"opus\"}");
    let in_app = [
        (ConflictKind::Project, "env.ANTHROPIC_BASE_URL", "~/app/.claude/settings.json"),
        (ConflictKind::Project, "apiKeyHelper", "~/app/.claude/settings.local.json"),
    ];
    assert_eq!(found(&preview_in(&fixture, "app/src", "claude-code", &setup)), in_app);
    assert_eq!(found(&preview_in(&fixture, "elsewhere", "claude-code", &setup)), []);
    // Those that Claude Code was used in.
    let app = fixture.home.join("app").display().to_string();
    fixture.put(".claude.json", &format!("{{\"projects\": {{\"{app}\": {{}}, \"/gone\": {{}}}}}}"));
    assert_eq!(found(&preview_in(&fixture, "elsewhere", "claude-code", &setup)), in_app);

    fixture.put(
        "app/opencode.json",
        "{\"provider\": {\"usher\": {\"options\": {\"baseURL\": \"x\"}}}, \"model\": \"a/b\"}",
    );
    let base = (ConflictKind::Project, "provider.usher.options.baseURL", "~/app/opencode.json");
    assert_eq!(found(&preview_in(&fixture, "app", "opencode", &setup)), [base]);
    let default = Setup { make_default: true, ..fixture.setup() };
    let model = (ConflictKind::Project, "model", "~/app/opencode.json");
    assert_eq!(found(&preview_in(&fixture, "app", "opencode", &default)), [base, model]);

    fixture.put("app/.aider.conf.yml", "openai-api-base: http://other/v1\n");
    let aider = (ConflictKind::Project, "openai-api-base", "~/app/.aider.conf.yml");
    assert_eq!(found(&preview_in(&fixture, "app", "aider", &setup)), [aider]);
}

#[test]
fn what_has_the_same_values_or_is_the_file_itself_does_not_win() {
    let fixture = Fixture::new();
    let setup = fixture.setup();
    fixture.put(".claude/settings.json", "{\"apiKeyHelper\": \"mine\"}");
    fixture.put(".aider.conf.yml", "openai-api-base: http://other/v1\n");
    for tool in ["claude-code", "aider"] {
        assert_eq!(found(&preview_in(&fixture, "", tool, &setup)), [], "{tool}");
    }
    fixture
        .put("app/.claude/settings.json", "{\"env\": {\"ANTHROPIC_BASE_URL\": \"http://127.0.0.1:18740\"}}");
    fixture.put("app/.claude/settings.local.json", "no settings");
    assert_eq!(found(&preview_in(&fixture, "app", "claude-code", &setup)), []);
}

#[test]
fn a_stored_key_that_wins_is_named() {
    let fixture = Fixture::new();
    fixture.put(".pi/agent/auth.json", "{\"openai\": {\"type\": \"oauth\"}}");
    assert_eq!(found(&preview_in(&fixture, "", "pi", &fixture.setup())), []);
    fixture.put(".pi/agent/auth.json", "{\"usher\": {\"type\": \"api_key\", \"key\": \"sk-x\"}}");
    let preview = preview_in(&fixture, "", "pi", &fixture.setup());
    assert_eq!(found(&preview), [(ConflictKind::SignIn, "usher", "~/.pi/agent/auth.json")]);
}

#[test]
fn settings_of_an_organization_that_win_are_named() {
    let fixture = Fixture::new();
    let folder =
        if cfg!(target_os = "macos") { "Library/Application Support/ClaudeCode" } else { "etc/claude-code" };
    let file = format!("root/{folder}/managed-settings.json");
    fixture.put(&file, "{\"env\": {\"CLAUDE_CODE_USE_BEDROCK\": \"1\"}}");
    let shown = format!("~/{file}");
    let expected = [(ConflictKind::Managed, "env.CLAUDE_CODE_USE_BEDROCK", shown.as_str())];
    assert_eq!(found(&preview_in(&fixture, "", "claude-code", &fixture.setup())), expected);

    let part = |name| format!("root/{folder}/managed-settings.d/{name}");
    fixture.put(&part("20-b.json"), "{\"apiKeyHelper\": \"other\"}");
    fixture.put(&part("10-a.json"), "{\"env\": {\"ANTHROPIC_API_KEY\": \"x\"}}");
    fixture.put(&part("30-c.txt"), "{\"apiKeyHelper\": \"other\"}");
    let preview = preview_in(&fixture, "", "claude-code", &fixture.setup());
    let subjects: Vec<&str> = found(&preview).into_iter().map(|(_, subject, _)| subject).collect();
    assert_eq!(subjects, ["env.CLAUDE_CODE_USE_BEDROCK", "env.ANTHROPIC_API_KEY", "apiKeyHelper"]);

    fixture.put("root/etc/codex/managed_config.toml", "model_provider = 'other'\n");
    let codex = [(ConflictKind::Managed, "model_provider", "~/root/etc/codex/managed_config.toml")];
    assert_eq!(found(&preview_in(&fixture, "", "codex", &fixture.setup())), codex);
    let app = preview_in(&fixture, "", "codex-app", &fixture.setup());
    assert_eq!(found(&app)[0], codex[0]);
}

#[test]
fn a_comment_that_the_tool_refuses_is_named() {
    let fixture = Fixture::new();
    fixture.put(".claude/settings.json", "{\n  \"model\": \"opus\" // mine\n}\n");
    let preview = preview_in(&fixture, "", "claude-code", &fixture.setup());
    let (kind, subject, detail) = found(&preview)[0];
    assert_eq!((kind, detail), (ConflictKind::Comments, "~/.claude/settings.json"));
    assert!(subject.starts_with("line "), "{subject}");
    assert!(!kind.blocks());
    // opencode takes them.
    fixture.put(".config/opencode/opencode.json", "{\n  // mine\n}\n");
    assert_eq!(found(&preview_in(&fixture, "", "opencode", &fixture.setup())), []);
}
