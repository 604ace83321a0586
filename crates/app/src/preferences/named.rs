//! Preferences by their names, as the command line has them.

use std::path::Path;

use serde::Serialize;
use strum::{EnumString, IntoStaticStr, VariantArray};
use usher_domain::Failure;

use super::{Preferences, bad_usage};
use crate::context::blocking;
use crate::gateway::gateway_port;
use crate::view::Language;

/// A preference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Preference {
    /// The language of the window.
    Language,
    /// Whether the system starts Usher at login.
    StartAtLogin,
    /// Whether the gateway goes on when the window is closed.
    KeepRunning,
    /// Whether all passes are locked while the screen is.
    LockWithScreen,
    /// Whether the person is notified of limits and resets.
    Notifications,
    /// Whether sign-ins of accounts that are not used are renewed.
    RenewUnused,
    /// The port of the gateway.
    Port,
    /// The proxy.
    Proxy,
    /// The hosts that are reached without it.
    NoProxy,
    /// A file of certificate authorities.
    CaFile,
    /// For how many days counts of requests are kept.
    ActivityDays,
    /// Whether names and e-mail addresses are left out of what is shown.
    HidePersonalData,
}

/// A preference and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreferenceView {
    /// Its name.
    pub name: &'static str,
    /// Its value, as `usher preferences set` takes it.
    pub value: String,
    /// Why another value is in force, for example a variable of the environment.
    pub note: Option<String>,
}

impl Preference {
    /// Every preference, in the order of the window.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Returns its name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns what `usher preferences set` takes for it.
    pub fn values(self) -> &'static str {
        match self {
            Self::Language => "system, en, de, fr, es, ja or zh-Hans",
            Self::StartAtLogin
            | Self::KeepRunning
            | Self::LockWithScreen
            | Self::Notifications
            | Self::RenewUnused
            | Self::HidePersonalData => "on or off",
            Self::Port => "a number from 1 to 65535",
            Self::Proxy => "system, none, or an address such as http://proxy.example:3128",
            Self::NoProxy => "hosts separated by commas, or an empty text",
            Self::CaFile => "a file, or none",
            Self::ActivityDays => "a number of days from 0 to 90",
        }
    }
}

impl Preferences {
    /// Returns every preference with its value.
    pub fn list(&self) -> Result<Vec<PreferenceView>, Failure> {
        let settings = blocking(|| self.context.read_settings())?;
        let view = self.view()?;
        let network = &view.network;
        let of_environment = (!network.variables.is_empty())
            .then(|| format!("{} of the environment wins", network.variables.join(" and ")));
        let on = |on: bool| if on { "on" } else { "off" }.to_owned();
        let one = |preference: Preference| {
            let (value, note) = match preference {
                Preference::Language => {
                    (settings.language().map_or("system", Language::tag).to_owned(), None)
                }
                Preference::StartAtLogin => (
                    on(view.start_at_login.unwrap_or_default()),
                    view.start_at_login.is_none().then(|| "not possible on this system".to_owned()),
                ),
                Preference::KeepRunning => (
                    on(view.keep_running.unwrap_or_default()),
                    view.keep_running.is_none().then(|| "the window asks".to_owned()),
                ),
                Preference::LockWithScreen => (
                    on(view.lock_with_screen.unwrap_or_default()),
                    view.lock_with_screen.is_none().then(|| "not possible on this system".to_owned()),
                ),
                Preference::Notifications => (on(view.notifications), None),
                Preference::RenewUnused => (
                    on(view.renew_unused.unwrap_or_default()),
                    view.renew_unused.is_none().then(|| "the window asks".to_owned()),
                ),
                Preference::Port => (gateway_port(&self.context).to_string(), None),
                Preference::Proxy => {
                    let saved = network.has_password.then(|| "with a saved password".to_owned());
                    (network.proxy.clone(), network.problem.clone().or(of_environment.clone()).or(saved))
                }
                Preference::NoProxy => (network.no_proxy.clone(), None),
                Preference::CaFile => (
                    network.ca_file.clone().unwrap_or_else(|| "none".into()),
                    network
                        .certificates_of_environment
                        .as_ref()
                        .map(|file| format!("and {file}, from SSL_CERT_FILE")),
                ),
                Preference::ActivityDays => (view.activity_days.to_string(), None),
                Preference::HidePersonalData => (on(view.hide_personal_data), None),
            };
            PreferenceView { name: preference.name(), value, note }
        };
        Ok(Preference::ALL.iter().map(|preference| one(*preference)).collect())
    }

    /// Sets a preference to `value`, as [`Preference::values`] says.
    pub async fn set(&self, preference: Preference, value: &str) -> Result<(), Failure> {
        let wrong = || bad_usage(format!("{} takes {}", preference.name(), preference.values()));
        let on = || match value {
            "on" | "true" | "yes" => Ok(true),
            "off" | "false" | "no" => Ok(false),
            _ => Err(wrong()),
        };
        match preference {
            Preference::Language => {
                let language = match value {
                    "system" => None,
                    tag => Some(
                        Language::ALL.into_iter().find(|language| language.tag() == tag).ok_or_else(wrong)?,
                    ),
                };
                self.change(|settings| settings.set_language(language)).await
            }
            Preference::StartAtLogin => self.set_start_at_login(on()?),
            Preference::KeepRunning => self.set_keep_running(on()?).await,
            Preference::LockWithScreen => self.set_lock_with_screen(on()?).await,
            Preference::Notifications => self.set_notifications(on()?).await,
            Preference::RenewUnused => self.set_renew_unused(on()?).await,
            Preference::Port => {
                let port = value.parse().ok().filter(|port| *port != 0).ok_or_else(wrong)?;
                self.change(|settings| settings.set_gateway_port(port)).await
            }
            Preference::Proxy => self.set_proxy(value, None).await,
            Preference::NoProxy => self.set_no_proxy(value).await,
            Preference::CaFile if matches!(value, "none" | "") => self.set_ca_file(None).await,
            Preference::CaFile => self.set_ca_file(Some(Path::new(value))).await,
            Preference::ActivityDays => self.set_activity_days(value.parse().map_err(|_| wrong())?).await,
            Preference::HidePersonalData => self.set_hide_personal_data(on()?).await,
        }
    }
}
