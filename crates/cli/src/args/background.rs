//! The arguments of `usher background`.

use clap::Args;

pub(super) const BACKGROUND_HELP: &str = "\
The window starts it when the gateway is on. It ends by itself when the gateway is off and no window is open.

Examples:
  usher background
  usher background --quit";

/// The arguments of `usher background`.
#[derive(Debug, Clone, Args)]
pub(crate) struct BackgroundArguments {
    /// End the one that runs, after the answers that are under way
    #[arg(long)]
    pub(crate) quit: bool,
}
