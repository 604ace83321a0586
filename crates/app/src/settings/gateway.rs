//! The table `[gateway]`: whether Usher runs the gateway, its port, and the provider that tools use.

use toml_edit::Item;
use usher_domain::{Failure, ProviderId};

use super::{Settings, comment_edit, set_value};
use crate::activity::period::KEPT_DAYS;

const TABLE: &str = "gateway";

impl Settings {
    /// Returns whether Usher runs the gateway, in the background or in a page's process; by default it does not.
    pub(crate) fn gateway_enabled(&self) -> bool {
        self.get(&[TABLE, "enabled"]).and_then(Item::as_bool).unwrap_or(false)
    }

    pub(crate) fn set_gateway_enabled(&mut self, enabled: bool) -> Result<(), Failure> {
        set_value(self.table(&[TABLE])?, "enabled", enabled.into());
        Ok(())
    }

    /// Returns whether the gateway goes on when the window is closed; `None` where the person was not asked yet.
    pub(crate) fn keep_running(&self) -> Option<bool> {
        self.get(&[TABLE, "keep_running"]).and_then(Item::as_bool)
    }

    pub(crate) fn set_keep_running(&mut self, on: bool) -> Result<(), Failure> {
        set_value(self.table(&[TABLE])?, "keep_running", on.into());
        Ok(())
    }

    /// Returns whether all passes are locked while the screen is; by default they are not.
    pub(crate) fn lock_with_screen(&self) -> bool {
        self.get(&[TABLE, "lock_with_screen"]).and_then(Item::as_bool).unwrap_or(false)
    }

    pub(crate) fn set_lock_with_screen(&mut self, on: bool) -> Result<(), Failure> {
        set_value(self.table(&[TABLE])?, "lock_with_screen", on.into());
        Ok(())
    }

    pub(crate) fn set_gateway_port(&mut self, port: u16) -> Result<(), Failure> {
        set_value(self.table(&[TABLE])?, "port", i64::from(port).into());
        Ok(())
    }

    /// Returns the port, where the file has a valid one.
    pub(crate) fn gateway_port(&self) -> Option<u16> {
        self.get(&[TABLE, "port"]).and_then(parse_port)
    }

    /// Returns for how many days counts of requests are kept; 0 for none.
    pub(crate) fn activity_days(&self) -> u32 {
        self.get(&[TABLE, "activity_days"]).and_then(parse_activity_days).unwrap_or(KEPT_DAYS)
    }

    pub(crate) fn set_activity_days(&mut self, days: u32) -> Result<(), Failure> {
        set_value(self.table(&[TABLE])?, "activity_days", i64::from(days).into());
        Ok(())
    }

    /// Returns the provider that the user chose for tools; `None` where none was chosen.
    pub(crate) fn tools_provider(&self) -> Option<ProviderId> {
        self.get(&[TABLE, "provider"]).and_then(parse_provider)
    }

    pub(crate) fn set_tools_provider(&mut self, provider: &ProviderId) -> Result<(), Failure> {
        set_value(self.table(&[TABLE])?, "provider", provider.to_string().into());
        Ok(())
    }

    /// Forgets that `provider` was chosen for tools.
    pub(super) fn forget_tools_provider(&mut self, provider: &ProviderId) {
        if self.tools_provider().as_ref() == Some(provider) {
            comment_edit::remove_key(&mut self.document, &[TABLE], "provider");
        }
    }
}

/// Returns the port that `item` is, or `None` where it is not one.
pub(super) fn parse_port(item: &Item) -> Option<u16> {
    let port = item.as_integer().and_then(|port| u16::try_from(port).ok());
    port.filter(|port| *port != 0)
}

/// Returns the number of days that `item` is, or `None` where it is not one.
pub(super) fn parse_activity_days(item: &Item) -> Option<u32> {
    let days = item.as_integer().and_then(|days| u32::try_from(days).ok());
    days.filter(|days| *days <= KEPT_DAYS)
}

/// Returns the provider that `item` names, or `None` where it names none.
pub(super) fn parse_provider(item: &Item) -> Option<ProviderId> {
    item.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::kinds::settings_keys;

    fn settings(text: &str) -> Settings {
        Settings::parse(text, settings_keys).unwrap()
    }

    #[test]
    fn gateway_is_off_until_enabled() {
        assert!(!settings("").gateway_enabled());
        assert!(!settings("gateway.enabled = \"yes\"").gateway_enabled());
        let mut settings = settings("# mine\n[gateway]\nport = 18800 # why\n");
        settings.set_gateway_enabled(true).unwrap();
        assert_eq!(settings.render(), "# mine\n[gateway]\nport = 18800 # why\nenabled = true\n");
        settings.set_gateway_port(18801).unwrap();
        assert_eq!(settings.render(), "# mine\n[gateway]\nport = 18801 # why\nenabled = true\n");
        assert!(settings.gateway_enabled());
        assert_eq!(settings.keep_running(), None);
        settings.set_keep_running(false).unwrap();
        assert_eq!(settings.keep_running(), Some(false));
        assert!(!settings.lock_with_screen());
        settings.set_lock_with_screen(true).unwrap();
        assert!(settings.lock_with_screen());
        assert!(settings.warnings().is_empty());
    }

    #[test]
    fn provider_of_tools_is_forgotten_when_it_is_removed() {
        let mut settings = settings("[gateway]\nport = 18800\n[providers.openai]\nenabled = true\n");
        let (openai, plan): (ProviderId, ProviderId) =
            ("openai".parse().unwrap(), "chatgpt".parse().unwrap());
        assert_eq!(settings.tools_provider(), None);
        settings.set_tools_provider(&openai).unwrap();
        assert_eq!(settings.tools_provider(), Some(openai.clone()));
        assert!(settings.warnings().is_empty());
        settings.remove_provider(&plan).unwrap();
        assert_eq!(settings.tools_provider(), Some(openai.clone()), "another one was removed");
        settings.remove_provider(&openai).unwrap();
        assert_eq!(settings.tools_provider(), None);
        assert_eq!(settings.render(), "[gateway]\nport = 18800\n");
    }

    #[test]
    fn provider_of_tools_that_is_no_id_is_reported_and_not_used() {
        for (written, is_id) in [("\"chatgpt\"", true), ("\"no id!\"", false), ("3", false)] {
            let settings = settings(&format!("gateway.provider = {written}"));
            assert_eq!((settings.tools_provider().is_some(), settings.warnings().is_empty()), (is_id, is_id));
        }
    }

    #[test]
    fn days_outside_their_range_are_reported_and_not_used() {
        for (written, days) in [("0", 0), ("7", 7), ("90", 90), ("91", 90), ("-1", 90), ("\"7\"", 90)] {
            let settings = settings(&format!("gateway.activity_days = {written}"));
            let is_valid = settings.warnings().is_empty();
            assert_eq!(
                (settings.activity_days(), is_valid),
                (days, !["91", "-1", "\"7\""].contains(&written))
            );
        }
    }

    #[test]
    fn port_outside_its_range_is_reported_and_not_used() {
        for (written, port) in [("18800", Some(18800)), ("65535", Some(65535)), ("0", None), ("65536", None)]
        {
            let settings = settings(&format!("gateway.port = {written}"));
            assert_eq!((settings.gateway_port(), settings.warnings().is_empty()), (port, port.is_some()));
        }
    }
}
