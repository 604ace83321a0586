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
        let chosen = self.chosen();
        let system = || Language::of_reader(self.context.languages.iter().map(String::as_str));
        LanguageView { chosen, shown: chosen.unwrap_or_else(system) }
    }

    /// Returns the language for a browser that prefers `preferred`, best first: the chosen one, otherwise theirs.
    pub fn of_browser<'a>(&self, preferred: impl IntoIterator<Item = &'a str>) -> Language {
        self.chosen().unwrap_or_else(|| Language::of_reader(preferred))
    }

    /// Settings that cannot be read choose none; the page says what is wrong with them.
    fn chosen(&self) -> Option<Language> {
        self.context.read_settings().ok()?.language()
    }

    /// Chooses a language; `None` follows the system.
    pub async fn choose(&self, language: Option<Language>) -> Result<LanguageView, Failure> {
        self.context.change_settings(move |settings| settings.set_language(language)).await?;
        Ok(self.view())
    }
}
