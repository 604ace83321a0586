//! What can be asked for (contract section 2).

use clap::{Args, Parser, Subcommand};
use usher_app::App;
use usher_domain::{ErrorCode, Failure};

/// Sign in to OpenAI once; Usher shows every tool on your computer in.
#[derive(Debug, Parser)]
#[command(name = "usher", version, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print one JSON document, or one line an event where a command says so
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Which provider
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) provider: Option<String>,
    /// Which account: its id, e-mail or name
    #[arg(long, global = true, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign in with OpenAI
    Login(LoginWay),
    /// Who is signed in, and how it stands; never uses the network
    Status,
    /// The models of your account
    Models {
        /// Ask OpenAI for the list now
        #[arg(long)]
        refresh: bool,
    },
    /// Choose a model
    Use {
        /// Id of the model
        #[arg(required_unless_present_any = ["effort", "small"])]
        model: Option<String>,
        /// Reasoning effort
        #[arg(long)]
        effort: Option<String>,
        /// What other programs' "fast" model maps to
        #[arg(long, value_name = "MODEL")]
        small: Option<String>,
    },
    /// How much of your plan is used
    Usage,
    /// Check each step, then ask the model for a one-word answer
    Test,
    /// Disconnect: end the sign-in at OpenAI and erase it here
    Logout {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// What could stand in the way of a sign-in
    Doctor,
}

impl Command {
    /// Whether a revocation that is owed may be made on the way. `status` alone never uses the network.
    pub(crate) fn may_use_network(&self) -> bool {
        !matches!(self, Self::Status)
    }
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct LoginWay {
    /// Print the address only; with --json one line an event
    #[arg(long, conflicts_with_all = ["device", "paste"])]
    pub(crate) no_browser: bool,
    /// Sign in with a code on any device
    #[arg(long, conflicts_with = "paste")]
    pub(crate) device: bool,
    /// Paste the address that the browser was sent to
    #[arg(long)]
    pub(crate) paste: bool,
    /// Read an API key from standard input
    #[arg(long)]
    pub(crate) api_key_stdin: bool,
    /// Read an access token from standard input
    #[arg(long)]
    pub(crate) access_token_stdin: bool,
    /// Seconds to wait [default: 300, with --device 900]
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: Option<u64>,
}

/// `--account` must name the account in use: this version keeps one in use at a time.
pub(crate) async fn check_account(arguments: &Arguments, app: &App) -> Result<(), Failure> {
    let Some(wanted) = arguments.account.as_deref() else { return Ok(()) };
    let in_use = app.overview().await?.account;
    let names = in_use.as_ref().is_some_and(|account| {
        [Some(account.id.0.as_str()), account.email.as_deref(), account.label.as_deref()]
            .contains(&Some(wanted))
    });
    if names {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::BadUsage, format!("{wanted} is not the account in use")))
}
