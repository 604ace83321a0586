//! What the shell around the core does for an update: it knows the form of the list and of the packages.

use std::io;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use url::Url;
use usher_auth::replace_locked_file;
use usher_domain::Failure;

use super::UpdateSource;
use crate::background::BackgroundGateway;

/// What a window brings for updates.
pub struct UpdateShell {
    /// Checks and installs.
    pub installer: Arc<dyn UpdateInstaller>,
    /// The gateway, which must not be answering requests when the program is replaced.
    pub gateway: Arc<BackgroundGateway>,
}

/// Reads lists of versions, checks packages, and replaces the program. Each of these may wait for the disk.
pub trait UpdateInstaller: Send + Sync {
    /// Returns whether this copy of the program can be replaced by itself.
    fn can_install(&self) -> bool;

    /// Reads a list of versions; `None` where it has none that is newer than this program.
    fn read_list(&self, list: &Value, source: &UpdateSource) -> Result<Option<UpdateOffer>, Failure>;

    /// Checks the signature of a package, and that it was signed as the version of the offer.
    fn check(&self, offer: &UpdateOffer, source: &UpdateSource, package: &[u8]) -> Result<(), Failure>;

    /// Checks the package again, and replaces the program by it, completely or not at all. On Windows the process ends.
    fn install(&self, offer: &UpdateOffer, source: &UpdateSource, package: &[u8]) -> Result<(), Failure>;

    /// Starts the window again, from the program that is there now.
    fn restart(&self);
}

/// A newer version, of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateOffer {
    /// The version.
    pub version: String,
    /// What is new in it, as its makers wrote it.
    pub notes: Option<String>,
    /// Where its package is.
    pub package: Url,
    /// The list that it is from.
    pub list: Value,
}

/// Replaces a program by `package`, in one step: the file is the old one or the new one at every moment, with the permissions
/// of the old one. A program that runs goes on.
pub fn replace_program(program: &Path, package: &[u8]) -> io::Result<()> {
    replace_locked_file(program, package, Some(std::fs::metadata(program)?.permissions()))
}
