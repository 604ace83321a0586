//! The languages of Usher.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A language that Usher is there in. Each has a page of its own, which `ui/scripts/build.js` builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub enum Language {
    /// English.
    #[serde(rename = "en")]
    English,
    /// German.
    #[serde(rename = "de")]
    German,
    /// French.
    #[serde(rename = "fr")]
    French,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
    /// Japanese.
    #[serde(rename = "ja")]
    Japanese,
    /// Chinese in simplified characters.
    #[serde(rename = "zh-Hans")]
    SimplifiedChinese,
}

impl Language {
    /// Every language, as the page offers them.
    pub const ALL: [Self; 6] =
        [Self::English, Self::German, Self::French, Self::Spanish, Self::Japanese, Self::SimplifiedChinese];

    /// Returns the BCP 47 tag, which settings, messages and page are named by.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Japanese => "ja",
            Self::SimplifiedChinese => "zh-Hans",
        }
    }

    /// Returns the path of its page, without a slash before it.
    pub fn page(self) -> &'static str {
        match self {
            Self::English => "index.html",
            Self::German => "de/index.html",
            Self::French => "fr/index.html",
            Self::Spanish => "es/index.html",
            Self::Japanese => "ja/index.html",
            Self::SimplifiedChinese => "zh-Hans/index.html",
        }
    }

    /// Returns the language of the first of the tags that Usher is there in; English if it is in none.
    ///
    /// A tag may have a region, as in `de-AT`. Chinese in traditional characters is another language. `C` and `POSIX`, which
    /// scripts set, are English.
    pub fn of_reader<'a>(preferred: impl IntoIterator<Item = &'a str>) -> Self {
        preferred.into_iter().find_map(Self::of_tag).unwrap_or(Self::English)
    }

    /// Returns whether a locale is `C` or `POSIX`, which scripts set; an encoding may follow.
    pub fn is_of_scripts(locale: &str) -> bool {
        let language = locale.split(['.', '@']).next().unwrap_or_default();
        ["c", "posix"].iter().any(|one| language.eq_ignore_ascii_case(one))
    }

    fn of_tag(tag: &str) -> Option<Self> {
        let tag = tag.trim().to_ascii_lowercase();
        if Self::is_of_scripts(&tag) {
            return Some(Self::English);
        }
        let parts: Vec<&str> = tag.split(['-', '_', '.', '@']).collect();
        let (language, rest) = parts.split_first()?;
        if *language == "zh" && is_traditional(rest) {
            return None;
        }
        Self::ALL.into_iter().find(|one| one.tag().split('-').next() == Some(*language))
    }
}

/// Returns whether Chinese is written in traditional characters: by the script, if it is named, else by the region.
fn is_traditional(parts: &[&str]) -> bool {
    let script = parts.iter().find(|part| matches!(**part, "hans" | "hant"));
    script.map_or_else(
        || parts.iter().any(|part| matches!(*part, "tw" | "hk" | "mo")),
        |script| *script == "hant",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reader_gets_the_first_language_that_is_there() {
        let rows: [(&[&str], Language); 13] = [
            (&["de-AT", "en"], Language::German),
            (&["nl", "fr_CA.UTF-8", "en"], Language::French),
            (&["zh"], Language::SimplifiedChinese),
            (&["zh-Hans-SG"], Language::SimplifiedChinese),
            (&["zh-TW", "ja"], Language::Japanese),
            (&["zh-Hans-HK"], Language::SimplifiedChinese),
            (&["zh_Hans_MO.UTF-8"], Language::SimplifiedChinese),
            (&["zh-Hant-CN", "fr"], Language::French),
            (&["zh-Hant"], Language::English),
            (&["C.UTF-8"], Language::English),
            (&["POSIX", "de-DE"], Language::English),
            (&["est", "ES-mx"], Language::Spanish),
            (&[], Language::English),
        ];
        for (preferred, expected) in rows {
            assert_eq!(Language::of_reader(preferred.iter().copied()), expected, "{preferred:?}");
        }
    }

    #[test]
    fn names_agree() {
        for language in Language::ALL {
            assert_eq!(serde_json::to_value(language).unwrap(), language.tag());
            let folder = if language == Language::English { "" } else { language.tag() };
            assert_eq!(language.page(), format!("{folder}/index.html").trim_start_matches('/'));
        }
    }
}
