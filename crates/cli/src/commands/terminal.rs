//! `usher completions` and `usher man`: made of the same definitions as the help.

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;
use usher_domain::{ErrorCode, ExitStatus, Failure};
use usher_text::messages as m;

use crate::args::{Arguments, TerminalCommand};
use crate::language::language;
use crate::output::Output;

pub(crate) fn run(command: &TerminalCommand, output: Output) -> Result<ExitStatus, Failure> {
    match command {
        TerminalCommand::Completions { shell } => print_completions(*shell, output),
        TerminalCommand::Man { to: None } => print_page(output)?,
        TerminalCommand::Man { to: Some(folder) } => write_pages(folder, output)?,
    }
    Ok(ExitStatus::Success)
}

fn print_completions(shell: Shell, output: Output) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "usher", &mut script);
    output.raw_line(String::from_utf8_lossy(&script).trim_end());
}

/// Prints one page with all commands, for a reader or a pager.
fn print_page(output: Output) -> Result<(), Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Arguments::command()).render(&mut page).map_err(|error| {
        Failure::new(ErrorCode::Internal, format!("the manual page could not be made: {error}"))
    })?;
    output.raw_line(String::from_utf8_lossy(&page).trim_end());
    Ok(())
}

/// Writes a page for each command, under the names that `man` looks for.
fn write_pages(folder: &Path, output: Output) -> Result<(), Failure> {
    let written =
        fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Arguments::command(), folder));
    written.map_err(|error| {
        let cause = format!("the manual pages could not be written to {}: {error}", folder.display());
        Failure::new(ErrorCode::BadUsage, cause)
    })?;
    output.text(m::manual_written(language(), folder.display()));
    Ok(())
}
