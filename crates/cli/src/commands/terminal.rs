//! `usher completions` and `usher man`, made of the same definitions as the help, and `usher licences`.

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;
use serde::Serialize;
use usher_app::view::LicenceView;
use usher_domain::{ErrorCode, ExitStatus, Failure};
use usher_text::messages as m;

use crate::args::{Arguments, TerminalCommand};
use crate::language::language;
use crate::output::Output;

#[derive(Serialize)]
struct LicencesDocument {
    packages: Vec<LicenceView>,
}

#[derive(Serialize)]
struct LicenceTextsDocument {
    packages: Vec<PackageWithTexts>,
}

#[derive(Serialize)]
struct PackageWithTexts {
    #[serde(flatten)]
    package: LicenceView,
    texts: Vec<String>,
}

pub(crate) fn run(command: &TerminalCommand, output: Output) -> Result<ExitStatus, Failure> {
    match command {
        TerminalCommand::Completions { shell } => print_completions(*shell, output),
        TerminalCommand::Licences { name: None } => list_licences(output),
        TerminalCommand::Licences { name: Some(name) } => print_licences(name, output)?,
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

fn list_licences(output: Output) {
    let packages = usher_app::licences();
    let width = |of: fn(&LicenceView) -> usize| packages.iter().map(of).max().unwrap_or_default() + 2;
    let (name, version) = (width(|one| one.name.len()), width(|one| one.version.len()));
    output.lines(
        packages.iter().map(|one| format!("{:<name$}{:<version$}{}", one.name, one.version, one.licence)),
    );
    output.document(&LicencesDocument { packages });
}

fn print_licences(name: &str, output: Output) -> Result<(), Failure> {
    let found = usher_app::licence_texts(name, None)?;
    for (package, texts) in &found {
        output.text(format!("{} {}: {}", package.name, package.version, package.licence));
        if package.standard_text {
            output.text(m::licences_standard(language()));
        }
        for text in texts {
            output.text("");
            output.lines(text.lines().map(str::to_owned));
        }
    }
    let packages = found.into_iter().map(|(package, texts)| PackageWithTexts { package, texts }).collect();
    output.document(&LicenceTextsDocument { packages });
    Ok(())
}
