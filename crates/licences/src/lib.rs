//! What others wrote that is built into Usher's programs and their page, and the texts of its licences.
//!
//! `licences.json` is written by `node .dev/licences.mjs` and checked in: so a build needs neither npm nor the sources of
//! other systems for it, and a change of a licence is seen in review. `./dev check` fails when it is out of date.

use std::io::Read as _;

use flate2::read::GzDecoder;
use serde::Deserialize;

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/licences.json.gz"));

/// The system that this program is built for, as the list has it; others count as Linux.
const SYSTEM: System = if cfg!(windows) {
    System::Windows
} else if cfg!(target_os = "macos") {
    System::Macos
} else {
    System::Linux
};

/// All components, and the texts of their licences.
#[derive(Deserialize)]
pub struct Licences {
    components: Vec<Component>,
    texts: Vec<String>,
}

/// A package that is built in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Component {
    /// Where it comes from.
    pub kind: ComponentKind,
    /// Its name there.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence, as an SPDX expression.
    pub licence: String,
    /// Whether the package carries no text of its licence, so that its text is the standard one.
    pub standard_text: bool,
    systems: Vec<System>,
    texts: Vec<usize>,
}

/// Where a package comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComponentKind {
    /// Of crates.io, built into the programs.
    Crate,
    /// Of npm, built into the page.
    Npm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum System {
    Linux,
    Macos,
    Windows,
}

impl Licences {
    /// Unpacks the list.
    ///
    /// # Panics
    /// Never: what is built in was read by a test.
    pub fn read() -> Self {
        let mut json = String::new();
        GzDecoder::new(PACKED).read_to_string(&mut json).expect("it was packed by the build");
        serde_json::from_str(&json).expect("it was written by our script")
    }

    /// Returns what is built into the programs of this system, in the order of names.
    pub fn components(&self) -> impl Iterator<Item = &Component> {
        self.components.iter().filter(|component| component.systems.contains(&SYSTEM))
    }

    /// Returns the texts of a component.
    pub fn texts(&self, component: &Component) -> impl Iterator<Item = &str> {
        component.texts.iter().filter_map(|&place| self.texts.get(place)).map(String::as_str)
    }
}
