//! Questions that are answered with arrow keys.

use inquire::list_option::ListOption;
use inquire::{Confirm, InquireError, MultiSelect, Password, PasswordDisplayMode, Select};
use usher_domain::{ErrorCode, Failure};
use usher_text::{list, messages as m};
use zeroize::Zeroizing;

use super::{Choice, Stop, means_no, means_yes, unreadable};
use crate::language::{Text, language};

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
        select.with_help_message(m::question_help_select_filter(language()))
    } else {
        select.without_filtering().with_help_message(m::question_help_select(language()))
    };
    select.raw_prompt().map(|chosen| chosen.index).map_err(stop)
}

pub(super) fn select_any(question: &str, choices: Vec<Choice>) -> Result<Vec<usize>, Stop> {
    let all: Vec<usize> = (0..choices.len()).collect();
    let answer = |chosen: &[ListOption<&Choice>]| match chosen {
        [] => m::question_none(language()).to_owned(),
        chosen => list(language(), &chosen.iter().map(|one| one.value.answer.clone()).collect::<Vec<_>>()),
    };
    let chosen = MultiSelect::new(question, choices)
        .with_default(&all)
        .with_page_size(PAGE_SIZE)
        .without_filtering()
        .with_formatter(&answer)
        .with_help_message(m::question_help_select_any(language()))
        .raw_prompt()
        .map_err(stop)?;
    Ok(chosen.into_iter().map(|one| one.index).collect())
}

pub(super) fn confirm(question: &str, default: bool) -> Result<bool, Stop> {
    let parser = |answer: &str| match answer {
        answer if means_yes(answer) => Ok(true),
        answer if means_no(answer) => Ok(false),
        _ => Err(()),
    };
    let formatter = |is_yes| if is_yes { m::question_yes } else { m::question_no }(language()).to_owned();
    let choices = |default| {
        let choices = if default { m::question_yes_no_default_yes } else { m::question_yes_no };
        choices(language()).trim_matches(['[', ']']).to_owned()
    };
    Confirm::new(question)
        .with_default(default)
        .with_parser(&parser)
        .with_formatter(&formatter)
        .with_default_value_formatter(&choices)
        .with_error_message(m::question_invalid_answer(language()))
        .with_help_message(m::question_help_confirm(language()))
        .prompt()
        .map_err(stop)
}

pub(super) fn text(question: &str) -> Result<String, Stop> {
    inquire::Text::new(question).with_help_message(m::question_help_text(language())).prompt().map_err(stop)
}

pub(super) fn secret(what: Text) -> Result<Zeroizing<String>, Stop> {
    let received = |_: &str| m::question_secret_received(language()).to_owned();
    Password::new(&m::question_paste(language(), what(language())))
        .without_confirmation()
        .with_display_mode(PasswordDisplayMode::Hidden)
        .with_formatter(&received)
        .with_help_message(m::question_help_secret(language()))
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
