//! Files that are not changed, and why.

use std::io;
use std::path::Path;

use usher_domain::ErrorCode;
use usher_tools::{Content, Disk, LocalDisk};

use crate::fixture::{FILES, Fixture};

#[test]
fn an_invalid_file_is_named_with_line_and_column_and_not_touched() {
    let invalid = [
        ("codex", ".codex/config.toml", "model = \"x\"\n[mcp\n", "line 2, column "),
        ("claude-code", ".claude/settings.json", "{\n  \"a\": ,\n}", "line 2, column "),
        ("opencode", ".config/opencode/opencode.jsonc", "{\n // x\n 'a': 1}", "line 3, column "),
        ("continue", ".continue/config.yaml", "name: x\nmodels: [\n", "line "),
    ];
    for (tool, path, text, position) in invalid {
        let fixture = Fixture::new();
        fixture.put(path, text);
        let failure = fixture.connect(tool, &fixture.setup()).unwrap_err();
        assert_eq!(failure.code, ErrorCode::ToolFileUnusable);
        assert!(failure.cause.contains(position) && failure.cause.contains(path), "{failure}");
        assert_eq!(fixture.text(path).as_deref(), Some(text));
        assert_eq!(fixture.undo(tool).unwrap(), None, "{tool}");
    }
}

#[test]
fn a_key_of_another_type_is_not_touched() {
    let wrong = [
        ("codex", ".codex/config.toml", "model_providers = 1\n"),
        ("claude-code", ".claude/settings.json", "{\"env\": []}"),
        ("pi", ".pi/agent/models.json", "[]"),
        ("continue", ".continue/config.yaml", "name: x\nversion: 1\nschema: v1\nmodels: one\n"),
        ("continue", ".continue/config.yaml", "a: 1\n---\nb: 2\n"),
    ];
    for (tool, path, text) in wrong {
        let fixture = Fixture::new();
        fixture.put(path, text);
        fixture.connect(tool, &fixture.setup()).unwrap_err();
        assert_eq!(fixture.text(path).as_deref(), Some(text));
    }
}

#[test]
fn a_key_that_would_win_is_refused() {
    let fixture = Fixture::new();
    let text = "{\"env\": {\"ANTHROPIC_AUTH_TOKEN\": \"sk-other\"}}";
    fixture.put(".claude/settings.json", text);
    let failure = fixture.connect("claude-code", &fixture.setup()).unwrap_err();
    assert!(failure.cause.contains("env.ANTHROPIC_AUTH_TOKEN"), "{failure}");
    assert!(!fixture.ledger().contains("sk-other"));
    fixture.put(".claude/settings.json", "{\"env\": {\"CLAUDE_CODE_USE_BEDROCK\": \"1\"}}");
    let failure = fixture.connect("claude-code", &fixture.setup()).unwrap_err();
    assert!(failure.cause.contains("env.CLAUDE_CODE_USE_BEDROCK"), "{failure}");
    // Codex does not start with two ways to the pass.
    for (tool, line) in [
        ("codex", "env_key = 'X'"),
        ("codex", "experimental_bearer_token = 'x'"),
        ("codex", "requires_openai_auth = true"),
        ("codex-app", "auth = { command = 'x' }"),
        ("codex-app", "experimental_bearer_token = 'x'"),
        ("codex-app", "http_headers = { x-other = 'x' }"),
    ] {
        fixture.put(".codex/config.toml", &format!("[model_providers.usher]\n{line}\n"));
        let failure = fixture.connect(tool, &fixture.setup()).unwrap_err();
        let key = format!("model_providers.usher.{}", line.split_once(' ').unwrap().0);
        assert!(failure.cause.contains(&key), "{failure}");
    }
    // A key of one's own that the pass would replace, whose text would be in the ledger.
    fixture.put(".aider.conf.yml", "openai-api-key: sk-mine\n");
    let failure = fixture.connect("aider", &fixture.setup()).unwrap_err();
    assert!(failure.cause.contains("openai-api-key"), "{failure}");
    assert_eq!(fixture.text(".aider.conf.yml").unwrap(), "openai-api-key: sk-mine\n");
}

#[test]
fn an_older_file_that_a_new_one_would_hide_is_refused() {
    let fixture = Fixture::new();
    fixture.put(".continue/config.json", "{}");
    let failure = fixture.connect("continue", &fixture.setup()).unwrap_err();
    assert!(failure.cause.contains("config.json"), "{failure}");
    assert_eq!(fixture.text(".continue/config.yaml"), None);
}

#[test]
fn a_deep_or_large_file_is_refused_in_good_time() {
    let began = std::time::Instant::now();
    for (tool, path) in FILES {
        let deep = match path.rsplit('.').next().unwrap() {
            "toml" => format!("a = {}1{}", "[".repeat(100_000), "]".repeat(100_000)),
            "yml" | "yaml" => {
                (0..5_000).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "a:\n")
            }
            _ => format!("{}{}", "{\"a\":[".repeat(100_000), "]}".repeat(100_000)),
        };
        for text in [deep, "# so long\n".repeat(500_000)] {
            let fixture = Fixture::new();
            fixture.put(path, &text);
            fixture.connect(tool, &fixture.setup()).unwrap_err();
            assert_eq!(fixture.text(path), Some(text));
        }
    }
    assert!(began.elapsed().as_secs() < 120);
}

#[cfg(unix)]
#[test]
fn links_stay_and_what_is_no_file_of_ones_own_is_refused() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let fixture = Fixture::new();
    fixture.put("dotfiles/codex.toml", "# mine\n");
    std::fs::create_dir_all(fixture.home.join(".codex")).unwrap();
    let link = fixture.home.join(".codex/config.toml");
    symlink("../dotfiles/codex.toml", &link).unwrap();
    std::fs::set_permissions(
        fixture.home.join("dotfiles/codex.toml"),
        std::fs::Permissions::from_mode(0o640),
    )
    .unwrap();
    fixture.connect("codex", &fixture.setup()).unwrap();
    assert!(link.is_symlink());
    let target = fixture.home.join("dotfiles/codex.toml");
    assert!(fixture.text("dotfiles/codex.toml").unwrap().contains("[model_providers.usher]"));
    assert_eq!(target.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    fixture.undo("codex").unwrap().unwrap();
    assert!(link.is_symlink());
    assert_eq!(fixture.text("dotfiles/codex.toml").as_deref(), Some("# mine\n"));

    let refused = |prepare: &dyn Fn(&Path), why: &str| {
        let fixture = Fixture::new();
        std::fs::create_dir_all(fixture.home.join(".codex")).unwrap();
        prepare(&fixture.home.join(".codex/config.toml"));
        let failure = fixture.connect("codex", &fixture.setup()).unwrap_err();
        assert!(failure.cause.contains(why), "{failure}");
    };
    refused(&|path| nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRWXU).unwrap(), "it is not a file");
    refused(&|path| std::fs::create_dir(path).unwrap(), "it is not a file");
    refused(&|path| symlink(path, path).unwrap(), "");
    refused(&|path| std::fs::write(path, [b'a', 0xff]).unwrap(), "not in UTF-8");
    let read_only = |path: &Path| {
        std::fs::write(path, "# mine\n").unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o444)).unwrap();
    };
    refused(&read_only, "it is read-only; nothing was changed");
}

/// Writes the file as its tool does, between the plan and the change.
struct ToolWrites;

impl Disk for ToolWrites {
    fn read(&self, path: &Path) -> io::Result<Option<Content>> {
        LocalDisk.read(path)
    }
    fn create(&self, path: &Path, bytes: &[u8], mode: Option<u32>) -> io::Result<()> {
        LocalDisk.create(path, bytes, mode)?;
        if path.ends_with(".config.toml.usher-new") {
            std::fs::write(path.with_file_name("config.toml"), "model = \"newer\"\n")?;
        }
        Ok(())
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        LocalDisk.rename(from, to)
    }
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        LocalDisk.sync_folder(folder)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        LocalDisk.remove(path)
    }
    fn make_folder(&self, folder: &Path) -> io::Result<bool> {
        LocalDisk.make_folder(folder)
    }
    fn remove_folder(&self, folder: &Path) {
        LocalDisk.remove_folder(folder);
    }
}

#[test]
fn a_file_that_its_tool_writes_at_the_same_time_is_not_replaced() {
    let fixture = Fixture::new();
    fixture.put(".codex/config.toml", "model = \"old\"\n");
    let failure = fixture.connect_on(&ToolWrites, "codex", &fixture.setup()).unwrap_err();
    assert!(failure.cause.contains("changed meanwhile"), "{failure}");
    assert_eq!(fixture.files().len(), 1, "no file is left behind");
    assert_eq!(fixture.text(".codex/config.toml").unwrap(), "model = \"newer\"\n");
}
