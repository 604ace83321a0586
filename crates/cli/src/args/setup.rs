//! `usher setup`.

use clap::Args;

pub(super) const SETUP_HELP: &str = "\
It asks on a terminal, with arrow keys, and before it changes anything. It asks line by line with --plain, where ACCESSIBLE
is set, and on a terminal that can do no more (TERM=dumb).

Examples:
  usher setup
  usher setup --plain";

/// The arguments of `usher setup`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SetupArguments {
    /// Ask line by line, without arrow keys and colors
    #[arg(long)]
    pub(crate) plain: bool,
    /// Seconds to wait for a sign-in [default: 300, with a code or a pasted address 900]
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: Option<u64>,
}
