//! The key `renew_unused`: whether sign-ins of accounts that are not used are renewed.

use toml_edit::Item;
use usher_domain::Failure;

use super::{Settings, set_value};

const KEY: &str = "renew_unused";

impl Settings {
    /// Returns whether sign-ins of accounts that are not used are renewed; `None` until the person was asked.
    pub(crate) fn renew_unused(&self) -> Option<bool> {
        self.get(&[KEY]).and_then(Item::as_bool)
    }

    pub(crate) fn set_renew_unused(&mut self, on: bool) -> Result<(), Failure> {
        set_value(self.table(&[])?, KEY, on.into());
        Ok(())
    }
}
