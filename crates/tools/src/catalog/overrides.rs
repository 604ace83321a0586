//! Files of a tool that win over the one that Usher changes: settings of projects and organizations, and stored sign-ins.

use crate::document::Format;
use crate::document::key_path::KeyPath;
use crate::setup::Setup;
use crate::system::place::Place;

/// A file whose keys win over those that are written.
#[derive(Debug)]
pub struct Override {
    /// Whose it is.
    pub source: Source,
    /// Its format.
    pub format: Format,
    /// Its names; all of them count. `folder/*.json` means all files of a folder.
    pub names: &'static [&'static str],
    /// The keys that win.
    pub keys: fn(&Setup) -> Vec<KeyPath>,
}

/// Whose a file that wins is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A project's, in this folder of it.
    Project(&'static str),
    /// An organization's, for all people of this computer.
    Managed(Place),
    /// The tool's own, with what it stores of a sign-in.
    SignIn(Place),
}

impl Source {
    /// Returns the folder of the file, if it is always the same.
    pub(crate) fn place(&self) -> Option<&Place> {
        match self {
            Self::Project(_) => None,
            Self::Managed(place) | Self::SignIn(place) => Some(place),
        }
    }
}

/// The list that a tool keeps of the projects it was used in.
#[derive(Debug)]
pub struct ProjectList {
    /// The folder of its file.
    pub folder: Place,
    /// The name of its file.
    pub name: &'static str,
    /// The format of its file.
    pub format: Format,
    /// The table that has the path of each project as a key.
    pub table: &'static str,
}
