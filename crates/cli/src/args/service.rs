//! The arguments of `usher service`.

use clap::Subcommand;

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ServiceCommand {
    /// Run the gateway as a service from now on and after each login: a systemd user unit, or a launchd agent on macOS
    #[command(after_help = "Examples:\n  usher service install\n  usher service install --yes")]
    Install {
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Stop the service and delete its file
    #[command(after_help = "Example:\n  usher service remove")]
    Remove,
    /// Show whether the service is installed and runs
    #[command(after_help = "Examples:\n  usher service status\n  usher service status --json")]
    Status,
}
