//! A page of the guide, read as Markdown.

use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// The first line of a block that is not run; the reason follows.
const NOT_RUN: &str = "# Not run in tests: ";
/// Recipes of other vendors' programs, which the interop tests run as they stand.
const RECIPES: (&str, &str) = ("<!-- recipes:", "<!-- end of recipes");

/// One page: its commands, and the tables of it.
pub(super) struct Page {
    /// The path below the root of the project.
    pub(super) name: String,
    /// The blocks of `sh` and `console`.
    pub(super) blocks: Vec<Block>,
    /// The texts of the cells of each row of a table.
    pub(super) rows: Vec<Vec<String>>,
    inline: Vec<String>,
}

/// A block of commands.
pub(super) struct Block {
    /// The line of the page in which it begins, from 1.
    pub(super) line: usize,
    /// Whether the page says that the tests do not run it, and why.
    pub(super) not_run: bool,
    pub(super) commands: Vec<Command>,
}

/// A command that a page shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// Without prompt and comment; continued lines are one.
    pub(super) line: String,
    /// The output as the page shows it; `None` in a block of commands only.
    pub(super) output: Option<String>,
}

/// Returns the folder of the project.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns README.md and all pages of docs/user.
pub(super) fn pages() -> Vec<Page> {
    let mut paths = vec![PathBuf::from("README.md")];
    let mut folders = vec![PathBuf::from("docs/user")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("docs/user is a folder") {
            let path = folder.join(entry.expect("docs/user can be listed").file_name());
            if root().join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "md") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(root().join(&path));
        Page::parse(&path.to_string_lossy(), &text.expect("the page can be read"))
    };
    paths.into_iter().map(read).collect()
}

impl Page {
    /// Reads a page.
    pub(super) fn parse(name: &str, text: &str) -> Self {
        let mut page =
            Self { name: name.to_owned(), blocks: Vec::new(), rows: Vec::new(), inline: Vec::new() };
        let (mut code, mut cell, mut is_recipe) = (None, String::new(), false);
        for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
            match event {
                Event::Html(html) if html.starts_with(RECIPES.0) => is_recipe = true,
                Event::Html(html) if html.starts_with(RECIPES.1) => is_recipe = false,
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                    code = Some((language, text[..range.start].lines().count() + 1, String::new()));
                }
                Event::End(TagEnd::CodeBlock) => {
                    let block = code.take().filter(|_| !is_recipe);
                    page.blocks.extend(
                        block.and_then(|(language, line, code)| Block::parse(&language, line, &code)),
                    );
                }
                Event::Text(part) => match &mut code {
                    Some((_, _, code)) => code.push_str(&part),
                    None => cell.extend([part.as_ref()]),
                },
                Event::Code(part) => {
                    cell.extend([part.as_ref()]);
                    page.inline.push(part.into_string());
                }
                Event::Start(Tag::TableHead | Tag::TableRow) => page.rows.push(Vec::new()),
                Event::Start(Tag::TableCell) => cell.clear(),
                Event::End(TagEnd::TableCell) => {
                    let row = page.rows.last_mut().expect("a cell is in a row");
                    row.push(std::mem::take(&mut cell));
                }
                _ => {}
            }
        }
        page
    }

    /// Returns the commands of the project in sentences and tables.
    pub(super) fn inline_commands(&self) -> Vec<String> {
        let is_command = |code: &&String| code.starts_with("usher ") || code.starts_with("./dev ");
        self.inline.iter().filter(is_command).cloned().collect()
    }
}

impl Block {
    /// Reads a block; `None` for another language than that of commands.
    fn parse(language: &str, line: usize, code: &str) -> Option<Self> {
        let not_run = code
            .strip_prefix(NOT_RUN)
            .is_some_and(|rest| rest.lines().next().is_some_and(|one| one.len() > 5));
        let code = code.replace("\\\n", " ");
        let commands = match language {
            "sh" => code.lines().filter_map(|line| Command::parse(line, None)).collect(),
            "console" => transcript(&code),
            _ => return None,
        };
        Some(Self { line, not_run, commands })
    }
}

/// Reads commands after a prompt, each with the lines that it prints.
fn transcript(code: &str) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for line in code.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            commands.extend(Command::parse(command, Some(String::new())));
        } else if let Some(output) = commands.last_mut().and_then(|last| last.output.as_mut()) {
            output.extend([line, "\n"]);
        }
    }
    commands
}

impl Command {
    fn parse(line: &str, output: Option<String>) -> Option<Self> {
        let line =
            if line.starts_with('#') { "" } else { line.split(" #").next().unwrap_or_default().trim() };
        (!line.is_empty()).then(|| Self { line: line.to_owned(), output })
    }
}
