//! The arguments of `usher transfer`.

use std::path::PathBuf;

use clap::Subcommand;

pub(super) const TRANSFER_HELP: &str = "Examples:\n  usher transfer export ~/usher-transfer.json --sign-ins\n  \
    usher transfer import ~/usher-transfer.json\n\n\
    Sign-ins are moved, not copied: only one computer can use them. Do not copy the file: where two\n\
    computers open it, OpenAI ends the sign-in.";

#[derive(Debug, Subcommand)]
pub(crate) enum TransferCommand {
    /// Write an encrypted file with the settings, and with sign-ins and keys that then leave this computer
    #[command(
        after_help = "Examples:\n  usher transfer export ~/usher-transfer.json\n  usher transfer export ~/usher-transfer.json --sign-ins"
    )]
    Export {
        /// The file. Interrupted, the same command with the same file goes on
        file: PathBuf,
        /// Also move the sign-ins and keys there; they cannot be used here any more
        #[arg(long)]
        sign_ins: bool,
        /// Read the passphrase from standard input
        #[arg(long)]
        passphrase_stdin: bool,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Open such a file, once: shows what is in it, and asks
    #[command(
        after_help = "Examples:\n  usher transfer import ~/usher-transfer.json --dry-run\n  usher transfer import ~/usher-transfer.json"
    )]
    Import {
        /// The file. Interrupted, the same command with the same file goes on
        file: PathBuf,
        /// Only show what is in it, and leave it as it is
        #[arg(long)]
        dry_run: bool,
        /// Leave the settings of this computer as they are
        #[arg(long)]
        no_settings: bool,
        /// Replace sign-ins and keys that are here already
        #[arg(long)]
        replace: bool,
        /// Read the passphrase from standard input
        #[arg(long)]
        passphrase_stdin: bool,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Take sign-ins back whose export was interrupted
    #[command(after_help = "Example:\n  usher transfer cancel")]
    Cancel {
        /// Also where the file cannot be found: nobody has it
        #[arg(long)]
        yes: bool,
    },
}
