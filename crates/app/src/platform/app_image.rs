//! The `AppImage` that this program runs from: one file of the person's, whose programs are there only while it runs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Returns the `AppImage` that this program runs from; `None` where it runs from none.
#[expect(clippy::disallowed_methods, reason = "where this program is, and not what the person set")]
pub fn own_app_image() -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    app_image(std::env::var_os("APPIMAGE"), std::env::var_os("APPDIR"), program.as_deref())
}

/// Returns the `AppImage` that `program` runs from, by the variables `APPIMAGE` and `APPDIR`.
///
/// The variables alone do not say it: a program that was started from another `AppImage`, such as a terminal, inherits those
/// of that one.
fn app_image(image: Option<OsString>, folder: Option<OsString>, program: Option<&Path>) -> Option<PathBuf> {
    let is_inside = program?.starts_with(folder?);
    image.filter(|_| is_inside).map(PathBuf::from).filter(|file| file.is_absolute() && file.is_file())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_the_app_image_of_this_program_is_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("Usher.AppImage");
        std::fs::write(&file, "").unwrap();
        let program = Path::new("/tmp/.mount_usher/usr/bin/usher-desktop");
        let of = |image: Option<&Path>, folder: Option<&str>| {
            app_image(
                image.map(|image| image.as_os_str().to_owned()),
                folder.map(OsString::from),
                Some(program),
            )
        };
        assert_eq!(of(Some(&file), Some("/tmp/.mount_usher")), Some(file.clone()));
        assert_eq!(of(Some(&file), Some("/tmp/.mount_terminal")), None, "of another program");
        assert_eq!(of(Some(&file), None), None);
        assert_eq!(of(None, Some("/tmp/.mount_usher")), None);
        assert_eq!(of(Some(&folder.path().join("gone")), Some("/tmp/.mount_usher")), None);
        assert_eq!(of(Some(Path::new("Usher.AppImage")), Some("/tmp/.mount_usher")), None);
    }
}
