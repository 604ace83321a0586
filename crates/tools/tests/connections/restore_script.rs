//! The script beside the ledger, run without Usher.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use usher_tools::{LEDGER_FILE, RESTORE_SCRIPT};

use crate::fixture::{FILES, Fixture, SECRET};

/// A home whose path a shell could misread.
const HOME: &str = "it's \"my\" $HOME\\ü  folder";

/// Files of several tools as people have them: comments, line ends of Windows, a mark at the start, no line end.
const TEXTS: [(&str, &str, &str); 8] = [
    (
        "codex",
        ".codex/config.toml",
        "# mine\r\nmodel = \"gpt-5.5\"   # good\r\n\r\n[mcp_servers.x]\r\ncommand='x'",
    ),
    ("codex", ".codex/config.toml", "model_provider = \"other\"\nmodel = \"it's\"\n"),
    (
        "claude-code",
        ".claude/settings.json",
        "\u{feff}{\r\n\t// mine\r\n\t\"env\": {\"A\": \"100%s\\n\"},\r\n\t\"model\": \"opus\", // -n\r\n}",
    ),
    (
        "claude-code",
        ".claude/settings.json",
        "{\"apiKeyHelper\": \"echo '%d' \\\\ ü\", \"env\": {\"ANTHROPIC_BASE_URL\": \"x\"}}",
    ),
    ("opencode", ".config/opencode/opencode.jsonc", "{ \"theme\": \"system\", /* ü */ }"),
    ("aider", ".aider.conf.yml", "# mine\ndark-mode: true   # yes\nmodel: gpt-5\nread:\n  - A.md\n"),
    (
        "continue",
        ".continue/config.yaml",
        "name: Mine\nversion: 1.0.0\nmodels:\n    - name:   Claude   # main\n      provider: anthropic\n\n# end",
    ),
    ("llm", ".config/io.datasette.llm/keys.json", "{\"other\": \"x\"}"),
];

fn script(fixture: &Fixture) -> PathBuf {
    fixture.data.join(RESTORE_SCRIPT)
}

/// Runs the script as a person does on a computer without Usher.
pub(crate) fn run(fixture: &Fixture, shell: &[&str], arguments: &[&str]) -> Output {
    Command::new(shell[0])
        .args(&shell[1..])
        .arg(script(fixture))
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .current_dir("/")
        .output()
        .unwrap()
}

pub(crate) fn succeeds(fixture: &Fixture) -> String {
    let output = run(fixture, &["sh"], &[]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stderr, b"", "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

pub(crate) fn home() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    Fixture::in_folder(folder, HOME)
}

#[test]
fn every_tool_in_an_empty_home_leaves_nothing_behind() {
    let fixture = home();
    let setup = fixture.setup();
    let mut tools: Vec<&str> = FILES.iter().map(|(tool, _)| *tool).collect();
    tools.dedup();
    for tool in &tools {
        fixture.connect(tool, &setup).unwrap();
    }
    assert!(fixture.files().len() >= tools.len());
    succeeds(&fixture);
    assert_eq!(fs::read_dir(&fixture.home).unwrap().count(), 0, "{:?}", fixture.files());
    assert!(!Path::new(&setup.pass_file).exists());
    // Once more changes nothing, and is no mistake.
    succeeds(&fixture);
}

#[test]
fn files_are_byte_identical_with_mode_and_link() {
    let shells: [&[&str]; 3] = [&["sh"], &["bash", "--posix"], &["busybox", "sh"]];
    let there = |shell: &[&str]| {
        Path::new("/usr/bin").join(shell[0]).exists() || Path::new("/bin").join(shell[0]).exists()
    };
    for shell in shells.into_iter().filter(|shell| there(shell)) {
        for make_default in [false, true] {
            for (tool, path, text) in TEXTS {
                let fixture = home();
                let mut setup = fixture.setup();
                setup.make_default = make_default;
                // A link, as people have whose settings are in a repository.
                fixture.put("dot files/kept", text);
                let real = fixture.home.join("dot files/kept");
                fs::set_permissions(&real, fs::Permissions::from_mode(0o664)).unwrap();
                let link = fixture.home.join(path);
                fs::create_dir_all(link.parent().unwrap()).unwrap();
                let up = "../".repeat(path.matches('/').count());
                symlink(format!("{up}dot files/kept"), &link).unwrap();
                fixture.connect(tool, &setup).unwrap_or_else(|failure| panic!("{tool}: {failure}"));
                assert_ne!(fs::read_to_string(&real).unwrap(), text, "{tool}");
                let shown = run(&fixture, shell, &["--dry-run"]);
                assert!(shown.status.success() && shown.stderr.is_empty(), "{tool}: {shown:?}");
                assert_ne!(fs::read_to_string(&real).unwrap(), text, "{tool}: only shown");
                let output = run(&fixture, shell, &[]);
                assert!(output.status.success(), "{shell:?}, {tool}: {output:?}");
                assert_eq!(fs::read_to_string(&real).unwrap(), text, "{shell:?}, {tool}");
                assert_eq!(mode(&real), 0o664, "{tool}");
                assert!(link.is_symlink(), "{tool}");
                assert_eq!(
                    fs::read_dir(real.parent().unwrap()).unwrap().count(),
                    1,
                    "{tool}: nothing beside it"
                );
            }
        }
    }
}

#[test]
fn script_is_private_without_secrets_and_gone_with_the_last_connection() {
    let fixture = home();
    let setup = fixture.setup();
    assert!(!script(&fixture).exists());
    for tool in ["aider", "llm", "opencode"] {
        fixture.connect(tool, &setup).unwrap();
    }
    assert_eq!(mode(&script(&fixture)), 0o700);
    assert_eq!(mode(&fixture.data.join(LEDGER_FILE)), 0o600);
    let text = fs::read_to_string(script(&fixture)).unwrap();
    let hex = SECRET.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    assert!(!text.contains(SECRET) && !text.contains(&hex));
    for tool in ["aider", "opencode"] {
        fixture.undo(tool).unwrap();
        let text = fs::read_to_string(script(&fixture)).unwrap();
        assert!(!text.contains(&format!("\ntool {tool} ")) && text.contains("\ntool llm "), "{text}");
    }
    fixture.undo("llm").unwrap();
    assert!(!script(&fixture).exists());
}

#[test]
fn file_that_was_changed_stays_and_the_restored_version_is_beside_it() {
    let later = "# later\nx = 1\n";
    let rows = [
        (
            "codex",
            ".codex/config.toml",
            "# mine\nmodel = \"gpt-5.5\"\n\n[a]\nb = 1\n",
            "[a]\n",
            "[a]\nnew = \"sk-mine\"\n",
        ),
        (
            "aider",
            ".aider.conf.yml",
            "dark-mode: true\nmodel: mine\n",
            "dark-mode: true\n",
            "dark-mode: false # sk-mine\n",
        ),
        (
            "claude-code",
            ".claude/settings.json",
            "{\n  \"model\": \"opus\" // mine\n}\n",
            "{\n  \"model\"",
            "{\n  \"k\": \"sk-mine\",\n  \"model\"",
        ),
        (
            "opencode",
            ".config/opencode/opencode.json",
            "{\"theme\": \"x\"}",
            "{\"theme\"",
            "{\"k\": \"sk-mine\", \"theme\"",
        ),
    ];
    for (tool, path, text, from, to) in rows {
        let fixture = home();
        fixture.put(path, text);
        let mut setup = fixture.setup();
        setup.make_default = true;
        fixture.connect(tool, &setup).unwrap();
        let connected = fixture.text(path).unwrap();
        assert!(connected.contains(from), "{tool}: {connected}");
        let changed = connected.replacen(from, to, 1);
        fixture.put(path, &changed);
        for dry_run in [true, false] {
            let output = run(&fixture, &["sh"], if dry_run { &["--dry-run"] } else { &[] });
            assert_eq!(output.status.code(), Some(1), "{tool}: {output:?}");
            let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(printed.contains("was changed since"), "{tool}: {printed}");
            assert!(!printed.contains(SECRET) && !printed.contains("sk-mine"), "{tool}: {printed}");
            assert_eq!(fixture.text(path).unwrap(), changed, "{tool}");
            assert_eq!(fixture.text(&format!("{path}.usher-restored")).is_some(), !dry_run, "{tool}");
        }
        let restored = fixture.text(&format!("{path}.usher-restored")).unwrap();
        assert_eq!(restored, text.replacen(from, to, 1), "{tool}");
        assert_eq!(mode(&fixture.home.join(format!("{path}.usher-restored"))), 0o600);
        // Without anything of Usher there is nothing to save.
        fs::remove_file(fixture.home.join(format!("{path}.usher-restored"))).unwrap();
        fixture.put(path, later);
        let output = run(&fixture, &["sh"], &[]);
        let printed = String::from_utf8(output.stderr).unwrap();
        assert!(printed.contains("was not found in it"), "{tool}: {printed}");
        assert_eq!(fixture.text(path).unwrap(), later, "{tool}");
        assert_eq!(fixture.text(&format!("{path}.usher-restored")), None, "{tool}");
    }
}

#[test]
fn command_that_saves_the_restored_version_works() {
    let fixture = home();
    let path = ".codex/config.toml";
    fixture.put(path, "# mine\n");
    fixture.connect("codex", &fixture.setup()).unwrap();
    fixture.put(path, &format!("{}# later\n", fixture.text(path).unwrap()));
    let printed = String::from_utf8(run(&fixture, &["sh"], &[]).stderr).unwrap();
    let command = printed.lines().find(|line| line.starts_with("  cp ")).unwrap();
    assert!(Command::new("sh").args(["-c", command]).status().unwrap().success(), "{command}");
    assert_eq!(fixture.text(path).unwrap(), "# mine\n# later\n");
}

#[test]
fn what_is_no_file_stays_and_the_rest_is_restored() {
    let fixture = home();
    fixture.put(".codex/config.toml", "# mine\n");
    fixture.put(".aider.conf.yml", "dark-mode: true\n");
    for tool in ["codex", "claude-code", "aider", "pi"] {
        fixture.connect(tool, &fixture.setup()).unwrap();
    }
    // A pipe that nobody writes to, a folder, a circle of links.
    let pipe = fixture.home.join(".codex/config.toml");
    fs::remove_file(&pipe).unwrap();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let folder = fixture.home.join(".claude/settings.json");
    fs::remove_file(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    let circle = fixture.home.join(".pi/agent/models.json");
    fs::remove_file(&circle).unwrap();
    symlink(&circle, &circle).unwrap();
    let output = run(&fixture, &["sh"], &[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let printed = String::from_utf8(output.stderr).unwrap();
    for path in [&pipe, &folder, &circle] {
        assert!(printed.contains(&path.display().to_string()), "{printed}");
    }
    assert_eq!(fixture.text(".aider.conf.yml").as_deref(), Some("dark-mode: true\n"));
    assert_eq!(run(&fixture, &["sh"], &["--no-such-option"]).status.code(), Some(2));
}

/// Programs of the system, each of which counts itself, and ends the script and itself before one step.
fn programs_that_kill(folder: &Path) -> PathBuf {
    let programs = folder.join("programs");
    fs::create_dir(&programs).unwrap();
    let names = [
        "awk",
        "chmod",
        "head",
        "id",
        "ls",
        "mv",
        "od",
        "readlink",
        "rm",
        "rmdir",
        "sed",
        "sha256sum",
        "tail",
        "tr",
        "wc",
    ];
    for name in names {
        let real = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(name));
        let real = real.iter().find(|path| path.exists()).unwrap();
        // Two of a pipe start at once, so each takes a number that nobody has.
        let text = format!(
            "#!/bin/sh\nPATH=/usr/bin:/bin\nexport PATH\nset -C\nstep=1\n\
             until {{ true >\"$STEPS/$step\"; }} 2>/dev/null; do step=$((step + 1)); done\n\
             [ \"$step\" -ne \"$LAST\" ] || kill -9 0\nexec {} \"$@\"\n",
            real.display()
        );
        fs::write(programs.join(name), text).unwrap();
        fs::set_permissions(programs.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    programs
}

#[test]
fn killed_at_any_step_leaves_old_or_new_and_can_be_started_again() {
    let tools = ["codex", "opencode"];
    let mut step = 1;
    loop {
        let fixture = home();
        fixture.put(".codex/config.toml", "# mine\nmodel = \"gpt-5.5\"\n");
        fixture.put(".config/opencode/opencode.json", "{ \"theme\": \"system\" }");
        let before = fixture.files();
        for tool in tools {
            fixture.connect(tool, &fixture.setup()).unwrap();
        }
        let connected = fixture.files();
        let folder = fixture.data.clone();
        let programs = programs_that_kill(&folder);
        fs::create_dir(folder.join("steps")).unwrap();
        let status = Command::new("/bin/sh")
            .arg(script(&fixture))
            .env_clear()
            .env("PATH", programs)
            .env("STEPS", folder.join("steps"))
            .env("LAST", step.to_string())
            .process_group(0)
            .output()
            .unwrap()
            .status;
        for file in fixture.files() {
            let is_new = file.0.to_string_lossy().ends_with(".usher-new");
            assert!(is_new || before.contains(&file) || connected.contains(&file), "step {step}: {file:?}");
        }
        succeeds(&fixture);
        assert_eq!(fixture.files(), before, "step {step}");
        if status.success() {
            break;
        }
        step += 1;
    }
    assert!(step > 20, "{step}");
}
