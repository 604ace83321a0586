//! Where the tools of this computer are.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::catalog::overrides::ProjectList;
use crate::catalog::{self, Tool};
use crate::document::key_path::KeyPath;
use crate::document::value::Value;
use crate::system::disk;
use crate::system::place::{Base, Place};
use crate::system::proxy::direct_hosts;
use crate::system::versions;

/// The environment, as far as tools look at it, and the home.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    home: PathBuf,
    folders: BTreeMap<&'static str, PathBuf>,
    set: BTreeSet<&'static str>,
    search: Vec<PathBuf>,
    direct_hosts: Option<OsString>,
    current: Option<PathBuf>,
    root: Option<PathBuf>,
}

/// Limits how many projects of a tool's list are looked at.
const MAX_PROJECTS: usize = 200;

/// Variables that move the folders of several tools.
const COMMON: [&str; 2] = ["XDG_CONFIG_HOME", "APPDATA"];

/// What there is of a tool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detected {
    /// Its program on the search path.
    pub program: Option<PathBuf>,
    /// Its folder.
    pub folder: Option<PathBuf>,
    /// Whether an editor has its extension.
    pub extension: bool,
    /// The version of its program, else of its extension, if a file says it.
    pub version: Option<String>,
}

impl Detected {
    /// Returns whether the tool is on this computer.
    pub fn is_found(&self) -> bool {
        self.program.is_some() || self.folder.is_some() || self.extension
    }
}

impl Surroundings {
    /// Reads what the catalog looks at. Of variables that can hold a secret only the name is kept.
    pub fn from(home: PathBuf, get: impl Fn(&str) -> Option<OsString>) -> Self {
        let filled = |name: &str| get(name).filter(|value| !value.is_empty());
        let locations = catalog::ALL.iter().flat_map(|tool| tool.places()).filter_map(|place| place.variable);
        let locations = locations.chain(COMMON);
        let folders = locations.filter_map(|name| Some((name, PathBuf::from(filled(name)?)))).collect();
        let watched = catalog::ALL.iter().flat_map(|tool| tool.variables).copied();
        let set = watched.filter(|name| filled(name).is_some()).collect();
        let search = filled("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
        Self { home, folders, set, search, direct_hosts: direct_hosts(&get), current: None, root: None }
    }

    /// Sets the folder that this process works in.
    #[must_use]
    pub fn working_in(self, folder: Option<PathBuf>) -> Self {
        Self { current: folder, ..self }
    }

    /// Sets the folder that is taken for the root of the disk.
    #[must_use]
    pub fn with_root(self, root: PathBuf) -> Self {
        Self { root: Some(root), ..self }
    }

    /// Returns the folder of a place.
    pub fn folder(&self, place: &Place) -> PathBuf {
        if let Some(moved) = place.variable.and_then(|name| self.folders.get(name)) {
            return match moved.strip_prefix("~") {
                Ok(below) => self.home.join(below),
                // The ledger and its script are read from other folders.
                Err(_) => std::path::absolute(moved).unwrap_or_else(|_| moved.clone()),
            };
        }
        let config =
            || self.folders.get("XDG_CONFIG_HOME").cloned().unwrap_or_else(|| self.home.join(".config"));
        let base = match place.base {
            Base::Home => self.home.clone(),
            Base::Root => self.root.clone().unwrap_or_else(|| PathBuf::from("/")),
            Base::System if cfg!(windows) => {
                self.folders.get("APPDATA").cloned().unwrap_or_else(|| self.home.join("AppData/Roaming"))
            }
            Base::System if cfg!(target_os = "macos") => self.home.join("Library/Application Support"),
            Base::Config | Base::System => config(),
        };
        base.join(place.folder)
    }

    /// Returns the projects whose settings are looked at: those around the current folder, and those that a tool lists.
    pub(crate) fn projects(&self, list: Option<&ProjectList>) -> Vec<PathBuf> {
        let mut projects = self.current.as_deref().map(projects_around).unwrap_or_default();
        let listed = list.and_then(|list| {
            let text = disk::read_to_look(&self.folder(&list.folder).join(list.name))?;
            let values = list.format.parse(&text).ok()?;
            let Value::Table(entries) = KeyPath::keys([list.table]).find(&values)?.clone() else {
                return None;
            };
            Some(entries.into_iter().map(|(path, _)| PathBuf::from(path)))
        });
        for project in listed.into_iter().flatten().take(MAX_PROJECTS) {
            if project.is_absolute() && !projects.contains(&project) {
                projects.push(project);
            }
        }
        projects
    }

    /// Returns the names of the programs that are here and switch accounts by writing files of tools.
    pub fn switchers(&self) -> impl Iterator<Item = &'static str> {
        let found = catalog::SWITCHERS.iter().filter(|switcher| self.folder(&switcher.folder).is_dir());
        found.map(|switcher| switcher.name)
    }

    /// Returns whether a variable of the environment has a value.
    pub fn is_set(&self, name: &str) -> bool {
        self.set.contains(name)
    }

    /// Returns the variables that move folders, for a program that is started without them.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        self.folders.iter().map(|(name, folder)| (*name, folder.as_path()))
    }

    /// Returns the home as the start of a path, for people: `~/.codex/config.toml`.
    pub fn shown(&self, path: &Path) -> String {
        match path.strip_prefix(&self.home) {
            Ok(below) if !self.home.as_os_str().is_empty() => format!("~/{}", below.display()),
            _ => path.display().to_string(),
        }
    }

    /// Returns the hosts that `NO_PROXY` has to name so that the gateway is asked directly; `None` where there is no proxy.
    pub(crate) fn direct_hosts(&self) -> Option<&OsStr> {
        self.direct_hosts.as_deref()
    }

    /// Looks for a tool.
    pub fn detect(&self, tool: &Tool) -> Detected {
        let program = tool.programs.iter().find_map(|name| self.program(name));
        let folder = tool.folders.iter().map(|place| self.folder(place)).find(|folder| folder.is_dir());
        let extension = versions::extension_version(&self.home, tool.extensions);
        let version = program.as_deref().and_then(|program| versions::version_of(program, tool));
        Detected { program, folder, extension: extension.is_some(), version: version.or(extension) }
    }

    /// Returns where a program is on the search path.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        let names: &[String] =
            if cfg!(windows) { &[format!("{name}.exe"), format!("{name}.cmd")] } else { &[name.to_owned()] };
        let found = self.search.iter().flat_map(|folder| names.iter().map(move |name| folder.join(name)));
        found.into_iter().find(|path| is_program(path))
    }
}

/// Returns a folder and those around it, up to the root of its repository if it is in one.
fn projects_around(folder: &Path) -> Vec<PathBuf> {
    let is_repository = |folder: &&Path| folder.join(".git").exists();
    let root = folder.ancestors().find(is_repository);
    let inside = folder.ancestors().take_while(|one| root.is_none_or(|root| one.starts_with(root)));
    inside.map(Path::to_owned).collect()
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_end_at_the_root_of_the_repository() {
        let home = tempfile::tempdir().unwrap();
        let (repository, inner) = (home.path().join("app"), home.path().join("app/src/inner"));
        std::fs::create_dir_all(&inner).unwrap();
        let without = projects_around(&inner);
        assert!(without.contains(&home.path().to_owned()), "no repository: up to the root of the disk");
        std::fs::create_dir(repository.join(".git")).unwrap();
        assert_eq!(projects_around(&inner), [inner, repository.join("src"), repository]);
    }

    #[test]
    fn a_folder_is_where_its_variable_says_else_below_the_home() {
        let place = Place { variable: Some("CODEX_HOME"), base: Base::Home, folder: ".codex" };
        let surroundings = |pairs: &'static [(&str, &str)]| {
            let get = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
            Surroundings::from(PathBuf::from("/home/ada"), get)
        };
        assert_eq!(surroundings(&[]).folder(&place), Path::new("/home/ada/.codex"));
        assert_eq!(surroundings(&[("CODEX_HOME", "")]).folder(&place), Path::new("/home/ada/.codex"));
        let moved = surroundings(&[("CODEX_HOME", "/srv/codex"), ("OPENAI_API_KEY", "sk-wisteria")]);
        assert_eq!(moved.folder(&place), Path::new("/srv/codex"));
        assert!(!format!("{moved:?}").contains("wisteria"), "a secret is not kept");
    }
}
