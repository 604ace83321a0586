//! The table `[updates]`: where new versions come from, and whether Usher looks by itself.

use toml_edit::Item;
use usher_domain::Failure;

use super::{Settings, set_value};

pub(super) const TABLE: &str = "updates";

impl Settings {
    /// Returns the address of the list of versions, as it is written.
    pub(crate) fn update_endpoint(&self) -> Option<&str> {
        self.get(&[TABLE, "endpoint"]).and_then(Item::as_str)
    }

    /// Returns the public key that new versions are signed for, as it is written.
    pub(crate) fn update_public_key(&self) -> Option<&str> {
        self.get(&[TABLE, "public_key"]).and_then(Item::as_str)
    }

    /// Returns whether Usher looks for new versions by itself; by default it does not.
    pub(crate) fn automatic_updates(&self) -> bool {
        self.get(&[TABLE, "automatic"]).and_then(Item::as_bool).unwrap_or(false)
    }

    pub(crate) fn set_automatic_updates(&mut self, on: bool) -> Result<(), Failure> {
        set_value(self.table(&[TABLE])?, "automatic", on.into());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::kinds::settings_keys;

    #[test]
    fn updates_are_off_until_they_are_set_and_stay_on_this_computer() {
        let mut settings = Settings::parse("version = 1\n", settings_keys).unwrap();
        assert_eq!((settings.update_endpoint(), settings.update_public_key()), (None, None));
        assert!(!settings.automatic_updates());
        settings.set_automatic_updates(true).unwrap();
        assert!(settings.automatic_updates());

        let text = "version = 1\n[updates]\nendpoint = \"https://usher.example/latest.json\"\n\
            public_key = \"RWQ\"\nautomatic = true\n";
        let settings = Settings::parse(text, settings_keys).unwrap();
        assert!(settings.warnings().is_empty(), "{:?}", settings.warnings());
        assert_eq!(settings.update_endpoint(), Some("https://usher.example/latest.json"));
        // A file of somebody else's must not choose whose programs run here.
        assert!(!settings.export().contains("updates"), "{}", settings.export());
        let (entries, _) = super::super::import_of(text, settings_keys).unwrap();
        assert!(entries.is_empty(), "{entries:?}");
    }
}
