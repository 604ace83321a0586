//! What a person may change of a provider: the keys that its kind has in the settings file.

use usher_domain::{BaseUrl, ErrorCode, Failure, MAX_NAME_CHARS, PlainHttp, ProviderId, is_printable_within};

use crate::accounts::not_a_name;
use crate::providers::kinds;
use crate::settings::{Setting, Settings, wire_value};
use crate::view::ProviderChange;

/// Writes `change` into the table of `id`. What is absent stays; an empty text takes the value away.
pub(super) fn apply(
    settings: &mut Settings,
    id: &ProviderId,
    change: &ProviderChange,
) -> Result<(), Failure> {
    let keys = kinds::of(id)?.settings_keys();
    let require = |key: &str, what: &str| {
        let cause = format!("{id} has no {what}");
        let has_key = keys.iter().any(|(name, _)| *name == key);
        if has_key { Ok(()) } else { Err(Failure::new(ErrorCode::BadUsage, cause)) }
    };
    if let Some(local) = change.local_network {
        require("local_network", "local network")?;
        settings.set_provider_key(
            id,
            "local_network",
            if local { Setting::Flag(true) } else { Setting::Absent },
        )?;
    }
    if let Some(text) = &change.base_url {
        require("base_url", "base URL of its own")?;
        let local = settings.endpoint(id).map_or(change.local_network, |now| Some(now.local_network));
        let plain = if local.unwrap_or_default() { PlainHttp::LocalNetwork } else { PlainHttp::LoopbackOnly };
        let base = BaseUrl::parse(text, plain)?;
        settings.set_provider_key(id, "base_url", Setting::Text(&base.to_string()))?;
        // What was found out about the old address says nothing of the new one.
        for key in ["found", "unversioned", "wire"] {
            settings.set_provider_key(id, key, Setting::Absent)?;
        }
    } else if change.local_network == Some(false) {
        // The address must still be one that may be used.
        settings.endpoint(id)?;
    }
    if let Some(wire) = change.wire {
        require("wire", "choice of API")?;
        settings.set_provider_key(id, "wire", Setting::Text(wire_value(wire)))?;
    }
    if let Some(seconds) = change.timeout_seconds {
        require("timeout", "timeout")?;
        settings.set_provider_key(id, "timeout", Setting::Seconds(seconds))?;
    }
    let texts =
        [("name", &change.name), ("organization", &change.organization), ("project", &change.project)];
    for (key, text) in texts {
        let Some(text) = text.as_deref().map(str::trim) else { continue };
        require(key, key)?;
        if !text.is_empty() && !is_printable_within(text, MAX_NAME_CHARS) {
            return Err(Failure::new(ErrorCode::BadUsage, not_a_name(key)));
        }
        settings.set_provider_key(
            id,
            key,
            if text.is_empty() { Setting::Absent } else { Setting::Text(text) },
        )?;
    }
    Ok(())
}
