//! Settings as single keys: for a file that takes them to another computer.

use toml_edit::{Document, Item, Value};
use usher_domain::{Failure, redact};

use super::lint::{self, Key};
use super::{ProviderKeys, Settings, line_and_column, set_value, updates};

/// The first lines of an exported file.
const HEADER: &str = "# Settings of Usher. Take them over with `usher preferences import FILE`.\n\
    # No sign-ins, keys, passes or passwords.\n";
/// What Usher found out about services by itself, and the version of the file.
const NOT_CHOSEN: [&str; 2] = ["found", "version"];
/// Tables that stay on their computer: a file of somebody else's does not choose where its programs come from.
const NOT_MOVED: [&str; 1] = [updates::TABLE];

/// A key of the settings and its value.
#[derive(Debug, Clone)]
pub(crate) struct SettingsEntry {
    /// The names of the tables that it is in, and its own.
    pub(crate) path: Vec<String>,
    pub(crate) value: Value,
}

impl SettingsEntry {
    /// Returns the key for people: `providers.openai.enabled`.
    pub(crate) fn key(&self) -> String {
        self.path.join(".")
    }
}

impl Settings {
    /// Returns every key that this version uses and the person may have chosen.
    pub(crate) fn entries(&self) -> Vec<SettingsEntry> {
        let mut entries = Vec::new();
        lint::visit(self.document.as_table(), self.provider_keys, &mut |key| {
            if let Key::Used { path, item } = key {
                entries.extend(entry(path, item));
            }
        });
        entries
    }

    /// Returns the settings as the text of a file, without secrets and without keys that this version does not know.
    pub(crate) fn export(&self) -> String {
        let mut exported = Self::defaults(self.provider_keys);
        for entry in self.entries().iter().filter(|entry| secret_in(&entry.value).is_none()) {
            // Fails only where a value and a table have the same name, which one document cannot have.
            let _ = exported.put(entry);
        }
        format!("{HEADER}{}", exported.render())
    }

    /// Sets one key.
    pub(crate) fn put(&mut self, entry: &SettingsEntry) -> Result<(), Failure> {
        let Some((key, tables)) = entry.path.split_last() else { return Ok(()) };
        let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
        let mut value = entry.value.clone();
        value.decor_mut().clear();
        set_value(self.table(&tables)?, key, value);
        Ok(())
    }
}

/// Reads the text of a file of settings. Returns its keys, and lines about what this version does not use.
///
/// A file with a secret in it is refused, with the name of the key.
pub(crate) fn import_of(
    text: &str,
    provider_keys: ProviderKeys,
) -> Result<(Vec<SettingsEntry>, Vec<String>), String> {
    let settings = Settings::parse(text, provider_keys)?;
    let document = Document::parse(text).map_err(|error| error.message().to_owned())?;
    let secret =
        |key: &str| format!("`{}` is a secret, which does not belong in a file of settings", redact(key));
    let (mut entries, mut refused) = (Vec::new(), None);
    lint::visit(document.as_table(), provider_keys, &mut |key| match key {
        Key::Used { path, item } => {
            let entry = entry(path, item);
            if let Some(entry) = entry.as_ref().filter(|entry| secret_in(&entry.value).is_some()) {
                refused.get_or_insert_with(|| secret(&entry.key()));
            }
            entries.extend(entry);
        }
        Key::Unused { key, item, offset, reason } => {
            let is_secret = lint::is_about_a_secret(reason) || redact(&item.to_string()) != item.to_string();
            if is_secret || is_password(item) {
                let (line, _) = line_and_column(text, offset.unwrap_or_default());
                refused.get_or_insert_with(|| format!("line {line}: {}", secret(key)));
            }
        }
    });
    match refused {
        Some(refused) => Err(refused),
        None => Ok((entries, settings.warnings())),
    }
}

fn entry(path: &[String], item: &Item) -> Option<SettingsEntry> {
    let is_chosen = !path.iter().any(|name| NOT_CHOSEN.contains(&name.as_str()));
    let is_moved = path.first().is_none_or(|table| !NOT_MOVED.contains(&table.as_str()));
    let value = item.as_value().filter(|_| is_chosen && is_moved)?.clone();
    Some(SettingsEntry { path: path.to_vec(), value })
}

/// Returns the value if a secret is in it.
fn secret_in(value: &Value) -> Option<&Value> {
    let text = value.to_string();
    (redact(&text) != text).then_some(value)
}

/// Returns whether a value is an address with a password.
fn is_password(item: &Item) -> bool {
    let url = item.as_str().and_then(|text| url::Url::parse(text).ok());
    url.is_some_and(|url| url.password().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::kinds::settings_keys;

    const TEXT: &str = "version = 1\nlanguage = \"de\" # mine\nfuture = 1\n\n[providers.\"openai-compatible:x\"]\n\
        base_url = \"https://x.example/v1\"\n[providers.\"openai-compatible:x\".found]\nwire = \"responses\"\n\
        [gateway]\nport = 18800\nprovider = 3\n";

    #[test]
    fn export_has_what_the_person_chose() {
        let exported = Settings::parse(TEXT, settings_keys).unwrap().export();
        let expected = "version = 1\nlanguage = \"de\"\n\n[providers.\"openai-compatible:x\"]\n\
            base_url = \"https://x.example/v1\"\n\n[gateway]\nport = 18800\n";
        assert_eq!(exported.strip_prefix(HEADER), Some(expected));
    }

    #[test]
    fn import_reads_what_export_wrote() {
        let exported = Settings::parse(TEXT, settings_keys).unwrap().export();
        let (entries, unused) = import_of(&exported, settings_keys).unwrap();
        let keys: Vec<String> = entries.iter().map(SettingsEntry::key).collect();
        assert_eq!(keys, ["language", "providers.openai-compatible:x.base_url", "gateway.port"]);
        assert_eq!(unused, [""; 0]);
        let (_, unused) = import_of(TEXT, settings_keys).unwrap();
        assert_eq!(unused.len(), 2, "{unused:?}");
    }

    #[test]
    fn file_with_a_secret_is_refused_and_names_the_key() {
        for (text, key) in [
            ("[providers.openai]\napi_key = \"x\"", "api_key"),
            ("language = \"de\"\nmine = \"sk-proj-abcdefghijklmnopqrstuv\"", "mine"),
            ("[network]\nproxy = \"http://ada:sesame@proxy.example:1\"", "proxy"),
            ("[providers.openai]\nproject = \"sk-proj-abcdefghijklmnopqrstuv\"", "providers.openai.project"),
        ] {
            let refused = import_of(text, settings_keys).unwrap_err();
            assert!(refused.contains(&format!("`{key}` is a secret")), "{refused}");
            assert!(!refused.contains("abcdef") && !refused.contains("sesame"), "{refused}");
        }
    }
}
