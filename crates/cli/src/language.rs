//! The language of what this process prints for people.
//!
//! JSON, exit codes and logs are English in each language: programs read them.

use std::sync::atomic::{AtomicUsize, Ordering};

use usher_app::App;
use usher_text::Language;

/// A text without parameters, in each language.
pub(crate) type Text = fn(Language) -> &'static str;

/// The index of the language in [`Language::ALL`], English at first. Static, because stdout belongs to the whole process.
static CHOSEN: AtomicUsize = AtomicUsize::new(0);

/// Returns the language of this process.
pub(crate) fn language() -> Language {
    Language::ALL[CHOSEN.load(Ordering::Relaxed)]
}

/// Takes the system's language, until the settings are read.
pub(crate) fn use_system_language() {
    choose(Language::of_reader(usher_app::system_languages().iter().map(String::as_str)));
}

/// Takes the language that the person chose in Preferences; without a choice the system's stays.
pub(crate) fn use_chosen_language(app: &App) {
    choose(app.language.view().shown);
}

fn choose(language: Language) {
    let index = Language::ALL.iter().position(|known| *known == language);
    CHOSEN.store(index.unwrap_or_default(), Ordering::Relaxed);
}
