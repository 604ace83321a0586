//! The tables `[providers.…]`: which providers there are, where they are, and models that were added by hand.

use std::ops::RangeInclusive;
use std::time::Duration;

use toml_edit::{Array, Item, Value};
use usher_domain::{BaseUrl, ErrorCode, Failure, MAX_NAME_CHARS, PlainHttp, ProviderId, Wire, sanitize_line};

use super::{Settings, comment_edit, set};
use crate::accounts::scope::ModelScope;

/// How long a service may take to the first byte, unless the person says otherwise.
const TIMEOUT_SECONDS: u32 = 30;
/// In seconds; the longest is longer than any model takes to begin.
pub(super) const TIMEOUTS: RangeInclusive<u32> = 1..=3600;

/// What the file says of a provider that is let in by a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EndpointSettings {
    /// The name that people see.
    pub(crate) name: Option<String>,
    /// Absent where the address is not the person's to choose.
    pub(crate) base_url: Option<BaseUrl>,
    /// The address is known to have no `/v1`.
    pub(crate) unversioned: bool,
    pub(crate) wire: Option<Wire>,
    pub(crate) timeout: Duration,
    pub(crate) local_network: bool,
    pub(crate) organization: Option<String>,
    pub(crate) project: Option<String>,
}

/// One value of such a table.
#[derive(Clone, Copy)]
pub(crate) enum Setting<'a> {
    Text(&'a str),
    Flag(bool),
    Seconds(u32),
    /// Takes the key out.
    Absent,
}

impl Settings {
    /// The providers that have a table, in the order of the file. Names that are none are noted elsewhere.
    pub(crate) fn providers(&self) -> Vec<ProviderId> {
        let table = self.get(&["providers"]).and_then(Item::as_table_like);
        let names = table.into_iter().flat_map(|table| table.iter().map(|(name, _)| name.to_owned()));
        names.filter_map(|name| name.parse().ok()).collect()
    }

    /// What the file says of `provider`. Refused with [`ErrorCode::BadUrl`] when its address is none.
    pub(crate) fn endpoint(&self, provider: &ProviderId) -> Result<EndpointSettings, Failure> {
        let id = provider.to_string();
        let item = |key: &str| self.get(&["providers", &id, key]);
        let text = |key: &str| item(key).and_then(Item::as_str).map(str::to_owned);
        let flag = |key: &str| item(key).and_then(Item::as_bool).unwrap_or_default();
        let local_network = flag("local_network");
        let plain = if local_network { PlainHttp::LocalNetwork } else { PlainHttp::LoopbackOnly };
        Ok(EndpointSettings {
            name: text("name")
                .map(|name| sanitize_line(&name, MAX_NAME_CHARS))
                .filter(|name| !name.is_empty()),
            base_url: text("base_url").map(|text| BaseUrl::parse(&text, plain)).transpose()?,
            unversioned: flag("unversioned"),
            wire: text("wire").and_then(|word| wire_of(&word)),
            timeout: Duration::from_secs(self.timeout_seconds(&id).into()),
            local_network,
            organization: text("organization"),
            project: text("project"),
        })
    }

    fn timeout_seconds(&self, id: &str) -> u32 {
        let said = self.get(&["providers", id, "timeout"]).and_then(Item::as_integer);
        let fits = said.and_then(|seconds| u32::try_from(seconds).ok());
        fits.filter(|seconds| TIMEOUTS.contains(seconds)).unwrap_or(TIMEOUT_SECONDS)
    }

    /// Makes sure that `provider` has a table.
    pub(crate) fn add_provider(&mut self, provider: &ProviderId) -> Result<(), Failure> {
        let id = provider.to_string();
        let missing = self.get(&["providers", &id]).is_none();
        let table = self.table(&["providers", &id])?;
        if missing {
            // A table without a key would not be written.
            set(table, "enabled", true.into());
        }
        Ok(())
    }

    /// Takes the table of `provider` out, with what the person wrote into it.
    pub(crate) fn remove_provider(&mut self, provider: &ProviderId) -> Result<(), Failure> {
        self.table(&["providers"])?;
        comment_edit::take_table_out(&mut self.document, "providers", &provider.to_string());
        Ok(())
    }

    /// Sets one key of `provider`'s table.
    pub(crate) fn set_of(
        &mut self,
        provider: &ProviderId,
        key: &str,
        setting: Setting<'_>,
    ) -> Result<(), Failure> {
        let path = ["providers", &provider.to_string()];
        let table = self.table(&path)?;
        match setting {
            Setting::Text(text) => set(table, key, text.into()),
            Setting::Flag(flag) => set(table, key, flag.into()),
            Setting::Seconds(seconds) if TIMEOUTS.contains(&seconds) => {
                set(table, key, i64::from(seconds).into());
            }
            Setting::Seconds(_) => {
                let cause =
                    format!("a timeout is between {} and {} seconds", TIMEOUTS.start(), TIMEOUTS.end());
                return Err(Failure::new(ErrorCode::BadUsage, cause));
            }
            Setting::Absent => comment_edit::take_out(&mut self.document, &path, key),
        }
        Ok(())
    }

    /// Ids of models that the person added.
    pub(crate) fn manual_models(&self, scope: &ModelScope) -> Vec<String> {
        let (group, name) = scope.table();
        let list = self.get(&[group, &name, "models"]).and_then(Item::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Adds a model's id, or takes it out; true when that changed something.
    pub(crate) fn set_manual_model(
        &mut self,
        scope: &ModelScope,
        id: &str,
        wanted: bool,
    ) -> Result<bool, Failure> {
        let known = self.manual_models(scope);
        if known.iter().any(|one| one == id) == wanted {
            return Ok(false);
        }
        let (group, name) = scope.table();
        let table = self.table(&[group, &name])?;
        let in_the_way = || {
            let cause = format!("`models` of {group}.{name} in config.toml is no list; nothing was changed");
            Failure::new(ErrorCode::SettingsUnusable, cause)
        };
        let list = table.entry("models").or_insert_with(|| Item::Value(Array::new().into()));
        let list = list.as_array_mut().ok_or_else(in_the_way)?;
        if wanted {
            list.push(id);
        } else {
            comment_edit::take_from(list, id);
        }
        if list.is_empty() {
            comment_edit::take_out(&mut self.document, &[group, &name], "models");
        }
        Ok(true)
    }
}

/// The word for `wire` in the file and on the command line.
pub(crate) fn word_of(wire: Wire) -> &'static str {
    match wire {
        Wire::Responses => "responses",
        Wire::ChatCompletions => "chat_completions",
    }
}

fn wire_of(word: &str) -> Option<Wire> {
    [Wire::Responses, Wire::ChatCompletions].into_iter().find(|wire| word_of(*wire) == word)
}
