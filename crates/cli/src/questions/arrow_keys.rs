//! Questions that are answered with arrow keys.

use inquire::list_option::ListOption;
use inquire::{Confirm, InquireError, MultiSelect, Password, PasswordDisplayMode, Select, Text};
use usher_domain::{ErrorCode, Failure};
use zeroize::Zeroizing;

use super::{Choice, Stop, unreadable};

/// The most lines of a list that are shown at once. A longer one can be filtered by typing.
const PAGE_SIZE: usize = 12;

pub(super) fn select(question: &str, choices: Vec<Choice>, start: usize) -> Result<usize, Stop> {
    let is_long = choices.len() > PAGE_SIZE;
    let answer = |chosen: ListOption<&Choice>| chosen.value.answer.clone();
    let select = Select::new(question, choices)
        .with_starting_cursor(start)
        .with_page_size(PAGE_SIZE)
        .with_formatter(&answer);
    let select = if is_long {
        select.with_help_message("Up, Down and Enter choose, typing filters, Esc stops")
    } else {
        select.without_filtering().with_help_message("Up, Down and Enter choose, Esc stops")
    };
    select.raw_prompt().map(|chosen| chosen.index).map_err(stop)
}

pub(super) fn select_any(question: &str, choices: Vec<Choice>) -> Result<Vec<usize>, Stop> {
    let all: Vec<usize> = (0..choices.len()).collect();
    let answer = |chosen: &[ListOption<&Choice>]| match chosen {
        [] => "none".to_owned(),
        chosen => chosen.iter().map(|one| one.value.answer.as_str()).collect::<Vec<_>>().join(", "),
    };
    let chosen = MultiSelect::new(question, choices)
        .with_default(&all)
        .with_page_size(PAGE_SIZE)
        .without_filtering()
        .with_formatter(&answer)
        .with_help_message("Up and Down move, Space marks or unmarks, Enter goes on, Esc stops")
        .raw_prompt()
        .map_err(stop)?;
    Ok(chosen.into_iter().map(|one| one.index).collect())
}

pub(super) fn confirm(question: &str, default: bool) -> Result<bool, Stop> {
    Confirm::new(question)
        .with_default(default)
        .with_help_message("y or n, then Enter; Esc stops")
        .prompt()
        .map_err(stop)
}

pub(super) fn text(question: &str) -> Result<String, Stop> {
    Text::new(question).with_help_message("Esc stops").prompt().map_err(stop)
}

pub(super) fn secret(what: &str) -> Result<Zeroizing<String>, Stop> {
    let received = |_: &str| "received".to_owned();
    Password::new(&format!("Paste {what}:"))
        .without_confirmation()
        .with_display_mode(PasswordDisplayMode::Hidden)
        .with_formatter(&received)
        .with_help_message("it is not shown; Enter goes on, Esc stops")
        .prompt()
        .map(Zeroizing::new)
        .map_err(stop)
}

fn stop(error: InquireError) -> Stop {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => Stop::Cancelled,
        InquireError::IO(error) => unreadable(&error),
        error => Failure::new(ErrorCode::Internal, format!("a question failed: {error}")).into(),
    }
}
