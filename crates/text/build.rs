//! Makes a function of each message that is needed outside of the page.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::iter;
use std::path::Path;

use heck::ToUpperCamelCase as _;
use serde_json::Value;

/// The files of `ui/messages`, each with the name of its language in [`Language`](src/language.rs).
const LANGUAGES: [(&str, &str); 6] = [
    ("en", "English"),
    ("de", "German"),
    ("fr", "French"),
    ("es", "Spanish"),
    ("ja", "Japanese"),
    ("zh-Hans", "SimplifiedChinese"),
];

/// How the keys begin of the messages that are needed.
const NEEDED: [&str; 8] = [
    "tray_",
    "failure_",
    "gateway_locked_",
    "list_separator",
    "accounts_title",
    "activity_title",
    "preferences_title",
    "tools_title",
];

type Messages = BTreeMap<String, String>;

/// A part of a message: text as it is, or the value of a parameter.
#[derive(Debug, PartialEq)]
enum Part<'a> {
    Text(&'a str),
    Parameter(&'a str),
}

#[expect(clippy::disallowed_methods, reason = "Cargo gives a build script its folders by variables")]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../ui/messages");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut languages = Vec::new();
    for (tag, name) in LANGUAGES {
        languages.push((name, needed(&folder.join(format!("{tag}.json")))?));
    }
    let code = functions(&languages)? + &titles(&languages[0].1)?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("messages.rs"), code)?;
    Ok(())
}

/// Returns the messages of a file that are needed.
fn needed(file: &Path) -> Result<Messages, Box<dyn Error>> {
    let all: BTreeMap<String, Value> = serde_json::from_str(&fs::read_to_string(file)?)?;
    let is_needed = |key: &str| NEEDED.iter().any(|start| key.starts_with(start));
    all.into_iter()
        .filter(|(key, _)| is_needed(key))
        .map(|(key, message)| match message {
            Value::String(text) => Ok((key, text)),
            _ => {
                Err(format!("{}: {key} has plural forms, which only the page can choose", file.display())
                    .into())
            }
        })
        .collect()
}

/// Returns a function for each message of English, which is the first language.
fn functions(languages: &[(&str, Messages)]) -> Result<String, Box<dyn Error>> {
    let mut code = String::new();
    let Some(((_, english), others)) = languages.split_first() else { return Ok(code) };
    for (key, text) in english {
        let mut names = Vec::new();
        for part in parts(text) {
            if let Part::Parameter(name) = part
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        let given: Vec<String> = iter::once("language: Language".to_owned())
            .chain(names.iter().map(|name| format!("{name}: &str")))
            .collect();
        let returned = if names.is_empty() { "&'static str" } else { "String" };
        writeln!(code, "/// {}", text.replace('\n', " "))?;
        writeln!(code, "pub fn {key}({}) -> {returned} {{ match language {{", given.join(", "))?;
        for (language, messages) in languages {
            let text = messages.get(key).ok_or_else(|| format!("{language} has no message {key}"))?;
            check_parameters(key, language, text, &names)?;
            writeln!(code, "Language::{language} => {},", value(text))?;
        }
        code.push_str("} }\n");
    }
    for (language, messages) in others {
        if let Some(key) = messages.keys().find(|key| !english.contains_key(*key)) {
            return Err(format!("{language} has the message {key}, and English has not").into());
        }
    }
    Ok(code)
}

/// Returns the function from an error code to its title. Its match has to be complete, or it does not compile.
fn titles(english: &Messages) -> Result<String, Box<dyn Error>> {
    let mut code = String::from(
        "/// Returns what happened, as the page says it.\n\
         pub fn failure_title(language: Language, code: ErrorCode) -> &'static str { match code {\n",
    );
    for key in english.keys() {
        if let Some(name) = key.strip_prefix("failure_").and_then(|rest| rest.strip_suffix("_title")) {
            writeln!(code, "ErrorCode::{} => {key}(language),", name.to_upper_camel_case())?;
        }
    }
    Ok(code + "} }\n")
}

fn check_parameters(key: &str, language: &str, text: &str, names: &[&str]) -> Result<(), Box<dyn Error>> {
    let found = parts(text);
    let has = |name: &str| found.contains(&Part::Parameter(name));
    let is_known = |part: &Part<'_>| !matches!(part, Part::Parameter(name) if !names.contains(name));
    if names.iter().all(|name| has(name)) && found.iter().all(is_known) {
        return Ok(());
    }
    Err(format!("the message {key} of {language} has other parameters than that of English").into())
}

/// Returns the expression of a message.
fn value(text: &str) -> String {
    let parts = parts(text);
    match parts.as_slice() {
        [] => "\"\"".to_owned(),
        [Part::Text(text)] => format!("{text:?}"),
        _ => {
            let part = |part: &Part<'_>| match part {
                Part::Text(text) => format!("{text:?}"),
                Part::Parameter(name) => (*name).to_owned(),
            };
            format!("[{}].concat()", parts.iter().map(part).collect::<Vec<_>>().join(", "))
        }
    }
}

/// Splits a message at its parameters, as in `{name} is in use`.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    for (at, piece) in text.split('{').enumerate() {
        match piece.split_once('}').filter(|_| at > 0) {
            Some((name, rest)) => found.extend([Part::Parameter(name), Part::Text(rest)]),
            None => found.push(Part::Text(piece)),
        }
    }
    found.retain(|part| *part != Part::Text(""));
    found
}
