//! Folders of tools, which are different on each system and may be moved by a variable.

/// The folder that a [`Place`] is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// The person's home.
    Home,
    /// `XDG_CONFIG_HOME`, else `.config` in the home, on every system.
    Config,
    /// Where programs of this system have their settings: `AppData\Roaming` on Windows, `Library/Application Support` on
    /// macOS, else [`Base::Config`].
    System,
    /// The root of the disk.
    Root,
}

/// A folder of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The variable that names another folder.
    pub variable: Option<&'static str>,
    /// What the usual folder is in.
    pub base: Base,
    /// The usual folder.
    pub folder: &'static str,
}
