//! The tools that Usher knows: what each one's files are, and which keys it needs.
//!
//! A tool is one file here and one line in [`ALL`]. Its keys are those of the recipes that `./dev clients` runs, or of the
//! tool's own documentation, which its file names; where neither says enough, the tool has lines to write by hand.

pub(crate) mod aider;
pub(crate) mod claude_code;
mod cline;
pub(crate) mod codex;
mod codex_app;
mod continue_dev;
mod goose;
mod llm;
mod opencode;
pub mod overrides;
mod pi;
mod qwen_code;
mod scripts;
mod zed;

use crate::catalog::overrides::{Override, ProjectList};
use crate::document::Format;
use crate::document::key_path::KeyPath;
use crate::document::value::Value;
use crate::setup::Setup;
use crate::system::place::{Base, Place};

/// All tools, in the order in which they are shown.
pub const ALL: [&Tool; 13] = [
    &codex::TOOL,
    &codex_app::TOOL,
    &claude_code::TOOL,
    &opencode::TOOL,
    &pi::TOOL,
    &aider::TOOL,
    &cline::TOOL,
    &continue_dev::TOOL,
    &goose::TOOL,
    &zed::TOOL,
    &qwen_code::TOOL,
    &llm::TOOL,
    &scripts::TOOL,
];

/// The name by which every tool knows Usher, for ever: histories of the tools refer to it.
pub const PROVIDER: &str = "usher";

/// A tool that can use the gateway.
#[derive(Debug)]
pub struct Tool {
    /// Names it on the command line and in the ledger, for ever.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// The names of its program.
    pub programs: &'static [&'static str],
    /// The name of its package of Python, with underscores.
    pub python_package: Option<&'static str>,
    /// The ids of its extension of VS Code and editors like it.
    pub extensions: &'static [&'static str],
    /// Folders that it has where it is installed.
    pub folders: &'static [Place],
    /// The lowest version that takes what is written.
    pub minimum: Option<Minimum>,
    /// Whether it can sign in to OpenAI by itself.
    pub own_sign_in: bool,
    /// Whether its file names the models.
    pub needs_models: bool,
    /// How it is connected.
    pub method: Method,
    /// How it gets its pass.
    pub pass: PassMethod,
    /// Variables of the environment that win over what is written.
    pub variables: &'static [&'static str],
    /// Files that win over what is written.
    pub overrides: &'static [Override],
    /// Where it lists the projects that it was used in.
    pub projects: Option<ProjectList>,
    /// Folders of programs that write the same files.
    pub switchers: &'static [Switcher],
    /// A tool that reads the same keys: while this one is connected, that connection serves both.
    pub stands_in_for: Option<&'static str>,
    /// The smallest command that asks a model.
    pub check: Option<Check>,
    /// How to use it once it is connected, unless all of its requests go through Usher.
    pub usage: Option<fn(&Setup) -> String>,
}

impl Tool {
    /// A tool that has nothing but its method and its pass.
    const fn new(id: &'static str, name: &'static str, method: Method, pass: PassMethod) -> Self {
        Self {
            id,
            name,
            programs: &[],
            python_package: None,
            extensions: &[],
            folders: &[],
            minimum: None,
            own_sign_in: false,
            needs_models: false,
            method,
            pass,
            variables: &[],
            overrides: &[],
            projects: None,
            switchers: &[],
            stands_in_for: None,
            check: None,
            usage: None,
        }
    }
}

/// The lowest version of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minimum {
    /// The version.
    pub version: &'static str,
}

/// Another program that writes the files of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switcher {
    /// Its name.
    pub name: &'static str,
    /// Its folder.
    pub folder: Place,
}

/// The smallest command of a tool that asks a model.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// The program.
    pub program: &'static str,
    /// Its arguments.
    pub arguments: fn(&Setup) -> Vec<String>,
}

/// How a tool is connected.
#[derive(Debug)]
pub enum Method {
    /// By keys in its files.
    Files(&'static [File]),
    /// By lines that the person writes.
    ByHand(fn(&Setup) -> String),
}

/// How a tool gets its pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassMethod {
    /// It runs `usher pass print NAME`.
    Helper,
    /// It reads a file that only the person can read, beside the data of Usher.
    PassFile,
    /// It reads this variable of the environment, which the person sets.
    Environment(&'static str),
    /// The pass stands in the file of the tool, which then only the person can read.
    Literal,
}

/// A file of a tool.
#[derive(Debug)]
pub struct File {
    /// Its format.
    pub format: Format,
    /// Its folder.
    pub folder: Place,
    /// Its names, of which the first one that exists is changed.
    pub names: &'static [&'static str],
    /// The name of one that is created where there is none.
    pub create: &'static str,
    /// A file of the same folder that a new one would take the place of: then nothing is created.
    pub instead_of: Option<&'static str>,
    /// The keys that it gets.
    pub edits: fn(&Setup) -> Vec<Edit>,
    /// Keys that win over those, and hold a key of somebody else.
    pub winning: fn() -> Vec<KeyPath>,
    /// Whether the tool refuses a file with comments, or with a comma after the last value.
    pub refuses_comments: bool,
}

/// A key that a file gets.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Which.
    pub path: KeyPath,
    /// Its value.
    pub value: EditValue,
    /// When it is written.
    pub when: When,
}

/// The value of a key.
#[derive(Debug, Clone)]
pub enum EditValue {
    /// A value that anybody may read.
    Plain(Value),
    /// The secret of the pass.
    Pass,
    /// An item of a list, with the secret of the pass under this key.
    PlainWithPass(Value, &'static str),
}

/// When a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// Always; what the person used before is used no more until it is undone.
    TakesOver,
    /// Only if the person wants Usher to be what the tool uses by itself.
    MadeDefault,
    /// Only where the file has no such key.
    Missing,
}

impl Tool {
    /// Returns the tool of this id.
    pub fn find(id: &str) -> Option<&'static Self> {
        ALL.into_iter().find(|tool| tool.id == id)
    }

    /// Returns all folders that it looks at.
    pub(crate) fn places(&self) -> impl Iterator<Item = &Place> {
        let files: &[File] = match &self.method {
            Method::Files(files) => files,
            Method::ByHand(_) => &[],
        };
        let switchers = self.switchers.iter().map(|switcher| &switcher.folder);
        let overrides = self.overrides.iter().filter_map(|one| one.source.place());
        let projects = self.projects.iter().map(|list| &list.folder);
        let files = files.iter().map(|file| &file.folder);
        self.folders.iter().chain(files).chain(switchers).chain(overrides).chain(projects)
    }

    /// Returns the tool that reads the same keys and is served by the connection of this one.
    pub fn served_tool(&self) -> Option<&'static Self> {
        self.stands_in_for.and_then(Self::find)
    }

    /// Returns whether Usher can connect it, or the person has to.
    pub fn is_automatic(&self) -> bool {
        matches!(self.method, Method::Files(_))
    }

    /// Returns whether some keys are written only where Usher is to be what the tool uses by itself.
    pub fn has_default(&self, setup: &Setup) -> bool {
        self.edits(setup).iter().any(|edit| edit.when == When::MadeDefault)
    }

    /// Returns whether connecting it ends what the person used before.
    pub fn takes_over(&self, setup: &Setup) -> bool {
        self.edits(setup).iter().any(|edit| edit.when == When::TakesOver)
    }

    /// Returns the keys that its files may get.
    pub(crate) fn edits(&self, setup: &Setup) -> Vec<Edit> {
        match &self.method {
            Method::Files(files) => files.iter().flat_map(|file| (file.edits)(setup)).collect(),
            Method::ByHand(_) => Vec::new(),
        }
    }
}

impl Edit {
    fn plain(path: KeyPath, value: Value) -> Self {
        Self { path, value: EditValue::Plain(value), when: When::Always }
    }

    fn text(path: KeyPath, text: impl Into<String>) -> Self {
        Self::plain(path, Value::text(text))
    }

    fn pass(path: KeyPath) -> Self {
        Self { path, value: EditValue::Pass, when: When::Always }
    }

    fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }
}

/// Programs that switch the provider of Codex and Claude Code by writing their files.
pub(crate) const SWITCHERS: &[Switcher] = &[
    Switcher { name: "cc-switch", folder: Place { variable: None, base: Base::Home, folder: ".cc-switch" } },
    Switcher {
        name: "claude-code-router",
        folder: Place { variable: None, base: Base::Home, folder: ".claude-code-router" },
    },
];

fn no_keys() -> Vec<KeyPath> {
    Vec::new()
}
