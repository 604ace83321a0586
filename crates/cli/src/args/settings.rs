//! The arguments of `usher settings`.

use std::time::Duration;

use clap::Args;

use super::values;

pub(super) const SETTINGS_HELP: &str = "\
The link works once, within ten minutes, and gives the settings to one tab. On a computer that you reach over SSH, forward
the port and open the link in your own browser; with --port it is the same each time.

Examples:
  usher settings
  usher settings --no-browser --port 18750
  ssh -L 18750:127.0.0.1:18750 HOST";

/// The arguments of `usher settings`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SettingsArguments {
    /// Only print the link
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// Port to listen on [default: any free port]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,
    /// End after so many minutes in which nobody used the page
    #[arg(long, value_name = "MINUTES", default_value = "15", value_parser = values::minutes)]
    pub(crate) idle: Duration,
}
