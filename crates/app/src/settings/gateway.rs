//! The table `[gateway]`: whether the window runs the gateway, and its port.

use toml_edit::Item;
use usher_domain::Failure;

use super::{Settings, set_value};

const TABLE: &str = "gateway";

impl Settings {
    /// Returns whether the window runs the gateway; by default it does not.
    pub(crate) fn gateway_enabled(&self) -> bool {
        self.get(&[TABLE, "enabled"]).and_then(Item::as_bool).unwrap_or(false)
    }

    pub(crate) fn set_gateway_enabled(&mut self, enabled: bool) -> Result<(), Failure> {
        set_value(self.table(&[TABLE])?, "enabled", enabled.into());
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
}

/// Returns the port that `item` is, or `None` where it is not one.
pub(super) fn parse_port(item: &Item) -> Option<u16> {
    let port = item.as_integer().and_then(|port| u16::try_from(port).ok());
    port.filter(|port| *port != 0)
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
        assert!(settings.warnings().is_empty());
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
