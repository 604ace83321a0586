//! The key `notifications`: whether the person is notified of limits and resets.

use toml_edit::Item;
use usher_domain::Failure;

use super::{Settings, set_value};

const KEY: &str = "notifications";

impl Settings {
    /// Returns whether the person is notified of limits and resets; by default they are.
    pub(crate) fn notifications(&self) -> bool {
        self.get(&[KEY]).and_then(Item::as_bool).unwrap_or(true)
    }

    pub(crate) fn set_notifications(&mut self, on: bool) -> Result<(), Failure> {
        set_value(self.table(&[])?, KEY, on.into());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::kinds::settings_keys;

    #[test]
    fn notifications_are_on_until_switched_off() {
        let mut settings = Settings::parse("version = 1\n[gateway]\nport = 18800\n", settings_keys).unwrap();
        assert!(settings.notifications());
        settings.set_notifications(false).unwrap();
        assert!(!settings.notifications() && settings.warnings().is_empty());
        assert_eq!(settings.render(), "version = 1\nnotifications = false\n[gateway]\nport = 18800\n");
    }
}
