//! Where the files of the home are.

use std::path::PathBuf;

use usher_domain::{ErrorCode, Failure};

use super::Preferences;
use crate::view::{HomeFileKind, HomeFileView, shown_path};

/// A file or a folder of the home.
pub struct HomeFile {
    /// What it is.
    pub kind: HomeFileKind,
    /// Where it is, or would be.
    pub path: PathBuf,
}

impl Preferences {
    /// Returns the files and folders of the home.
    pub fn files(&self) -> Vec<HomeFile> {
        let home = &self.context.home;
        let one = |kind, path| HomeFile { kind, path };
        vec![
            one(HomeFileKind::Settings, self.context.settings_path().to_owned()),
            one(HomeFileKind::SignIns, self.context.store.path().to_owned()),
            one(HomeFileKind::Cache, self.context.state.path().to_owned()),
            one(HomeFileKind::Logs, home.logs.clone()),
        ]
    }

    /// Returns them for people.
    pub fn files_view(&self) -> Vec<HomeFileView> {
        let view = |file: HomeFile| HomeFileView {
            kind: file.kind,
            exists: file.path.exists(),
            path: shown_path(&file.path),
        };
        self.files().into_iter().map(view).collect()
    }

    /// Returns what a person opens to look at a file: the settings, else the folder, because the other files are no text.
    pub(crate) fn path_to_open(&self, kind: HomeFileKind) -> Result<PathBuf, Failure> {
        let path = self.files().into_iter().find(|file| file.kind == kind).map(|file| file.path);
        let path = path.ok_or_else(|| Failure::new(ErrorCode::Internal, "a kind of file without a path"))?;
        Ok(match kind {
            HomeFileKind::Settings | HomeFileKind::Logs => path,
            HomeFileKind::SignIns | HomeFileKind::Cache => {
                path.parent().map_or_else(|| path.clone(), PathBuf::from)
            }
        })
    }
}
