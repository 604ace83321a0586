//! Writes the functions.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;

use heck::ToUpperCamelCase as _;

use crate::catalog::{Catalog, Message};

/// How the keys of causes begin.
const CAUSE: &str = "cause_";

/// Returns a function for each message. English, the first of `catalogs`, has its parameters.
pub(crate) fn of_messages(keys: &BTreeSet<&String>, catalogs: &[Catalog]) -> Result<String, Box<dyn Error>> {
    let mut code = String::new();
    for key in keys {
        let mut texts = Vec::new();
        for catalog in catalogs {
            let message = catalog.messages.get(*key);
            texts.push((
                catalog,
                message.ok_or_else(|| format!("{} has no message {key}", catalog.language))?,
            ));
        }
        let english = texts[0].1;
        for (catalog, message) in &texts {
            check(key, catalog, message, english)?;
        }
        if key.starts_with(CAUSE) {
            continue;
        }
        code += &function(key, english, &texts)?;
    }
    Ok(code)
}

fn function(key: &str, english: &Message, texts: &[(&Catalog, &Message)]) -> Result<String, Box<dyn Error>> {
    let mut code = String::new();
    let count = english.count().map(|name| format!(", {name}: u64"));
    let names = english.parameters();
    let others: Vec<String> = names.iter().map(|name| format!(", {name}: impl Display")).collect();
    let is_fixed = count.is_none() && names.is_empty();
    let returned = if is_fixed { "&'static str" } else { "String" };
    writeln!(code, "/// {}", english.texts().join(" / ").replace('\n', " "))?;
    let parameters = count.unwrap_or_default() + &others.concat();
    writeln!(code, "pub fn {key}(language: Language{parameters}) -> {returned} {{ match language {{")?;
    for (catalog, message) in texts {
        let value = match message {
            Message::Text(text) if is_fixed => format!("{text:?}"),
            Message::Text(text) => formatted(text),
            Message::Plural { count, forms } => chosen(count, forms),
        };
        writeln!(code, "Language::{} => {value},", catalog.language)?;
    }
    code.push_str("} }\n");
    Ok(code)
}

/// Returns the expression that chooses a plural form.
fn chosen(count: &str, forms: &BTreeMap<String, String>) -> String {
    // `other` comes last by its name. It is the only one of some languages.
    let arms = forms.iter().map(|(name, text)| match name.as_str() {
        "other" if forms.len() == 1 => formatted(text),
        "other" => format!("_ => {}", formatted(text)),
        name => format!("PluralForm::{} => {}", name.to_upper_camel_case(), formatted(text)),
    });
    let arms = arms.collect::<Vec<_>>().join(", ");
    if forms.len() == 1 { arms } else { format!("match plural_form(language, {count}) {{ {arms} }}") }
}

/// Returns the expression of a text, whose parameters are in scope.
fn formatted(text: &str) -> String {
    if text.contains('{') { format!("format!({text:?})") } else { format!("{text:?}.to_owned()") }
}

/// Fails where a message is not what English has: other parameters, or not the plural forms of its language.
fn check(key: &str, catalog: &Catalog, message: &Message, english: &Message) -> Result<(), Box<dyn Error>> {
    let language = catalog.language;
    if !message.has_parameters_of(english) {
        return Err(
            format!("the message {key} of {language} has other parameters than that of English").into()
        );
    }
    if let Message::Plural { forms, .. } = message
        && !forms.keys().map(String::as_str).eq(catalog.plurals.iter().copied())
    {
        return Err(format!(
            "the message {key} of {language} needs the forms {}",
            catalog.plurals.join(", ")
        )
        .into());
    }
    Ok(())
}

/// Returns the functions from an error code to its texts. Each has a match that has to be complete, or it does not compile.
pub(crate) fn of_codes(keys: &BTreeSet<&String>) -> Result<String, Box<dyn Error>> {
    let named = |start: &str, end: &str| -> Vec<String> {
        let name = |key: &&String| key.strip_prefix(start)?.strip_suffix(end).map(str::to_owned);
        keys.iter().filter_map(name).collect()
    };
    let of_page = named("failure_", "_title");
    let own = named("error_", "_title");
    let mut code = String::from("/// Returns what happened, as the page says it.\n");
    code += &of_code("failure_title", of_page.iter().map(|name| ("failure", name, "title")))?;
    code.push_str("/// Returns what happened, as the command line says it.\n");
    let rest = of_page.iter().filter(|name| !own.contains(name)).map(|name| ("failure", name, "title"));
    code += &of_code("error_title", own.iter().map(|name| ("error", name, "title")).chain(rest))?;
    code.push_str("/// Returns the next step on the command line.\n");
    let hints = named("error_", "_hint");
    code += &of_code("error_hint", hints.iter().map(|name| ("error", name, "hint")))?;
    Ok(code)
}

/// Returns the texts of the causes of failures, by language. They have no functions: a cause is found by its English text.
pub(crate) fn of_causes(catalogs: &[Catalog]) -> Result<String, Box<dyn Error>> {
    let mut code = String::new();
    let keys = catalogs[0].messages.keys().filter(|key| key.starts_with(CAUSE));
    let mut count = 0;
    for key in keys {
        let texts = catalogs.iter().map(|catalog| match catalog.messages.get(key) {
            Some(Message::Text(text)) => Ok(format!("{text:?}")),
            _ => Err(format!("the message {key} has to be one text")),
        });
        writeln!(code, "[{}],", texts.collect::<Result<Vec<_>, _>>()?.join(", "))?;
        count += 1;
    }
    Ok(format!(
        "/// The texts of each cause, by language.\npub(crate) const CAUSES: [[&str; {}]; {count}] = [\n{code}];\n",
        catalogs.len()
    ))
}

fn of_code<'a>(
    function: &str,
    codes: impl Iterator<Item = (&'a str, &'a String, &'a str)>,
) -> Result<String, Box<dyn Error>> {
    let mut code =
        format!("pub fn {function}(language: Language, code: ErrorCode) -> &'static str {{ match code {{\n");
    for (area, name, what) in codes {
        writeln!(code, "ErrorCode::{} => {area}_{name}_{what}(language),", name.to_upper_camel_case())?;
    }
    Ok(code + "} }\n")
}
