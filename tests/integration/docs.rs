//! The commands that README.md and docs/user show, run or checked against the program.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use usher_domain::ErrorCode;
use usher_tests::{Home, Running, signed_in, usher};

/// Lines of code blocks that cannot run here, why, and a file that must exist for them to make sense.
const NOT_RUN: &[(&str, &str, &str)] = &[
    (
        "usher login",
        "opens the person's browser; `--help` is run instead",
        "crates/cli/src/commands/accounts/login/mod.rs",
    ),
    (
        "usher settings",
        "serves until it is stopped; `--help` is run instead",
        "crates/cli/src/commands/settings/mod.rs",
    ),
    ("ssh -L", "needs another computer", "docs/adr/0017-settings-page-in-a-browser.md"),
    ("sudo apt install", "installs a package as root", ".dev/ship.sh"),
    ("cargo install", "compiles a release build for minutes", "crates/cli/Cargo.toml"),
    ("claude", "another vendor's program; the interop tests run it", "tests/interop/clients/package.json"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns README.md and the pages of docs/user, with their names.
fn documents() -> Vec<(String, String)> {
    let pages = fs::read_dir(root().join("docs/user")).expect("docs/user is a folder");
    let pages = pages.map(|page| page.expect("docs/user can be listed").path());
    let mut paths: Vec<_> = pages.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    paths.push(root().join("README.md"));
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        (path.file_name().expect("it is a file").to_string_lossy().into_owned(), text)
    };
    paths.into_iter().map(read).collect()
}

/// Returns the text without the recipes of other vendors' programs, which the interop tests run as they stand.
fn without_recipes(text: &str) -> String {
    let (begin, end) = ("<!-- recipes:", "<!-- end of recipes -->");
    let Some((before, rest)) = text.split_once(begin) else { return text.to_owned() };
    let (_, after) = rest.split_once(end).expect("the recipes have an end");
    assert!(root().join("tests/interop/clients/defined.test.js").is_file(), "nothing runs the recipes");
    format!("{before}{after}")
}

/// Returns the lines of `sh` and `console` blocks, without comments and prompts.
fn shell_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut language = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), language) {
            (Some(_), Some(_)) => language = None,
            (Some(name), None) => language = Some(name),
            (None, Some("sh" | "console")) => {
                let command = line.split(" #").next().unwrap_or_default().trim();
                let command = command.strip_prefix("$ ").unwrap_or(command);
                if !command.is_empty() {
                    lines.push(command.to_owned());
                }
            }
            _ => {}
        }
    }
    lines
}

/// Returns the inline code that begins with `usher ` or `./dev `.
fn inline_commands(text: &str) -> Vec<String> {
    let outside = text.split("```").step_by(2).collect::<String>();
    let spans = outside.split('`').skip(1).step_by(2).map(|span| span.replace("\\|", "|"));
    spans.filter(|span| span.starts_with("usher ") || span.starts_with("./dev ")).collect()
}

/// Checks a command by its help: its subcommands and its options have to exist.
async fn check_by_help(home: &Home, command: &str) -> Result<(), String> {
    let words: Vec<&str> = command.split(|c: char| c.is_whitespace() || "[]".contains(c)).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    if words[0] == "./dev" {
        let help = fs::read_to_string(root().join("dev")).map_err(|why| why.to_string())?;
        let known = help
            .lines()
            .any(|line| line.starts_with("  ") && line.split_whitespace().next() == words.get(1).copied());
        return if known { Ok(()) } else { Err(format!("`{command}`: ./dev help does not list it")) };
    }
    let is_subcommand = |word: &&&str| word.chars().all(|c| c.is_ascii_lowercase() || "-|".contains(c));
    let path: Vec<&str> = words[1..]
        .iter()
        .take_while(|word| !word.starts_with("--"))
        .take(2)
        .filter(is_subcommand)
        .copied()
        .collect();
    // `list|add|set` stands for several commands.
    let paths: Vec<Vec<&str>> = match path.split_last() {
        Some((last, before)) => last.split('|').map(|one| [before, &[one]].concat()).collect(),
        None => vec![Vec::new()],
    };
    for path in paths {
        let help = home.run(&[&path[..], &["--help"]].concat()).await;
        if help.code != 0 {
            return Err(format!("`{command}`: usher {} --help failed: {}", path.join(" "), help.stderr));
        }
        let options =
            words.iter().filter(|word| word.starts_with("--")).map(|word| word.trim_end_matches(','));
        for option in options {
            let known =
                help.stdout.split(|c: char| !(c.is_alphanumeric() || c == '-')).any(|word| word == option);
            if !known && option != "--help" {
                return Err(format!("`{command}`: usher {} has no {option}", path.join(" ")));
            }
        }
    }
    Ok(())
}

/// One document's code blocks, run line by line in one home, as a person would.
struct Shell<'home> {
    home: &'home Home,
    exports: Vec<String>,
    gateway: Option<(Running, String)>,
}

impl Shell<'_> {
    async fn run(&mut self, line: &str) -> Result<(), String> {
        if let Some((command, ..)) = NOT_RUN.iter().find(|(command, ..)| line.starts_with(command)) {
            return if command.starts_with("usher") { check_by_help(self.home, line).await } else { Ok(()) };
        }
        if line.starts_with("./dev ") {
            return check_by_help(self.home, line).await;
        }
        if line == "usher serve &" {
            // Port 0, because tests run side by side; later lines get the address.
            let mut running = self.home.start(&["serve", "--port", "0", "--json"]);
            let listening = running.event_named("listening").await;
            let address = listening["address"].as_str().expect("it has an address").to_owned();
            self.gateway = Some((running, address));
            return Ok(());
        }
        let mut line = line.to_owned();
        if let Some((_, address)) = &self.gateway {
            line = line.replace("http://127.0.0.1:18740", address);
        }
        let mut script = self.exports.join("\n");
        script.extend(["\n", line.as_str(), "\n"]);
        if let Some(assignments) = line.strip_prefix("export ") {
            // `export` succeeds when the command inside of it fails.
            for name in assignments.split_whitespace().filter_map(|one| Some(one.split_once('=')?.0)) {
                script.extend([": \"${", name, ":?}\"\n"]);
            }
            self.exports.push(line.clone());
        }
        let mut bash = self.home.command("bash", &["-euc", &script]);
        let output = bash.output().await.expect("bash starts");
        if output.status.success() {
            Ok(())
        } else {
            Err(format!("`{line}`: {}: {}", output.status, String::from_utf8_lossy(&output.stderr)))
        }
    }
}

/// Gives `home` a search path that begins with the folder of the built `usher`.
fn with_usher_on_path(home: &mut Home) {
    let folder = usher().parent().expect("it lies in a folder").display().to_string();
    home.set("PATH", &format!("{folder}:/usr/local/bin:/usr/bin:/bin"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_in_code_blocks_run() {
    let mut problems = Vec::new();
    for (name, text) in documents() {
        let lines = shell_lines(&without_recipes(&text));
        if lines.is_empty() {
            continue;
        }
        let (_sandbox, mut home) = signed_in().await;
        with_usher_on_path(&mut home);
        let mut shell = Shell { home: &home, exports: Vec::new(), gateway: None };
        for line in lines {
            if let Err(why) = shell.run(&line).await {
                problems.push(format!("{name}: {why}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_in_sentences_and_tables_exist() {
    let (_sandbox, home) = signed_in().await;
    let mut problems = Vec::new();
    let mut checked = BTreeSet::new();
    for (name, text) in documents() {
        for command in inline_commands(&text) {
            if checked.insert(command.clone())
                && let Err(why) = check_by_help(&home, &command).await
            {
                problems.push(format!("{name}: {why}"));
            }
        }
    }
    assert!(checked.len() > 20, "the documents name commands: {checked:?}");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn command_that_does_not_exist_is_reported() {
    let (_sandbox, mut home) = signed_in().await;
    with_usher_on_path(&mut home);
    let text = "```sh\nusher lgoin\n./dev pakcage # comment\n```\nand `usher models --refesh`";
    let mut shell = Shell { home: &home, exports: Vec::new(), gateway: None };
    let lines = shell_lines(text);
    assert_eq!(lines, ["usher lgoin", "./dev pakcage"]);
    for line in lines {
        assert!(shell.run(&line).await.is_err(), "{line}");
    }
    let inline = inline_commands(text);
    assert_eq!(inline, ["usher models --refesh"]);
    assert!(check_by_help(&home, &inline[0]).await.is_err());
}

#[test]
fn files_behind_commands_that_are_not_run_exist() {
    let text: String = documents().into_iter().map(|(_, text)| text).collect();
    let lines = shell_lines(&text);
    for (command, reason, file) in NOT_RUN {
        assert!(root().join(file).is_file(), "{command} ({reason}): {file} is missing");
        assert!(lines.iter().any(|line| line.starts_with(command)), "{command} is in no document any more");
    }
}

#[test]
fn troubleshooting_has_every_error_code() {
    let page = fs::read_to_string(root().join("docs/user/troubleshooting.md")).expect("the page is there");
    for code in ErrorCode::ALL {
        let name = serde_json::to_value(code).expect("a code has a name");
        let row = format!("| `{}` |", name.as_str().expect("the name is text"));
        assert!(page.contains(&row), "{row} is missing");
    }
}
