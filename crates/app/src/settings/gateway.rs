//! What the file says of the gateway: whether the window runs it, and at which port.

use toml_edit::Item;
use usher_domain::Failure;

use super::{Settings, set};

const TABLE: &str = "gateway";

impl Settings {
    /// Whether the window runs the gateway; it does when the person has switched it on.
    pub(crate) fn gateway_enabled(&self) -> bool {
        self.get(&[TABLE, "enabled"]).and_then(Item::as_bool).unwrap_or(false)
    }

    pub(crate) fn set_gateway_enabled(&mut self, enabled: bool) -> Result<(), Failure> {
        set(self.table(&[TABLE])?, "enabled", enabled.into());
        Ok(())
    }

    /// The port, where the person named one that there is.
    pub(crate) fn gateway_port(&self) -> Option<u16> {
        let named = self.get(&[TABLE, "port"]).and_then(Item::as_integer)?;
        u16::try_from(named).ok().filter(|port| *port != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Settings {
        Settings::parse(text).unwrap()
    }

    #[test]
    fn nothing_listens_until_the_person_says_so() {
        assert!(!settings("").gateway_enabled());
        assert!(!settings("gateway.enabled = \"yes\"").gateway_enabled());
        let mut settings = settings("# mine\n[gateway]\nport = 18800 # why\n");
        settings.set_gateway_enabled(true).unwrap();
        assert_eq!(settings.text(), "# mine\n[gateway]\nport = 18800 # why\nenabled = true\n");
        assert!(settings.gateway_enabled());
        assert_eq!(settings.notes(), []);
    }

    #[test]
    fn a_port_is_used_exactly_when_it_is_not_told_of() {
        for (written, port) in [("18800", Some(18800)), ("65535", Some(65535)), ("0", None), ("65536", None)]
        {
            let settings = settings(&format!("gateway.port = {written}"));
            assert_eq!((settings.gateway_port(), settings.notes().is_empty()), (port, port.is_some()));
        }
    }
}
