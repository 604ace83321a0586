//! The language of the page.

use serde::Serialize;
use ts_rs::TS;
use usher_text::Language;

/// The language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct LanguageView {
    /// The one that the user chose; null follows the system.
    pub chosen: Option<Language>,
    /// The one that the window shows for that.
    pub shown: Language,
}
