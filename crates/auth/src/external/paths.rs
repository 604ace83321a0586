//! The folders of other programs (protocol §6).

use std::path::{Path, PathBuf};

/// The folders to search, from the environment. A missing one is at its default place below `home`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExternalPaths {
    /// The user's home folder.
    pub home: Option<PathBuf>,
    /// `XDG_CONFIG_HOME`, on macOS too; `APPDATA` on Windows.
    pub config: Option<PathBuf>,
    /// `XDG_DATA_HOME`, on every system: the program that uses it (opencode) has no other.
    pub data: Option<PathBuf>,
    /// `CODEX_HOME`.
    pub codex_home: Option<PathBuf>,
    /// `PI_CODING_AGENT_DIR`.
    pub pi_agent: Option<PathBuf>,
}

impl ExternalPaths {
    pub(super) fn codex_home(&self) -> Option<PathBuf> {
        self.set_or_below_home(self.codex_home.as_deref(), ".codex")
    }

    pub(super) fn pi_agent(&self) -> Option<PathBuf> {
        self.set_or_below_home(self.pi_agent.as_deref(), ".pi/agent")
    }

    pub(super) fn config(&self) -> Option<PathBuf> {
        let default = if cfg!(windows) { "AppData/Roaming" } else { ".config" };
        self.set_or_below_home(self.config.as_deref(), default)
    }

    pub(super) fn data(&self) -> Option<PathBuf> {
        self.set_or_below_home(self.data.as_deref(), ".local/share")
    }

    pub(super) fn below_home(&self, path: &str) -> Option<PathBuf> {
        non_empty(self.home.as_deref()).map(|home| home.join(path))
    }

    fn set_or_below_home(&self, folder: Option<&Path>, default: &str) -> Option<PathBuf> {
        non_empty(folder).map(Path::to_owned).or_else(|| self.below_home(default))
    }
}

/// Returns `place` unless it is empty: an empty variable counts as unset, as in all of these programs.
fn non_empty(folder: Option<&Path>) -> Option<&Path> {
    folder.filter(|folder| !folder.as_os_str().is_empty())
}
