//! What can be asked for (contract section 2).

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use usher_app::Target;
use usher_domain::{ProviderId, Wire};

use crate::{pass, serve};

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
    pub(crate) provider: Option<ProviderId>,
    /// Which account: its id, e-mail or name
    #[arg(long, global = true, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign in with OpenAI, or save a key
    Login(LoginWay),
    /// Who is signed in, and how it stands; never uses the network
    Status,
    /// The models of your account or provider
    Models {
        /// Ask for the list now
        #[arg(long)]
        refresh: bool,
        /// Also those that do not answer with text
        #[arg(long)]
        all: bool,
        /// Add a model by its id
        #[arg(long, value_name = "ID", conflicts_with = "forget")]
        add: Option<String>,
        /// Take a model that was added out
        #[arg(long, value_name = "ID")]
        forget: Option<String>,
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
    /// Providers: list, add, set, remove, enable, disable
    Providers {
        #[command(subcommand)]
        command: Option<ProvidersCommand>,
    },
    /// Accounts of your plan: list, use, rename, up, down, remove
    Accounts {
        #[command(subcommand)]
        command: Option<AccountsCommand>,
    },
    /// Sign-ins that other programs of this computer hold
    Import {
        /// Use that of one program
        #[arg(long, value_name = "PROGRAM")]
        from: Option<ProgramName>,
        /// Only show what was found
        #[arg(long)]
        dry_run: bool,
    },
    /// Run the gateway, through which other programs use your sign-in with a pass
    Serve {
        /// Where it listens; 0 takes any free port [default: that of config.toml, else 18740]
        #[arg(long)]
        port: Option<u16>,
        /// An address of this computer; any other is refused
        #[arg(long, default_value = "127.0.0.1", value_parser = serve::loopback)]
        host: IpAddr,
    },
    /// Passes of other programs: new, print, list, revoke
    Pass {
        #[command(subcommand)]
        command: PassCommand,
    },
    /// What could stand in the way of a sign-in
    Doctor {
        /// Also write it to a file that can be shared, without names, addresses and secrets
        #[arg(long)]
        export: bool,
    },
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ProvidersCommand {
    /// All of them
    List,
    /// Add one
    Add(AddProvider),
    /// Change one
    Set(SetProvider),
    /// Take one out, with its key
    Remove { id: ProviderId },
    /// Let tools use it
    Enable { id: ProviderId },
    /// Refuse tools, and speak to its host no more
    Disable { id: ProviderId },
}

#[derive(Debug, Clone, Args)]
pub(crate) struct AddProvider {
    /// openai-compatible, openai or codex-cli
    pub(crate) kind: String,
    /// Name of the service
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Base URL, with or without /v1
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// A known service, for its name and address
    #[arg(long, value_name = "SERVICE")]
    pub(crate) preset: Option<String>,
    /// Read its key from standard input
    #[arg(long)]
    pub(crate) api_key_stdin: bool,
    /// Seconds that it may take to the first byte [default: 30]
    #[arg(long, value_name = "SECS")]
    pub(crate) timeout: Option<u32>,
    /// Which API it has; found out by the first test if absent
    #[arg(long)]
    pub(crate) wire: Option<WireName>,
    /// Accept http:// for it, because it is in your own network
    #[arg(long)]
    pub(crate) local_network: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct SetProvider {
    /// Which
    pub(crate) id: ProviderId,
    /// Name of the service
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Base URL, with or without /v1
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Seconds that it may take to the first byte
    #[arg(long, value_name = "SECS")]
    pub(crate) timeout: Option<u32>,
    /// Which API it has
    #[arg(long)]
    pub(crate) wire: Option<WireName>,
    /// Accept http:// for it, because it is in your own network
    #[arg(long, value_name = "BOOL")]
    pub(crate) local_network: Option<bool>,
    /// OpenAI-Organization; empty takes it away
    #[arg(long, value_name = "ID")]
    pub(crate) organization: Option<String>,
    /// OpenAI-Project; empty takes it away
    #[arg(long, value_name = "ID")]
    pub(crate) project: Option<String>,
    /// Read its key from standard input
    #[arg(long, conflicts_with = "header_stdin")]
    pub(crate) api_key_stdin: bool,
    /// Read the value of a secret header from standard input
    #[arg(long, value_name = "NAME")]
    pub(crate) header_stdin: Option<String>,
    /// Forget a secret header
    #[arg(long, value_name = "NAME")]
    pub(crate) remove_header: Option<String>,
}

/// Programs whose sign-ins are looked for.
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
    /// As the core names it.
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

/// The two APIs by their words in config.toml.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum WireName {
    Responses,
    ChatCompletions,
}

impl From<WireName> for Wire {
    fn from(name: WireName) -> Self {
        match name {
            WireName::Responses => Self::Responses,
            WireName::ChatCompletions => Self::ChatCompletions,
        }
    }
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum PassCommand {
    /// Make one, for --provider and --account if they are given
    New(NewPass),
    /// Print one, and nothing else
    Print { name: String },
    /// All of them
    List,
    /// End one; programs that use it are refused from now on
    Revoke { name: String },
}

#[derive(Debug, Clone, Args)]
pub(crate) struct NewPass {
    /// What you call it, for example the program that gets it
    pub(crate) name: String,
    /// This model only, whatever a request names
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// The folder that it is for
    #[arg(long, value_name = "DIR")]
    pub(crate) project: Option<PathBuf>,
    /// How long it is good, for example 12h or 30d; until it is revoked if absent
    #[arg(long, value_name = "TIME", value_parser = pass::seconds)]
    pub(crate) expires: Option<i64>,
    /// Let it ask for the short-lived access token itself
    #[arg(long)]
    pub(crate) allow: Option<Allowed>,
}

/// What a pass may be allowed besides asking models.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Allowed {
    Token,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum AccountsCommand {
    /// All of them; * marks the one in use
    List,
    /// Use this one from the next request on
    Use { account: String },
    /// Give it a name of your own; an empty one takes it away
    Rename { account: String, name: String },
    /// Move it up in the list
    Up { account: String },
    /// Move it down in the list
    Down { account: String },
    /// Disconnect it: end the sign-in at OpenAI and erase it here
    Remove {
        account: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

impl Command {
    /// Whether a revocation that is owed may be made on the way. Commands that only look or only edit do not use the
    /// network.
    pub(crate) fn may_use_network(&self) -> bool {
        !matches!(
            self,
            Self::Status
                | Self::Providers { .. }
                | Self::Accounts { .. }
                | Self::Pass { .. }
                | Self::Serve { .. }
        )
    }

    /// Whether it serves many at once, and so wants all processors.
    pub(crate) fn serves(&self) -> bool {
        matches!(self, Self::Serve { .. })
    }

    /// Whether it is about the one provider that the target means.
    pub(crate) fn asks_a_provider(&self) -> bool {
        matches!(self, Self::Status | Self::Models { .. } | Self::Use { .. } | Self::Usage | Self::Test)
    }
}

#[derive(Debug, Default, Args)]
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
    #[arg(long, conflicts_with_all = ["device", "paste", "no_browser", "access_token_stdin", "add"])]
    pub(crate) api_key_stdin: bool,
    /// Read an access token of a Business or Enterprise workspace from standard input
    #[arg(long, conflicts_with_all = ["device", "paste", "no_browser", "add"])]
    pub(crate) access_token_stdin: bool,
    /// Sign in with another account beside those that are there
    #[arg(long)]
    pub(crate) add: bool,
    /// Seconds to wait [default: 300, with --device 900]
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: Option<u64>,
}

impl Arguments {
    /// What `--provider` and `--account` mean.
    pub(crate) fn target(&self) -> Target {
        Target { provider: self.provider.clone(), account: self.account.clone() }
    }
}
