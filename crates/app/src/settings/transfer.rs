//! Settings as single keys: for a file that takes them to another computer.

use std::fmt::Write as _;

use toml_edit::{Document, Item, Value};
use usher_domain::{Failure, has_known_secret, redact};
use usher_net::check_certificate_file;

use super::lint::{self, Key};
use super::{ProviderKeys, Settings, line_and_column, set_value, updates};

/// The first lines of an exported file.
const HEADER: &str = "# Settings of Usher. Take them over with `usher preferences import FILE`.\n\
    # No sign-ins, keys, passes or passwords.\n";
/// What Usher found out about services by itself, and the version of the file.
const NOT_CHOSEN: [&str; 2] = ["found", "version"];
/// The one address that may have a user, whose password is saved with the sign-ins.
const PROXY: [&str; 2] = ["network", "proxy"];
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

    /// Returns whether a secret is in the value: a key or token, or who signs in to an address.
    fn holds_secret(&self) -> bool {
        let signs_in =
            |url: &url::Url| url.password().is_some() || (!url.username().is_empty() && self.path != PROXY);
        let holds =
            |text: &str| has_known_secret(text) || url::Url::parse(text).is_ok_and(|url| signs_in(&url));
        match &self.value {
            Value::String(text) => holds(text.value()),
            Value::Array(list) => list.iter().filter_map(Value::as_str).any(holds),
            _ => false,
        }
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

    /// Returns the settings as the text of a file, without keys that this version does not know. Those with a secret are
    /// named in a comment instead.
    pub(crate) fn export(&self) -> String {
        let mut exported = Self::defaults(self.provider_keys);
        let (secrets, entries): (Vec<_>, Vec<_>) =
            self.entries().into_iter().partition(SettingsEntry::holds_secret);
        for entry in &entries {
            // Fails only where a value and a table have the same name, which one document cannot have.
            let _ = exported.put(entry);
        }
        let mut left_out = String::new();
        for entry in &secrets {
            let _ = writeln!(left_out, "# Left out, because a secret is in it: {}", redact(&entry.key()));
        }
        format!("{HEADER}{left_out}{}", exported.render())
    }

    /// Returns why a key that these settings have could not be used here, as `usher` refuses it where a person sets it.
    ///
    /// Reads the file of certificate authorities, so it must not be called from async code.
    pub(crate) fn unusable(&self, entry: &SettingsEntry) -> Option<Failure> {
        match entry.path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["providers", id, "base_url"] => self.endpoint(&id.parse().ok()?).err(),
            ["network", "ca_file"] => check_certificate_file(&self.ca_file()?).err(),
            _ => None,
        }
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
            if let Some(entry) = entry.as_ref().filter(|entry| entry.holds_secret()) {
                refused.get_or_insert_with(|| secret(&entry.key()));
            }
            entries.extend(entry);
        }
        Key::Unused { key, item, offset, reason } => {
            let is_secret = lint::is_about_a_secret(reason) || has_known_secret(&item.to_string());
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

    /// Long names with digits, a list of many, and a path are what a person chose, and no secrets.
    #[test]
    fn export_and_import_lose_no_long_value() {
        let models: Vec<String> =
            (0..40).map(|number| format!("\"claude-3-5-sonnet-20241022-{number}\"")).collect();
        let text = format!(
            "version = 1\n\n[providers.\"openai-compatible:azure\"]\n\
             base_url = \"https://my-resource-eastus2-prod.openai.azure.com/openai/v1\"\n\
             model = \"deepseek-r1-distill-llama-70b\"\nmodels = [{}]\n\n\
             [network]\nproxy = \"http://ada@proxy.example:3128\"\nca_file = \"/etc/ssl/corporate-root-authority-2024.pem\"\n",
            models.join(", ")
        );
        let exported = Settings::parse(&text, settings_keys).unwrap().export();
        assert_eq!(exported.strip_prefix(HEADER), Some(text.as_str()));
        assert_eq!(import_of(&text, settings_keys).unwrap().0.len(), 5);
    }

    #[test]
    fn export_names_what_it_leaves_out() {
        let text = "[providers.\"openai-compatible:x\"]\nname = \"X\"\nbase_url = \"https://ada:sesame@x.example/v1\"\n";
        let exported = Settings::parse(text, settings_keys).unwrap().export();
        assert!(!exported.contains("sesame") && exported.contains("name = \"X\""), "{exported}");
        assert!(
            exported
                .contains("# Left out, because a secret is in it: providers.openai-compatible:x.base_url\n")
        );
    }

    #[test]
    fn file_with_a_secret_is_refused_and_names_the_key() {
        for (text, key) in [
            ("[providers.openai]\napi_key = \"x\"", "api_key"),
            ("language = \"de\"\nmine = \"sk-proj-abcdefghijklmnopqrstuv\"", "mine"),
            ("[network]\nproxy = \"http://ada:sesame@proxy.example:1\"", "proxy"),
            ("[providers.openai]\nproject = \"sk-proj-abcdefghijklmnopqrstuv\"", "providers.openai.project"),
            (
                "[providers.\"openai-compatible:x\"]\nbase_url = \"https://ada:sesame@x.example/v1\"",
                "providers.openai-compatible:x.base_url",
            ),
            (
                "[accounts.\"user:a\"]\nmodels = [\"m\", \"sk-proj-abcdefghijklmnopqrstuv\"]",
                "accounts.user:a.models",
            ),
        ] {
            let refused = import_of(text, settings_keys).unwrap_err();
            assert!(refused.contains(&format!("`{key}` is a secret")), "{refused}");
            assert!(!refused.contains("abcdef") && !refused.contains("sesame"), "{refused}");
        }
    }
}
