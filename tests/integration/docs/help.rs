//! Checks a command by its help, without running it.

use std::fs;

use usher_tests::Home;

use super::page::root;

/// Checks that the subcommands and options of `command` exist. Commands of other programs pass.
pub(super) async fn check_by_help(home: &Home, command: &str) -> Result<(), String> {
    let words: Vec<&str> = command.split(|c: char| c.is_whitespace() || "[]".contains(c)).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    match words.first() {
        Some(&"./dev") => return check_dev(command, words.get(1).copied()),
        Some(&"usher") => {}
        _ => return Ok(()),
    }
    for path in subcommands(&words) {
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

fn check_dev(command: &str, name: Option<&str>) -> Result<(), String> {
    let help = fs::read_to_string(root().join("dev")).map_err(|why| why.to_string())?;
    let known = help.lines().any(|line| line.starts_with("  ") && line.split_whitespace().next() == name);
    if known { Ok(()) } else { Err(format!("`{command}`: ./dev help does not list it")) }
}

/// Returns the subcommands that `words` name; `list|add|set` stands for several.
fn subcommands<'w>(words: &[&'w str]) -> Vec<Vec<&'w str>> {
    let is_subcommand = |word: &&&str| word.chars().all(|c| c.is_ascii_lowercase() || "-|".contains(c));
    let path: Vec<&str> = words[1..]
        .iter()
        .take_while(|word| !word.starts_with("--"))
        .take(2)
        .take_while(is_subcommand)
        .copied()
        .collect();
    match path.split_last() {
        Some((last, before)) => last.split('|').map(|one| [before, &[one]].concat()).collect(),
        None => vec![Vec::new()],
    }
}
