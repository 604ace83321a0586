//! Questions as lines of text, without arrow keys and escape codes: one line in, one line out.

use std::io::{BufRead as _, Write as _};

use usher_text::messages as m;
use zeroize::Zeroizing;

use super::{Choice, Stop, means_no, means_yes, unreadable};
use crate::language::{Text, language};
use crate::stdin::hidden_line;
use crate::terminal_state::TerminalState;

pub(super) fn select(question: &str, choices: &[Choice], start: usize) -> Result<usize, Stop> {
    print_list(question, choices)?;
    loop {
        let line = ask(&m::question_number(language(), start + 1))?;
        let chosen = if line.is_empty() { Some(start) } else { find(&line, choices) };
        match chosen {
            Some(index) => return Ok(index),
            None => print_line(&m::question_type_number(language(), choices.len()))?,
        }
    }
}

pub(super) fn select_any(question: &str, choices: &[Choice]) -> Result<Vec<usize>, Stop> {
    print_list(question, choices)?;
    let (all, none) = (m::question_all(language()), m::question_none(language()));
    loop {
        let line = ask(&m::question_numbers(language(), all, none))?;
        let chosen = match line.as_str() {
            "" | "all" => Some((0..choices.len()).collect()),
            "none" => Some(Vec::new()),
            line if line == all => Some((0..choices.len()).collect()),
            line if line == none => Some(Vec::new()),
            line => numbers(line, choices),
        };
        match chosen {
            Some(chosen) => return Ok(chosen),
            None => print_line(&m::question_type_numbers(language(), choices.len(), all, none))?,
        }
    }
}

pub(super) fn confirm(question: &str, default: bool) -> Result<bool, Stop> {
    let choices = if default { m::question_yes_no_default_yes } else { m::question_yes_no };
    loop {
        match ask(&format!("{question} {}", choices(language())))? {
            line if line.is_empty() => return Ok(default),
            line if means_yes(&line) => return Ok(true),
            line if means_no(&line) => return Ok(false),
            _ => print_line(m::question_type_y_or_n(language()))?,
        }
    }
}

pub(super) fn text(question: &str) -> Result<String, Stop> {
    ask(question)
}

pub(super) fn secret(what: Text) -> Result<Zeroizing<String>, Stop> {
    let before = TerminalState::read();
    // Before the prompt is shown, or what is pasted at once would be shown.
    before.hide_typed();
    let line = hidden_line(what);
    before.restore(false);
    line.map_err(|error| unreadable(&error))
}

/// Returns the one that `line` means: by its number, or by its name as it is shown.
fn find(line: &str, choices: &[Choice]) -> Option<usize> {
    match line.parse::<usize>() {
        Ok(number) => number.checked_sub(1).filter(|index| *index < choices.len()),
        Err(_) => choices.iter().position(|choice| choice.answer == line),
    }
}

/// Returns those that `line` means, in the order of the list.
fn numbers(line: &str, choices: &[Choice]) -> Option<Vec<usize>> {
    let words = line.split(|one: char| one.is_whitespace() || one == ',').filter(|word| !word.is_empty());
    let mut found: Vec<usize> = words.map(|word| find(word, choices)).collect::<Option<_>>()?;
    found.sort_unstable();
    found.dedup();
    Some(found)
}

fn print_list(question: &str, choices: &[Choice]) -> Result<(), Stop> {
    print_line(question)?;
    choices
        .iter()
        .enumerate()
        .try_for_each(|(index, choice)| print_line(&format!("  {}. {choice}", index + 1)))
}

fn print_line(line: &str) -> Result<(), Stop> {
    print(&format!("{line}\n"))
}

fn print(text: &str) -> Result<(), Stop> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| unreadable(&error))
}

/// Prints `prompt` and reads a line. The end of the input cancels, and so does a line with nothing but Esc.
fn ask(prompt: &str) -> Result<String, Stop> {
    print(&format!("{prompt} "))?;
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line).map_err(|error| unreadable(&error))?;
    if read == 0 {
        print("\n")?;
    }
    if read == 0 || line.trim() == "\u{1b}" {
        return Err(Stop::Cancelled);
    }
    Ok(line.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_is_answered_by_numbers_or_names() {
        let choices = ["Codex CLI", "aider", "pi"].map(Choice::new);
        for (line, index) in [("1", Some(0)), ("aider", Some(1)), ("0", None), ("4", None), ("x", None)] {
            assert_eq!(find(line, &choices), index, "{line}");
        }
        for (line, chosen) in [("3 1", Some(vec![0, 2])), ("2, 2,3", Some(vec![1, 2])), ("1 9", None)] {
            assert_eq!(numbers(line, &choices), chosen, "{line}");
        }
    }
}
