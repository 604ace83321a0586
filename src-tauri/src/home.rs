//! Where the shell itself keeps things: the window's place and the web view's own folder. Each home
//! (`USHER_HOME`) has its own, so that a demo, a test and the real install never meet.

use std::path::PathBuf;

use usher_app::Home;

/// The app's identifier, also in `tauri.conf.json`.
const IDENTIFIER: &str = "app.usher.Usher";

/// What the shell needs to know of a home.
pub(crate) struct ShellHome<'a>(pub(crate) &'a Home);

impl ShellHome<'_> {
    /// The name under which one window of this home is found by a second start.
    pub(crate) fn instance_name(&self) -> String {
        if !self.0.portable {
            return IDENTIFIER.to_owned();
        }
        // A part of a D-Bus name must not begin with a digit.
        format!("{IDENTIFIER}.home_{}", self.0.hash)
    }

    /// The file that remembers size and place of the window. The plugin takes it relative to its own
    /// folder, so an absolute path leads to the home.
    pub(crate) fn window_state_file(&self) -> String {
        const NAME: &str = "window-state.json";
        let file = self.portable_folder().and_then(|folder| Some(folder.join(NAME).to_str()?.to_owned()));
        file.unwrap_or_else(|| NAME.to_owned())
    }

    /// The web view's own folder, where it differs from the system's default.
    pub(crate) fn web_view_folder(&self) -> Option<PathBuf> {
        self.portable_folder().map(|folder| folder.join("web-view"))
    }

    fn portable_folder(&self) -> Option<&PathBuf> {
        self.0.portable.then_some(&self.0.data)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn home(folder: &str) -> Home {
        Home::at(Some(Path::new(folder))).expect("an absolute folder is a home")
    }

    #[test]
    fn each_home_has_an_instance_name_of_its_own() {
        let (one, two) = (home("/one"), home("/two"));
        assert_ne!(ShellHome(&one).instance_name(), ShellHome(&two).instance_name());
        for part in ShellHome(&one).instance_name().split('.') {
            assert!(part.starts_with(|first: char| first.is_ascii_alphabetic()), "{part}");
        }
        let usual = Home { portable: false, ..one };
        assert_eq!(ShellHome(&usual).instance_name(), "app.usher.Usher");
    }

    #[test]
    fn the_home_holds_what_the_shell_keeps() {
        let one = home("/one");
        assert_eq!(ShellHome(&one).window_state_file(), "/one/window-state.json");
        assert_eq!(ShellHome(&one).web_view_folder(), Some(PathBuf::from("/one/web-view")));
        let usual = Home { portable: false, ..one };
        assert_eq!(ShellHome(&usual).window_state_file(), "window-state.json");
    }
}
