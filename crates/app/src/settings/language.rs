//! The key `language`: that of the page.

use toml_edit::Item;
use usher_domain::Failure;

use super::{Settings, set_value};
use crate::view::Language;

const KEY: &str = "language";
/// The page has the language of the system.
const SYSTEM: &str = "system";

impl Settings {
    /// Returns the language that the user chose; `None` for that of the system.
    pub(crate) fn language(&self) -> Option<Language> {
        self.get(&[KEY]).and_then(parse_language).flatten()
    }

    pub(crate) fn set_language(&mut self, language: Option<Language>) -> Result<(), Failure> {
        set_value(self.table(&[])?, KEY, language.map_or(SYSTEM, Language::tag).into());
        Ok(())
    }
}

/// Returns the language that `item` names, `Some(None)` for that of the system, or `None` where it names none.
#[expect(clippy::option_option, reason = "no language, and none that is known, are two things")]
pub(super) fn parse_language(item: &Item) -> Option<Option<Language>> {
    let name = item.as_str()?;
    if name == SYSTEM {
        return Some(None);
    }
    Language::ALL.into_iter().find(|language| language.tag() == name).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::kinds::settings_keys;

    fn settings(text: &str) -> Settings {
        Settings::parse(text, settings_keys).unwrap()
    }

    #[test]
    fn language_is_that_of_the_system_until_chosen() {
        let mut settings = settings("# mine\nversion = 1\n\n[gateway]\nport = 18800\n");
        assert_eq!(settings.language(), None);
        settings.set_language(Some(Language::SimplifiedChinese)).unwrap();
        assert_eq!(settings.language(), Some(Language::SimplifiedChinese));
        assert_eq!(
            settings.render(),
            "# mine\nversion = 1\nlanguage = \"zh-Hans\"\n\n[gateway]\nport = 18800\n"
        );
        settings.set_language(None).unwrap();
        assert_eq!(settings.language(), None);
        assert!(settings.render().contains("language = \"system\"\n"));
        assert!(settings.warnings().is_empty());
    }

    #[test]
    fn language_that_is_not_there_is_reported_and_not_used() {
        for (written, is_known) in [("\"de\"", true), ("\"system\"", true), ("\"nl\"", false), ("1", false)] {
            let settings = settings(&format!("language = {written}"));
            assert_eq!(settings.warnings().is_empty(), is_known, "{written}");
            assert_eq!(settings.language().is_some(), written == "\"de\"", "{written}");
        }
    }
}
