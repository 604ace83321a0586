//! `usher completions` and `usher man`: made for every command, and independent of the home.

use std::path::Path;
use std::process::{Command, Output};

use usher_tests::usher;

/// Runs `usher` in `home`, whose settings are broken.
fn run(home: &Path, arguments: &[&str]) -> Output {
    std::fs::write(home.join("config.toml"), "this is = = no TOML").unwrap();
    Command::new(usher()).env("USHER_HOME", home).args(arguments).output().unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "a shell runs it when it starts");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn bash_completes_commands_and_options() {
    let home = tempfile::tempdir().unwrap();
    let script = home.path().join("usher.bash");
    std::fs::write(&script, printed(&run(home.path(), &["completions", "bash"]))).unwrap();
    for (words, expected) in
        [("usher lo", "login logout lock"), ("usher pass re", "revoke"), ("usher serve --po", "--port")]
    {
        let ask = r#"source "$0"; COMP_WORDS=($1); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _usher usher "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"; echo "${COMPREPLY[@]}""#;
        let output = Command::new("bash").args(["-c", ask]).arg(&script).arg(words).output().unwrap();
        assert_eq!(printed(&output).trim(), expected, "{words}");
    }
}

#[test]
fn every_shell_has_a_script() {
    let home = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = printed(&run(home.path(), &["completions", shell]));
        assert!(script.contains("providers") && script.contains("doctor"), "{shell}");
    }
    assert_eq!(run(home.path(), &["completions", "tcsh"]).status.code(), Some(2));
}

#[test]
fn every_command_has_a_manual_page() {
    let home = tempfile::tempdir().unwrap();
    let page = printed(&run(home.path(), &["man"]));
    assert!(page.contains(".TH usher 1"), "{page}");
    let folder = home.path().join("new").join("man1");
    printed(&run(home.path(), &["man", "--to", folder.to_str().unwrap()]));
    let help = printed(&run(home.path(), &["--help"]));
    let commands = help.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    // The second line of a description is indented further.
    let rows =
        commands.lines().filter_map(|line| line.strip_prefix("  ").filter(|row| !row.starts_with(' ')));
    let names = rows.filter_map(|row| row.split_whitespace().next());
    let names: Vec<&str> = names.filter(|name| *name != "help").collect();
    assert!(names.len() > 15, "{names:?}");
    for name in names {
        assert!(folder.join(format!("usher-{name}.1")).is_file(), "{name}");
    }
    let blocked = home.path().join("config.toml").join("man1");
    let failed = run(home.path(), &["man", "--to", blocked.to_str().unwrap()]);
    assert_eq!(failed.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&failed.stderr).contains("config.toml"), "{failed:?}");
}
