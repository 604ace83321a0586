//! Makes a function of each message that is needed outside of the page.
//!
//! The messages are those of the page that are needed here, and those of `messages`, which the page has not: the command
//! line and the notifications. All of one language are in two files of the same format.

mod catalog;
mod functions;

use std::collections::BTreeSet;
use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use self::catalog::{Catalog, read};

/// A language, as its files and [`Language`](../src/language.rs) name it.
struct Known {
    tag: &'static str,
    name: &'static str,
    /// Its plural forms, by their names in the Unicode CLDR.
    plurals: &'static [&'static str],
}

const LANGUAGES: [Known; 6] = [
    Known { tag: "en", name: "English", plurals: &["one", "other"] },
    Known { tag: "de", name: "German", plurals: &["one", "other"] },
    Known { tag: "fr", name: "French", plurals: &["many", "one", "other"] },
    Known { tag: "es", name: "Spanish", plurals: &["many", "one", "other"] },
    Known { tag: "ja", name: "Japanese", plurals: &["other"] },
    Known { tag: "zh-Hans", name: "SimplifiedChinese", plurals: &["other"] },
];

/// How the keys of the page's messages begin that are needed.
const NEEDED: [&str; 11] = [
    "tray_",
    "failure_",
    "gateway_locked_",
    "list_separator",
    "accounts_title",
    "activity_title",
    "preferences_title",
    "tools_title",
    "licences_standard",
    "plan_usage_sign_in_failure_port_busy_title",
    "plan_usage_sign_in_failure_registration_incomplete_title",
];

#[expect(clippy::disallowed_methods, reason = "Cargo gives a build script its folders by variables")]
#[expect(clippy::print_stdout, reason = "Cargo reads what a build script prints")]
fn main() -> Result<(), Box<dyn Error>> {
    let crate_folder = env::var("CARGO_MANIFEST_DIR")?;
    let of_page = Path::new(&crate_folder).join("../../ui/messages");
    let own = Path::new(&crate_folder).join("messages");
    for folder in [&of_page, &own] {
        println!("cargo::rerun-if-changed={}", folder.display());
    }
    let mut catalogs = Vec::new();
    for known in LANGUAGES {
        let file = format!("{}.json", known.tag);
        let mut messages =
            read(&of_page.join(&file), |key| NEEDED.iter().any(|start| key.starts_with(start)))?;
        for (key, message) in read(&own.join(&file), |_| true)? {
            if messages.insert(key.clone(), message).is_some() {
                return Err(format!("{file}: the page has a message {key}, too; use that one").into());
            }
        }
        catalogs.push(Catalog { language: known.name, plurals: known.plurals, messages });
    }
    let keys: BTreeSet<&String> = catalogs.iter().flat_map(|catalog| catalog.messages.keys()).collect();
    let code = functions::of_messages(&keys, &catalogs)?
        + &functions::of_codes(&keys)?
        + &functions::of_causes(&catalogs)?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("messages.rs"), code)?;
    Ok(())
}
