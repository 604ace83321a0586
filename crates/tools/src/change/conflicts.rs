//! What stands in the way of a connection, or makes it useless.

use std::path::{Path, PathBuf};

use serde::de::IgnoredAny;

use crate::catalog::overrides::{Override, Source};
use crate::catalog::{EditValue, Method, Tool};
use crate::setup::Setup;
use crate::system::disk;
use crate::system::surroundings::{Detected, Surroundings};

/// Something that the person should know before a tool is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What it is.
    pub kind: ConflictKind,
    /// The variable, the key, the program or the version.
    pub subject: String,
    /// Where it is, or what is needed.
    pub detail: String,
}

/// Kinds of conflicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictKind {
    /// A variable of the environment wins over the file.
    Variable,
    /// A key of the file wins over those that would be written, or is a secret that would be replaced.
    Key,
    /// A key in the settings of a project wins in that project.
    Project,
    /// A key in the settings of an organization wins.
    Managed,
    /// A sign-in that the tool stores wins.
    SignIn,
    /// The tool refuses the file, because comments are in it.
    Comments,
    /// Another program writes the same file.
    Switcher,
    /// The tool is too old.
    Version,
    /// A new file would take the place of an older one.
    OlderFile,
    /// The gateway would send requests to itself.
    Loop,
    /// Another tool reads the same keys and is served, too.
    Shared,
    /// Another tool is connected with the same keys, and its connection serves this one.
    Served,
}

impl ConflictKind {
    /// Returns whether the tool cannot be connected.
    pub fn blocks(self) -> bool {
        matches!(self, Self::Key | Self::Version | Self::OlderFile | Self::Loop | Self::Served)
    }
}

/// Returns the conflicts of a tool that are not in the files that it gets keys in.
pub(crate) fn outside_its_files(
    tool: &Tool,
    setup: &Setup,
    surroundings: &Surroundings,
    detected: &Detected,
) -> Vec<Conflict> {
    let conflict =
        |kind, subject: &str, detail: String| Conflict { kind, subject: subject.to_owned(), detail };
    let mut found = Vec::new();
    for name in tool.variables.iter().filter(|name| surroundings.is_set(name)) {
        found.push(conflict(ConflictKind::Variable, name, String::new()));
    }
    found.extend(tool.overrides.iter().flat_map(|one| overriding_keys(one, tool, setup, surroundings)));
    for switcher in tool.switchers {
        let folder = surroundings.folder(&switcher.folder);
        if folder.is_dir() {
            found.push(conflict(ConflictKind::Switcher, switcher.name, surroundings.shown(&folder)));
        }
    }
    if let (Some(minimum), Some(version)) = (&tool.minimum, &detected.version)
        && let (Ok(needed), Ok(version)) =
            (semver::Version::parse(minimum.version), semver::Version::parse(version))
        && version < needed
    {
        found.push(conflict(ConflictKind::Version, &version.to_string(), minimum.version.to_owned()));
    }
    found
}

/// Returns the keys of other files that win over those that are written and have other values. A file that cannot be read
/// is passed over: it is not this program's to judge.
fn overriding_keys(one: &Override, tool: &Tool, setup: &Setup, surroundings: &Surroundings) -> Vec<Conflict> {
    let (kind, folders) = match &one.source {
        Source::Project(folder) => {
            let projects = surroundings.projects(tool.projects.as_ref());
            (ConflictKind::Project, projects.iter().map(|project| project.join(folder)).collect())
        }
        Source::Managed(place) => (ConflictKind::Managed, vec![surroundings.folder(place)]),
        Source::SignIn(place) => (ConflictKind::SignIn, vec![surroundings.folder(place)]),
    };
    let own = own_files(tool, surroundings);
    let edits = tool.edits(setup);
    let mut found = Vec::new();
    let paths = folders
        .iter()
        .flat_map(|folder: &PathBuf| one.names.iter().flat_map(move |name| files(folder, name)));
    for path in paths {
        let Some(text) = disk::read_to_look(&path).filter(|_| !own.contains(&real(&path))) else { continue };
        let Ok(values) = one.format.parse(&text) else { continue };
        for key in (one.keys)(setup) {
            let Some(value) = key.find(&values) else { continue };
            let is_ours = edits.iter().any(|edit| {
                edit.path == key && matches!(&edit.value, EditValue::Plain(own) if own.means(value))
            });
            if !is_ours {
                let detail = surroundings.shown(&path);
                found.push(Conflict { kind, subject: key.to_string(), detail });
            }
        }
    }
    found
}

/// Returns the file of this name; all of a folder for `folder/*.json`, in the order in which they are read.
fn files(folder: &Path, name: &str) -> Vec<PathBuf> {
    let Some((inner, ending)) = name.split_once("/*") else { return vec![folder.join(name)] };
    let entries = std::fs::read_dir(folder.join(inner)).into_iter().flatten().flatten();
    let has_ending = |path: &PathBuf| path.to_str().is_some_and(|path| path.ends_with(ending));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(has_ending).collect();
    files.sort();
    files
}

/// Returns the files of a tool that it gets keys in. In the home, that of the person may look like one of a project.
fn own_files(tool: &Tool, surroundings: &Surroundings) -> Vec<PathBuf> {
    let Method::Files(files) = &tool.method else { return Vec::new() };
    let paths = files.iter().flat_map(|file| {
        let folder = surroundings.folder(&file.folder);
        file.names.iter().map(move |name| real(&folder.join(name)))
    });
    paths.collect()
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Returns the line of the first thing in a JSON file with comments that JSON itself does not have.
pub(crate) fn comment_line(text: &str) -> Option<usize> {
    // A mark of UTF-8 at its start is accepted.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let error = serde_json::from_str::<IgnoredAny>(text).err()?;
    (!text.trim().is_empty()).then(|| error.line())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_of_a_comment_or_a_comma_is_found() {
        for (text, line) in [
            ("{\n  \"a\": 1\n}\n", None),
            ("", None),
            ("\n", None),
            ("\u{feff}{}", None),
            ("{\n  // mine\n  \"a\": 1\n}", Some(2)),
            ("{\n  \"a\": 1 /* x */\n}", Some(2)),
            ("{\n  \"a\": \"http://x\",\n}", Some(3)),
        ] {
            assert_eq!(comment_line(text), line, "{text}");
        }
    }
}
