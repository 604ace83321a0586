//! The tables `[providers.…]`: which providers there are, where they are, and models that were added by hand.

use std::ops::RangeInclusive;
use std::time::Duration;

use toml_edit::{Array, InlineTable, Item, TableLike, Value};
use usher_domain::{BaseUrl, ErrorCode, Failure, MAX_NAME_CHARS, PlainHttp, ProviderId, Wire, sanitize_line};

use super::{Settings, comment_edit, set_value};
use crate::accounts::scope::ModelScope;

/// Seconds that a service may take to the first byte, by default.
const DEFAULT_TIMEOUT: u32 = 30;
/// Valid timeouts, in seconds; the longest is longer than any model takes to its first byte.
pub(super) const TIMEOUTS: RangeInclusive<u32> = 1..=3600;

/// The settings of a provider that authenticates by a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EndpointSettings {
    /// The display name.
    pub(crate) name: Option<String>,
    /// Absent where the address cannot be configured.
    pub(crate) base_url: Option<BaseUrl>,
    /// Whether the address is known to have no `/v1`.
    pub(crate) unversioned: bool,
    pub(crate) wire: Option<Wire>,
    pub(crate) timeout: Duration,
    pub(crate) local_network: bool,
    pub(crate) organization: Option<String>,
    pub(crate) project: Option<String>,
}

/// What was found out about a service.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Finding {
    Wire(Wire),
    /// The address has no `/v1`.
    Unversioned,
}

/// A new value of one key.
#[derive(Clone, Copy)]
pub(crate) enum Setting<'a> {
    Text(&'a str),
    Flag(bool),
    Seconds(u32),
    /// Removes the key.
    Absent,
}

impl Settings {
    /// Returns the providers that have a table, in the order of the file.
    ///
    /// Names that are not the id of a provider are skipped here. [`super::lint`] reports them, and those of unknown
    /// kinds, which a caller skips.
    pub(crate) fn providers(&self) -> Vec<ProviderId> {
        let table = self.get(&["providers"]).and_then(Item::as_table_like);
        let names = table.into_iter().flat_map(|table| table.iter().map(|(name, _)| name.to_owned()));
        names.filter_map(|name| name.parse().ok()).collect()
    }

    /// Returns the names of the tables of providers and their addresses, as they are written: valid or not.
    pub(crate) fn written_providers(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let table = self.get(&["providers"]).and_then(Item::as_table_like);
        table
            .into_iter()
            .flat_map(|table| table.iter())
            .map(|(name, item)| (name, item.get("base_url").and_then(Item::as_str)))
    }

    /// Returns the settings of `provider`.
    ///
    /// Fails with [`ErrorCode::BadUrl`] when its address is invalid.
    pub(crate) fn endpoint(&self, provider: &ProviderId) -> Result<EndpointSettings, Failure> {
        let id = provider.to_string();
        let item = |key: &str| self.get(&["providers", &id, key]);
        let text = |key: &str| item(key).and_then(Item::as_str).map(str::to_owned);
        let flag = |key: &str| item(key).and_then(Item::as_bool).unwrap_or_default();
        let found = |key: &str| self.found(&id)?.get(key);
        let found_flag = |key: &str| found(key).and_then(Item::as_bool).unwrap_or_default();
        let wire = |item: Option<&Item>| item.and_then(Item::as_str).and_then(parse_wire);
        let local_network = flag("local_network");
        let plain = if local_network { PlainHttp::LocalNetwork } else { PlainHttp::LoopbackOnly };
        Ok(EndpointSettings {
            name: text("name")
                .map(|name| sanitize_line(&name, MAX_NAME_CHARS))
                .filter(|name| !name.is_empty()),
            base_url: text("base_url").map(|text| BaseUrl::parse(&text, plain)).transpose()?,
            unversioned: flag("unversioned") || found_flag("unversioned"),
            wire: wire(item("wire")).or_else(|| wire(found("wire"))),
            timeout: Duration::from_secs(
                item("timeout").and_then(parse_timeout).unwrap_or(DEFAULT_TIMEOUT).into(),
            ),
            local_network,
            organization: text("organization"),
            project: text("project"),
        })
    }

    /// Adds a table for `provider` if it has none.
    pub(crate) fn add_provider(&mut self, provider: &ProviderId) -> Result<(), Failure> {
        let id = provider.to_string();
        let missing = self.get(&["providers", &id]).is_none();
        let table = self.table(&["providers", &id])?;
        if missing {
            // toml_edit does not write an implicit table without keys.
            set_value(table, "enabled", true.into());
        }
        Ok(())
    }

    /// Removes the table of `provider` with everything in it, and that it was chosen for tools.
    pub(crate) fn remove_provider(&mut self, provider: &ProviderId) -> Result<(), Failure> {
        self.table(&["providers"])?;
        comment_edit::remove_table(&mut self.document, "providers", &provider.to_string());
        self.forget_tools_provider(provider);
        Ok(())
    }

    /// Sets one key of `provider`'s table.
    pub(crate) fn set_provider_key(
        &mut self,
        provider: &ProviderId,
        key: &str,
        setting: Setting<'_>,
    ) -> Result<(), Failure> {
        let path = ["providers", &provider.to_string()];
        let table = self.table(&path)?;
        match setting {
            Setting::Text(text) => set_value(table, key, text.into()),
            Setting::Flag(flag) => set_value(table, key, flag.into()),
            Setting::Seconds(seconds) if TIMEOUTS.contains(&seconds) => {
                set_value(table, key, i64::from(seconds).into());
            }
            Setting::Seconds(_) => {
                let cause =
                    format!("a timeout is between {} and {} seconds", TIMEOUTS.start(), TIMEOUTS.end());
                return Err(Failure::new(ErrorCode::BadUsage, cause));
            }
            Setting::Absent => comment_edit::remove_key(&mut self.document, &path, key),
        }
        Ok(())
    }

    /// Returns what was found out about the service `id`, if it still has the address that this is true of.
    fn found(&self, id: &str) -> Option<&dyn TableLike> {
        let found = self.get(&["providers", id, "found"])?.as_table_like()?;
        let address = self.get(&["providers", id, "base_url"])?.as_str()?;
        (found.get("base_url")?.as_str() == Some(address)).then_some(found)
    }

    /// Writes down what was found out about the service of `provider`, with the address that it is true of: a person may
    /// give it another one in the file. What the person wrote there comes first.
    pub(crate) fn set_found(&mut self, provider: &ProviderId, finding: Finding) -> Result<(), Failure> {
        let id = provider.to_string();
        let Some(address) = self.get(&["providers", &id, "base_url"]).and_then(Item::as_str) else {
            return Ok(());
        };
        let mut new = InlineTable::new();
        new.insert("base_url", address.into());
        for (key, value) in self.found(&id).into_iter().flat_map(|found| found.iter()) {
            new.extend(value.as_value().map(|value| (key, value.clone())));
        }
        match finding {
            Finding::Wire(wire) => new.insert("wire", wire_value(wire).into()),
            Finding::Unversioned => new.insert("unversioned", true.into()),
        };
        new.fmt();
        set_value(self.table(&["providers", &id])?, "found", new.into());
        Ok(())
    }

    /// Returns the ids of models that were added by hand.
    pub(crate) fn manual_models(&self, scope: &ModelScope) -> Vec<String> {
        let (group, name) = scope.table();
        let list = self.get(&[group, &name, "models"]).and_then(Item::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Adds or removes a model's id, and returns whether that changed the list.
    pub(crate) fn set_manual_model(
        &mut self,
        scope: &ModelScope,
        id: &str,
        listed: bool,
    ) -> Result<bool, Failure> {
        let known = self.manual_models(scope);
        if known.iter().any(|one| one == id) == listed {
            return Ok(false);
        }
        let (group, name) = scope.table();
        let table = self.table(&[group, &name])?;
        let not_a_list = || {
            let cause =
                format!("`models` of {group}.{name} in config.toml is not a list; nothing was changed");
            Failure::new(ErrorCode::SettingsUnusable, cause)
        };
        let list = table.entry("models").or_insert_with(|| Item::Value(Array::new().into()));
        let list = list.as_array_mut().ok_or_else(not_a_list)?;
        if listed {
            list.push(id);
        } else {
            comment_edit::remove_from_list(list, id);
        }
        if list.is_empty() {
            comment_edit::remove_key(&mut self.document, &[group, &name], "models");
        }
        Ok(true)
    }
}

/// Returns the value for `wire` in the file and on the command line.
pub(crate) fn wire_value(wire: Wire) -> &'static str {
    match wire {
        Wire::Responses => "responses",
        Wire::ChatCompletions => "chat_completions",
    }
}

pub(super) fn parse_wire(value: &str) -> Option<Wire> {
    [Wire::Responses, Wire::ChatCompletions].into_iter().find(|wire| wire_value(*wire) == value)
}

/// Returns the seconds that `item` is, or `None` where it is not a valid timeout.
pub(super) fn parse_timeout(item: &Item) -> Option<u32> {
    let seconds = item.as_integer().and_then(|seconds| u32::try_from(seconds).ok());
    seconds.filter(|seconds| TIMEOUTS.contains(seconds))
}
