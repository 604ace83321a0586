//! The arguments of `usher tools`.

use clap::Subcommand;
use usher_app::RestoreIfSilent;

use super::values;

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ToolsCommand {
    /// List the tools that Usher knows, and which of them are connected
    #[command(after_help = "Example:\n  usher tools list")]
    List,
    /// Connect a tool: only named keys of its file change, and it gets a pass of its own
    #[command(
        after_help = "Examples:\n  usher tools connect codex --dry-run\n  usher tools connect codex --make-default"
    )]
    Connect {
        /// Name of the tool, as `usher tools` lists it
        tool: String,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
        /// Make Usher what the tool uses when it is not asked for anything else
        #[arg(long)]
        make_default: bool,
        /// Put its files back once the gateway has not answered for so many minutes, until it answers again; `off` ends that
        #[arg(long, value_name = "MINUTES", value_parser = values::silence)]
        restore_if_silent: Option<RestoreIfSilent>,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Connect a tool that has a sign-in of its own, and make Usher its default; its own sign-in stays until you end it
    #[command(after_help = "Examples:\n  usher tools move codex --dry-run\n  usher tools move codex")]
    Move {
        /// Name of the tool, as `usher tools --copies` lists it
        tool: String,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// List every place of this computer that holds a sign-in of OpenAI
    #[command(hide = true)]
    Copies,
    /// Put files back while the gateway does not answer; a timer starts this every minute
    #[command(hide = true)]
    Check,
    /// Run the smallest command of a connected tool that asks a model, to see that it uses Usher
    #[command(after_help = "Example:\n  usher tools try claude-code")]
    Try {
        /// Name of the tool, as `usher tools` lists it
        tool: String,
    },
    /// Put the files of a tool back and revoke its pass
    #[command(visible_alias = "undo", after_help = "Example:\n  usher tools disconnect codex")]
    Disconnect {
        /// Name of the tool, as `usher tools` lists it
        tool: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Put the files of all tools back and revoke their passes
    #[command(after_help = "Example:\n  usher tools restore")]
    Restore {
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
}
