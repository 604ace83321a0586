//! Start at login: the entry by which the system starts `usher-desktop --hidden`.

#[cfg(not(windows))]
mod entry_file;
#[cfg(not(windows))]
mod launch_agent;
#[cfg(windows)]
mod run_key;
#[cfg(any(windows, test))]
mod run_value;
#[cfg(not(windows))]
mod xdg;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use usher_domain::{ErrorCode, Failure};

use crate::context::{Context, blocking};
use crate::platform::app_image::own_app_image;
use crate::platform::marked_file::text_of;

/// A line of every entry that Usher writes. A file without it is somebody else's.
#[cfg(not(windows))]
const MARKER: &str = "Written by Usher for Start at login";

/// The name of the entry, and of the program in its menus.
const IDENTIFIER: &str = "app.usher.Usher";

/// The window's program.
#[cfg(not(windows))]
const PROGRAM: &str = "usher-desktop";
#[cfg(windows)]
const PROGRAM: &str = "usher-desktop.exe";

/// Whether the system starts Usher when this user logs in. One entry for each home.
pub(crate) struct StartAtLogin {
    context: Arc<Context>,
    /// What starts the window: the `AppImage` that this is of, or the program beside this one, where it is.
    program: Option<PathBuf>,
}

/// What the entry starts, word by word.
struct LoginCommand {
    program: PathBuf,
    /// `USHER_HOME`, where it is set.
    home: Option<PathBuf>,
}

impl LoginCommand {
    fn words(&self) -> Result<Vec<&str>, Failure> {
        let mut words = vec![text_of(&self.program)?, "--hidden"];
        if let Some(home) = &self.home {
            words.extend(["--home", text_of(home)?]);
        }
        Ok(words)
    }
}

impl StartAtLogin {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        let own = std::env::current_exe().ok();
        let beside = own.as_deref().and_then(Path::parent).map(|folder| folder.join(PROGRAM));
        let program = own_app_image().or_else(|| beside.filter(|program| program.is_file()));
        Self { context, program }
    }

    /// Returns whether it is on; `None` where it cannot be, on this system or without the window's program.
    pub(crate) fn is_on(&self) -> Option<bool> {
        blocking(|| {
            self.command().ok()?;
            self.has_entry()
        })
    }

    /// Writes the entry, or deletes it. Refused where somebody else's is in the way.
    pub(crate) fn set(&self, on: bool) -> Result<(), Failure> {
        blocking(|| if on { self.write_entry() } else { self.delete_entry() })
    }

    fn name(&self) -> String {
        let home = &self.context.home;
        if home.portable { format!("{IDENTIFIER}.home_{}", home.hash) } else { IDENTIFIER.to_owned() }
    }

    /// Returns the window's program, with the home of this process.
    fn command(&self) -> Result<LoginCommand, Failure> {
        let missing =
            || Failure::new(ErrorCode::ProgramMissing, format!("{PROGRAM} is not beside this program"));
        let program = self.program.clone().ok_or_else(missing)?;
        let home = &self.context.home;
        Ok(LoginCommand { program, home: home.portable.then(|| home.data.clone()) })
    }
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::{App, Environment, SystemClock, SystemProcesses};

    struct NoBrowser;

    impl usher_domain::ports::Browser for NoBrowser {
        fn open(&self, _: &url::Url) -> Result<(), Failure> {
            Ok(())
        }
    }

    fn in_home(home: &Path) -> StartAtLogin {
        let environment = Environment::from(|name| match name {
            "USHER_HOME" | "HOME" => Some(home.as_os_str().to_owned()),
            _ => None,
        });
        let processes = Arc::new(SystemProcesses::default());
        let app = App::new(environment.unwrap(), Arc::new(SystemClock), Arc::new(NoBrowser), processes);
        let context = app.unwrap().preferences.context();
        let program = home.join("usher-desktop");
        std::fs::write(&program, "").unwrap();
        StartAtLogin { context, program: Some(program) }
    }

    #[test]
    fn entry_of_a_home_is_written_and_deleted_and_no_other_is() {
        let folder = tempfile::tempdir().unwrap();
        let login = in_home(folder.path());
        assert_eq!(login.is_on(), Some(false), "off until the person switches it on");
        login.set(true).unwrap();
        let path = login.file().unwrap().path;
        assert_eq!(path.parent(), Some(folder.path().join(".config/autostart").as_path()));
        let entry = std::fs::read_to_string(&path).unwrap();
        let program = folder.path().join("usher-desktop");
        let exec = format!(
            "Exec=\"{}\" \"--hidden\" \"--home\" \"{}\"\n",
            program.display(),
            folder.path().display()
        );
        assert!(entry.contains(&exec), "{entry}");
        assert_eq!(login.is_on(), Some(true));
        // Programs of the desktop switch it off in its file.
        std::fs::write(&path, format!("{entry}Hidden=true\n")).unwrap();
        assert_eq!(login.is_on(), Some(false));
        login.set(true).unwrap();
        assert_eq!(login.is_on(), Some(true));
        // As after a removal of the package; another Usher would start something else.
        std::fs::rename(&program, folder.path().join("moved")).unwrap();
        assert_eq!(login.is_on(), Some(false), "it starts nothing");
        std::fs::rename(folder.path().join("moved"), &program).unwrap();
        assert_eq!(login.is_on(), Some(true));
        login.set(false).unwrap();
        assert!(!path.exists());
        login.set(false).unwrap();

        std::fs::write(&path, "[Desktop Entry]\nExec=other\n").unwrap();
        for on in [true, false] {
            assert_eq!(login.set(on).unwrap_err().code, ErrorCode::BadUsage);
        }
        assert_eq!(login.is_on(), Some(false));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "[Desktop Entry]\nExec=other\n");
    }
}
