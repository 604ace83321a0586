//! The arguments of `usher activity`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use usher_app::ActivityPeriod;

pub(crate) const ACTIVITY_HELP: &str = "Examples:\n  usher activity\n  usher activity --days 30 --by model\n  \
    usher activity --from 2026-11-01 --to 2026-11-15\n  usher activity receipts";

/// How many days are shown without a period.
const DAYS: u32 = 14;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ActivityArguments {
    /// The last days, today included: 1 to 90 [default: 14]
    #[arg(long, value_name = "N", conflicts_with_all = ["from", "to"])]
    days: Option<u32>,
    /// First day, for example 2026-11-01
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Last day [default: today]
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// What the table is by
    #[arg(long, value_name = "WHAT", default_value = "tool")]
    pub(crate) by: ActivityBy,
    /// Also write a line for each day, tool, account, payer and model to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<ActivityCommand>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ActivityBy {
    Tool,
    Model,
    Account,
    Payer,
    Day,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ActivityCommand {
    /// Show the last requests: who paid, what was cached, and what was dropped or mapped
    #[command(
        after_help = "Examples:\n  usher activity receipts\n  usher activity receipts --last 100 --json"
    )]
    Receipts {
        /// How many, newest first
        #[arg(long, value_name = "N", default_value_t = 20)]
        last: usize,
    },
    /// Delete all counts and receipts
    #[command(after_help = "Example:\n  usher activity clear --yes")]
    Clear {
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
}

impl ActivityArguments {
    /// Returns the days that are asked for.
    pub(crate) fn period(&self) -> ActivityPeriod {
        if self.from.is_some() || self.to.is_some() {
            return ActivityPeriod::Range { from: self.from.clone(), to: self.to.clone() };
        }
        ActivityPeriod::Days(self.days.unwrap_or(DAYS))
    }
}
