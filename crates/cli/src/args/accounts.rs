//! `usher login`, `usher accounts` and `usher import`.

use clap::{Args, Subcommand};

/// The arguments of `usher login`.
#[derive(Debug, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct LoginArguments {
    /// Sign in with OpenAI, for your tools; without it and --chatgpt a terminal is asked
    #[arg(long, conflicts_with = "chatgpt")]
    pub(crate) openai: bool,
    /// Continue with ChatGPT, for Usher only: OpenAI's sign-in for local apps
    #[arg(long, conflicts_with_all = ["api_key_stdin", "access_token_stdin"])]
    pub(crate) chatgpt: bool,
    /// With --account: ask again to let Usher use the plan of a ChatGPT sign-in
    #[arg(long, conflicts_with_all = ["openai", "device", "add", "api_key_stdin", "access_token_stdin"])]
    pub(crate) allow_plan: bool,
    /// Print the address instead of opening a browser
    #[arg(long, conflicts_with_all = ["device", "paste"])]
    pub(crate) no_browser: bool,
    /// Sign in with a code on any device
    #[arg(long, conflicts_with = "paste")]
    pub(crate) device: bool,
    /// Paste the redirect address from a browser on another computer
    #[arg(long)]
    pub(crate) paste: bool,
    /// Read an API key from standard input
    #[arg(long, conflicts_with_all = ["device", "paste", "no_browser", "access_token_stdin", "add"])]
    pub(crate) api_key_stdin: bool,
    /// Read an access token of a Business or Enterprise workspace from standard input
    #[arg(long, conflicts_with_all = ["device", "paste", "no_browser", "add"])]
    pub(crate) access_token_stdin: bool,
    /// Add another account; with --account instead, that account signs in again
    #[arg(long)]
    pub(crate) add: bool,
    /// What you call the account [default: Personal, or the name of its plan]
    #[arg(long, value_name = "NAME", conflicts_with = "api_key_stdin")]
    pub(crate) name: Option<String>,
    /// Seconds to wait [default: 300, with --device or --paste 900]
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: Option<u64>,
    /// Set a store aside that cannot be read, without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum AccountsCommand {
    /// List accounts; * marks the one in use
    #[command(after_help = "Example:\n  usher accounts list")]
    List,
    /// Use this account from the next request on
    #[command(after_help = "Example:\n  usher accounts use ada@example.com")]
    Use {
        /// Id, e-mail or name of the account
        account: String,
    },
    /// Name an account; an empty name removes it
    #[command(after_help = "Example:\n  usher accounts rename ada@example.com Work")]
    Rename {
        /// Id, e-mail or name of the account
        account: String,
        /// Its new name
        name: String,
    },
    /// Move an account up in the list
    #[command(after_help = "Example:\n  usher accounts up Work")]
    Up {
        /// Id, e-mail or name of the account
        account: String,
    },
    /// Move an account down in the list
    #[command(after_help = "Example:\n  usher accounts down Work")]
    Down {
        /// Id, e-mail or name of the account
        account: String,
    },
    /// Disconnect an account: end the sign-in at OpenAI and delete it here
    #[command(after_help = "Example:\n  usher accounts remove Work")]
    Remove {
        /// Id, e-mail or name of the account
        account: String,
        /// Use this account instead; without it none is in use
        #[arg(long, value_name = "ACCOUNT")]
        use_instead: Option<String>,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
}

/// Programs whose sign-ins Usher can find.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum ProgramName {
    Codex,
    Opencode,
    Pi,
    Missy,
    CliProxyApi,
    Goose,
}

impl ProgramName {
    /// Returns the id that the core uses.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Codex => "codex",
            Self::Opencode => "opencode",
            Self::Pi => "pi",
            Self::Missy => "missy",
            Self::CliProxyApi => "cli-proxy-api",
            Self::Goose => "goose",
        }
    }
}
