//! The language of the page: as the user chose it, otherwise that of the system.

use std::sync::Arc;

use usher_domain::Failure;

use crate::context::Context;
use crate::view::{Language, LanguageView};

/// Reads and chooses the language of the page.
pub struct PageLanguage {
    context: Arc<Context>,
}

impl PageLanguage {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// Returns what the user chose, and what the window shows.
    pub fn view(&self) -> LanguageView {
        LanguageView { chosen: self.context.chosen_language(), shown: self.context.language() }
    }

    /// Returns the language for a browser that prefers `preferred`, best first: the chosen one, otherwise theirs.
    pub fn of_browser<'a>(&self, preferred: impl IntoIterator<Item = &'a str>) -> Language {
        self.context.chosen_language().unwrap_or_else(|| Language::of_reader(preferred))
    }

    /// Chooses a language; `None` follows the system.
    pub async fn choose(&self, language: Option<Language>) -> Result<LanguageView, Failure> {
        self.context.change_settings(move |settings| settings.set_language(language)).await?;
        Ok(self.view())
    }
}
