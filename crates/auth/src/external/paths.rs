//! Where other programs keep what they know (protocol §6).

use std::path::{Path, PathBuf};

/// Where to look, given by whoever reads the environment. What is not given is the usual place below `home`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExternalPaths {
    /// The person's own folder.
    pub home: Option<PathBuf>,
    /// `XDG_CONFIG_HOME`, on macOS too; `APPDATA` on Windows.
    pub config: Option<PathBuf>,
    /// `XDG_DATA_HOME`, on every system: the program that uses it (opencode) knows no other.
    pub data: Option<PathBuf>,
    /// `CODEX_HOME`.
    pub codex_home: Option<PathBuf>,
    /// `PI_CODING_AGENT_DIR`.
    pub pi_agent: Option<PathBuf>,
}

impl ExternalPaths {
    pub(super) fn codex_home(&self) -> Option<PathBuf> {
        self.given_or_home(self.codex_home.as_deref(), ".codex")
    }

    pub(super) fn pi_agent(&self) -> Option<PathBuf> {
        self.given_or_home(self.pi_agent.as_deref(), ".pi/agent")
    }

    pub(super) fn config(&self) -> Option<PathBuf> {
        let usual = if cfg!(windows) { "AppData/Roaming" } else { ".config" };
        self.given_or_home(self.config.as_deref(), usual)
    }

    pub(super) fn data(&self) -> Option<PathBuf> {
        self.given_or_home(self.data.as_deref(), ".local/share")
    }

    pub(super) fn below_home(&self, path: &str) -> Option<PathBuf> {
        given(self.home.as_deref()).map(|home| home.join(path))
    }

    fn given_or_home(&self, place: Option<&Path>, usual: &str) -> Option<PathBuf> {
        given(place).map(Path::to_owned).or_else(|| self.below_home(usual))
    }
}

/// A variable that is set to nothing counts as not set, as with all of these programs.
fn given(place: Option<&Path>) -> Option<&Path> {
    place.filter(|place| !place.as_os_str().is_empty())
}
