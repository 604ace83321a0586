//! `usher pass` and `usher env`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use usher_app::view::SetupTool;
use usher_domain::Role;

use super::roles::{RoleArguments, roles};
use super::values;

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum PassCommand {
    /// Create a pass for the provider and account in use, or for --provider and --account
    #[command(
        after_help = "Examples:\n  usher pass new 'Claude Code'\n  usher pass new nightly --provider openai --expires 7d"
    )]
    New(NewPass),
    /// Print the secret of a pass, and nothing else; with --json also when it expires
    #[command(after_help = "Examples:\n  usher pass print 'Claude Code'\n  usher pass print nightly --json")]
    Print {
        /// Name of the pass
        name: String,
    },
    /// List passes
    #[command(after_help = "Example:\n  usher pass list")]
    List,
    /// Change how much of the plan a pass leaves to others, and what it uses by role, from its next request on
    #[command(
        after_help = "Examples:\n  usher pass set nightly --leave 30\n  usher pass set nightly --role-model opus=gpt-5.5 --role-tier opus=fast\n  usher pass set nightly --role-reset opus"
    )]
    Set(ChangedPass),
    /// Revoke a pass; programs that use it are locked out at once
    #[command(after_help = "Example:\n  usher pass revoke 'Claude Code'")]
    Revoke {
        /// Name of the pass
        name: String,
    },
}

#[derive(Debug, Clone, Args)]
pub(crate) struct NewPass {
    /// Name of the pass, for example of the program that uses it
    pub(crate) name: String,
    /// Always use this model, whatever a request names
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// Only for programs that run in this folder or below it; requests of others are refused
    #[arg(long, value_name = "DIR")]
    pub(crate) project: Option<PathBuf>,
    /// Lifetime, for example 12h or 30d [default: until revoked]
    #[arg(long, value_name = "TIME", value_parser = values::seconds)]
    pub(crate) expires: Option<i64>,
    /// Do not bind it: each request uses the provider and account in use then
    #[arg(long)]
    pub(crate) any_provider: bool,
    /// Let a pass for any provider use API keys that are billed by the token
    #[arg(long, requires = "any_provider")]
    pub(crate) pay_per_token: bool,
    /// Make a background pass: its requests are refused when less than this share of a plan's window is left
    #[arg(long, value_name = "PERCENT", value_parser = values::percent)]
    pub(crate) leave: Option<u8>,
    #[command(flatten)]
    pub(crate) roles: RoleArguments,
    /// Also allow it to read the short-lived access token
    #[arg(long)]
    pub(crate) allow: Option<Allowed>,
}

/// The arguments of `usher pass set`.
#[derive(Debug, Clone, Args)]
#[command(group = clap::ArgGroup::new("change").required(true).multiple(true).args(
    ["leave", "role_model", "role_effort", "role_tier", "role_reset"]
))]
pub(crate) struct ChangedPass {
    /// Name of the pass
    pub(crate) name: String,
    /// Refuse its requests when less than this share of a plan's window is left; 0 leaves nothing
    #[arg(long, value_name = "PERCENT", value_parser = values::percent)]
    pub(crate) leave: Option<u8>,
    #[command(flatten)]
    pub(crate) roles: RoleArguments,
    /// Use for a role what was chosen for the account again
    #[arg(long, value_name = "ROLE", value_parser = roles())]
    pub(crate) role_reset: Vec<Role>,
}

/// What a pass may do besides model requests.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Allowed {
    Token,
}

/// Programs, and kinds of programs, that `usher env` knows.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum ToolName {
    /// Claude Code
    Claude,
    /// The Codex CLI, as a part of its config.toml
    Codex,
    /// Programs that use OpenAI's API
    Openai,
    /// Programs that use Anthropic's API
    Anthropic,
    /// A script in Python
    Python,
}

impl ToolName {
    /// Returns the name that the core uses.
    pub(crate) fn setup(self) -> SetupTool {
        match self {
            Self::Claude => SetupTool::Claude,
            Self::Codex => SetupTool::Codex,
            Self::Openai => SetupTool::Openai,
            Self::Anthropic => SetupTool::Anthropic,
            Self::Python => SetupTool::Python,
        }
    }
}
