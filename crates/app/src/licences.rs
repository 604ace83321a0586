//! Licences of what is built into Usher.

use usher_domain::{ErrorCode, Failure};
use usher_licences::{Component, ComponentKind, Licences};

use crate::view::{LicenceView, PackageKind};

/// Returns the packages of others that are built into Usher on this system, in the order of their names.
pub fn licences() -> Vec<LicenceView> {
    Licences::read().components().map(LicenceView::from).collect()
}

/// Returns the packages of this name, of this version if one is given, each with the texts of its licences.
///
/// Fails with [`ErrorCode::BadUsage`] when there is none.
pub fn licence_texts(name: &str, version: Option<&str>) -> Result<Vec<(LicenceView, Vec<String>)>, Failure> {
    let licences = Licences::read();
    let is_meant = |component: &&Component| {
        component.name == name && version.is_none_or(|version| component.version == version)
    };
    let found: Vec<_> = licences
        .components()
        .filter(is_meant)
        .map(|component| {
            (LicenceView::from(component), licences.texts(component).map(str::to_owned).collect())
        })
        .collect();
    if found.is_empty() {
        let cause = format!("no package called {name} is built into Usher");
        return Err(Failure::new(ErrorCode::BadUsage, cause));
    }
    Ok(found)
}

impl From<&Component> for LicenceView {
    fn from(component: &Component) -> Self {
        Self {
            kind: match component.kind {
                ComponentKind::Crate => PackageKind::Crate,
                ComponentKind::Npm => PackageKind::Npm,
            },
            name: component.name.clone(),
            version: component.version.clone(),
            licence: component.licence.clone(),
            standard_text: component.standard_text,
        }
    }
}
