//! Licences of what is built into Usher.

use serde::Serialize;
use ts_rs::TS;

/// A package of others that is built into Usher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct LicenceView {
    /// Where it comes from.
    pub kind: PackageKind,
    /// Its name there.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence, as an SPDX expression.
    pub licence: String,
    /// Whether it carries no text of its licence, so that the standard one is shown.
    pub standard_text: bool,
}

/// Where a package comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PackageKind {
    /// crates.io: it is in the programs.
    Crate,
    /// npm: it is in the page.
    Npm,
}
