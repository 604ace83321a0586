//! A disk that can be filled.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A folder on its own file system. Dropping it unmounts it.
pub(crate) struct SmallDisk(TempDir);

impl SmallDisk {
    /// Mounts one; `None` where that is not allowed.
    pub(crate) fn mount() -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs"]).arg(place.path());
        match mount.output() {
            Ok(done) if done.status.success() => Some(Self(place)),
            other => {
                println!("not run: a tmpfs cannot be mounted here: {other:?}");
                None
            }
        }
    }

    pub(crate) fn fill(&self) {
        let block = vec![0; 4096];
        let mut filler = std::fs::File::create(self.filler()).unwrap();
        while std::io::Write::write_all(&mut filler, &block).is_ok() {}
    }

    /// Removes what [`fill`](Self::fill) wrote.
    pub(crate) fn empty(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }

    /// Leaves room for one block.
    pub(crate) fn free_one_block(&self) {
        let filler = std::fs::OpenOptions::new().write(true).open(self.filler()).unwrap();
        let len = filler.metadata().unwrap().len();
        filler.set_len((len - 1) / 4096 * 4096).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("filler")
    }

    pub(crate) fn home(&self) -> TempDir {
        tempfile::tempdir_in(self.0.path()).unwrap()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// Returns whether a half-written file or an unused room is in `home`.
pub(crate) fn has_leftovers(home: &Path) -> bool {
    let names = std::fs::read_dir(home).unwrap().map(|entry| entry.unwrap().file_name());
    names.into_iter().any(|name| [".tmp-", ".room-"].iter().any(|part| name.to_string_lossy().contains(part)))
}
