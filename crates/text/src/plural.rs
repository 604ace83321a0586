//! Which form of a text a number takes, by the rules of the Unicode CLDR.

use icu_locale_core::{Locale, locale};
use icu_plurals::{PluralCategory, PluralRules};

use crate::language::Language;

pub(crate) use icu_plurals::PluralCategory as PluralForm;

/// Returns the form that `count` takes in `language`.
pub(crate) fn plural_form(language: Language, count: u64) -> PluralForm {
    let rules = PluralRules::try_new_cardinal(locale_of(language).into());
    rules.map_or(PluralCategory::Other, |rules| rules.category_for(count))
}

fn locale_of(language: Language) -> Locale {
    match language {
        Language::English => locale!("en"),
        Language::German => locale!("de"),
        Language::French => locale!("fr"),
        Language::Spanish => locale!("es"),
        Language::Japanese => locale!("ja"),
        Language::SimplifiedChinese => locale!("zh-Hans"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_takes_the_form_of_its_language() {
        use PluralForm::{Many, One, Other};
        let rows = [
            (Language::English, [Other, One, Other, Other]),
            (Language::German, [Other, One, Other, Other]),
            (Language::French, [One, One, Other, Many]),
            (Language::Spanish, [Other, One, Other, Many]),
            (Language::Japanese, [Other; 4]),
            (Language::SimplifiedChinese, [Other; 4]),
        ];
        for (language, forms) in rows {
            assert_eq!([0, 1, 2, 1_000_000].map(|count| plural_form(language, count)), forms, "{language:?}");
        }
    }
}
