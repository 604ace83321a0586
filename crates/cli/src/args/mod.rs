//! The arguments of the command line (contract §2).

mod providers;
mod service;
mod tools;
mod values;

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use usher_app::Target;
use usher_app::parse_provider_id;
use usher_app::view::SetupTool;
use usher_domain::ProviderId;

pub(crate) use self::providers::{AddProvider, ProvidersCommand, SetProvider};
pub(crate) use self::service::ServiceCommand;
pub(crate) use self::tools::ToolsCommand;

/// Use your OpenAI sign-in from every tool on this computer
#[derive(Debug, Parser)]
#[command(name = "usher", version, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print JSON: one document, or one line per event for long commands
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Provider to use, for example openai
    #[arg(long, global = true, value_name = "ID", value_parser = parse_provider_id)]
    pub(crate) provider: Option<ProviderId>,
    /// Account to use: its id, e-mail or name
    #[arg(long, global = true, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign in with OpenAI, or save a key
    #[command(
        after_help = "Examples:\n  usher login\n  usher login --device\n  usher login --account Personal"
    )]
    Login(LoginArguments),
    /// Show accounts, plan and limits (offline)
    #[command(after_help = "Examples:\n  usher status\n  usher status --json")]
    Status,
    /// List the models of your account or provider
    #[command(after_help = "Examples:\n  usher models\n  usher models --refresh --provider openai")]
    Models {
        /// Fetch the list again
        #[arg(long)]
        refresh: bool,
        /// Also list models that do not answer with text
        #[arg(long)]
        all: bool,
        /// Add a model by its id
        #[arg(long, value_name = "ID", conflicts_with = "forget")]
        add: Option<String>,
        /// Remove a model you added
        #[arg(long, value_name = "ID")]
        forget: Option<String>,
    },
    /// Choose a model
    #[command(
        override_usage = "usher use [OPTIONS] <MODEL>\n       usher use [OPTIONS] --effort <EFFORT>\n       usher use [OPTIONS] --small <MODEL>",
        after_help = "Examples:\n  usher use gpt-5.5\n  usher use gpt-5.5 --effort high"
    )]
    Use {
        /// Id of the model
        #[arg(required_unless_present_any = ["effort", "small"])]
        model: Option<String>,
        /// Reasoning effort
        #[arg(long)]
        effort: Option<String>,
        /// Background model for small tasks, for example of Claude Code
        #[arg(long, value_name = "MODEL")]
        small: Option<String>,
    },
    /// Show how much of your plan is used
    #[command(after_help = "Example:\n  usher usage")]
    Usage,
    /// Check each step, then ask the model for a one-word answer
    #[command(after_help = "Examples:\n  usher test\n  usher test --provider openai")]
    Test,
    /// Disconnect: end the sign-in at OpenAI and delete it here
    #[command(
        after_help = "Examples:\n  usher logout\n  usher logout --use-instead Business\n  usher logout --provider openai --yes"
    )]
    Logout {
        /// Use this account instead; without it none is in use
        #[arg(long, value_name = "ACCOUNT")]
        use_instead: Option<String>,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// List, add, change, remove, enable or disable providers
    #[command(
        after_help = "Examples:\n  usher providers\n  usher providers add openai-compatible --preset groq --api-key-stdin"
    )]
    Providers {
        #[command(subcommand)]
        command: Option<ProvidersCommand>,
    },
    /// List, switch, rename, sort or remove accounts of your plan
    #[command(after_help = "Examples:\n  usher accounts\n  usher accounts use ada@example.com")]
    Accounts {
        #[command(subcommand)]
        command: Option<AccountsCommand>,
    },
    /// Find sign-ins of other programs on this computer
    #[command(after_help = "Examples:\n  usher import\n  usher import --from codex")]
    Import {
        /// Import from this program
        #[arg(long, value_name = "PROGRAM")]
        from: Option<ProgramName>,
        /// Only show what was found
        #[arg(long)]
        dry_run: bool,
    },
    /// Run the gateway: other programs use your sign-in through it, each with a pass
    #[command(after_help = "Examples:\n  usher serve\n  usher serve --port 18800")]
    Serve {
        /// Port to listen on; 0 takes any free port [default: from config.toml, else 18740]
        #[arg(long)]
        port: Option<u16>,
        /// Loopback address to listen on; others are rejected
        #[arg(long, default_value = "127.0.0.1", value_parser = values::loopback)]
        host: IpAddr,
    },
    /// Run the gateway as a service that the system starts
    #[command(after_help = "Examples:\n  usher service install\n  usher service status")]
    Service {
        #[command(subcommand)]
        command: ServiceCommand,
    },
    /// Run a program with a pass of its own, which ends with the program
    #[command(after_help = RUN_HELP)]
    Run(RunArguments),
    /// Create, print, list or revoke passes for other programs
    #[command(after_help = "Examples:\n  usher pass new 'Claude Code'\n  usher pass revoke 'Claude Code'")]
    Pass {
        #[command(subcommand)]
        command: PassCommand,
    },
    /// Print the lines that connect a program to the gateway
    #[command(
        after_help = "Examples:\n  eval \"$(usher env claude)\" && claude\n  usher env codex --pass 'Codex CLI'"
    )]
    Env {
        /// Program or API to connect
        tool: ToolName,
        /// Name of the pass [default: the only one]
        #[arg(long, value_name = "NAME")]
        pass: Option<String>,
    },
    /// List tools of this computer, connect them to the gateway, or undo that
    #[command(
        after_help = "Examples:\n  usher tools\n  usher tools --copies\n  usher tools connect codex --dry-run\n  usher tools disconnect codex",
        args_conflicts_with_subcommands = true
    )]
    Tools {
        /// List every place of this computer that holds a sign-in of OpenAI, and whether two programs renew the same one
        #[arg(long)]
        copies: bool,
        #[command(subcommand)]
        command: Option<ToolsCommand>,
    },
    /// Check ports, network and settings
    #[command(after_help = "Examples:\n  usher doctor\n  usher doctor --repair")]
    Doctor {
        /// Also write a report that can be shared, without names, addresses and secrets
        #[arg(long)]
        export: bool,
        /// Mend what can be mended: set a store aside that cannot be read, and correct permissions
        #[arg(long)]
        repair: bool,
        /// Do not ask for confirmation
        #[arg(long, requires = "repair")]
        yes: bool,
    },
    #[command(flatten)]
    Terminal(TerminalCommand),
}

/// What a terminal needs to know of the commands. They need no home.
#[derive(Debug, Subcommand)]
pub(crate) enum TerminalCommand {
    /// Print a script that completes commands and options in a shell
    #[command(
        after_help = "Examples:\n  usher completions bash > ~/.local/share/bash-completion/completions/usher\n  usher completions fish > ~/.config/fish/completions/usher.fish"
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page of all commands, or write one for each
    #[command(after_help = "Examples:\n  usher man\n  usher man --to ~/.local/share/man/man1")]
    Man {
        /// Write the pages into this folder
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
    },
}

const RUN_HELP: &str = "\
The program finds the gateway and its pass in its environment (OPENAI_BASE_URL, OPENAI_API_KEY, ANTHROPIC_BASE_URL,
ANTHROPIC_AUTH_TOKEN); no file is changed. Variables that would win, such as ANTHROPIC_API_KEY, are taken out. Codex does
not read them for its own provider: a program named `codex` also gets `-c` options with a provider for this run. If no
gateway is running, this command runs one. It exits as the program does, with 127 if there is no such program.

Examples:
  usher run -- codex exec 'say hi'
  usher run --budget 200000 -- claude -p 'say hi'
  usher run --model gpt-5.5 -- python3 script.py";

/// The arguments of `usher run`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunArguments {
    /// Let it use what this pass may use, and no longer than this pass is valid
    #[arg(long, value_name = "NAME", conflicts_with = "model")]
    pub(crate) pass: Option<String>,
    /// Always use this model, whatever a request names
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// Refuse its requests once they have used this many tokens
    #[arg(long, value_name = "TOKENS", value_parser = clap::value_parser!(u64).range(1..=MAX_BUDGET))]
    pub(crate) budget: Option<u64>,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

/// More tokens than anybody uses, and exact as a number of JSON.
const MAX_BUDGET: u64 = 1_000_000_000_000;

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

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum PassCommand {
    /// Create a pass for the provider and account in use, or for --provider and --account
    #[command(
        after_help = "Examples:\n  usher pass new 'Claude Code'\n  usher pass new nightly --provider openai --expires 7d"
    )]
    New(NewPass),
    /// Print the secret of a pass, and nothing else
    #[command(after_help = "Example:\n  usher pass print 'Claude Code'")]
    Print {
        /// Name of the pass
        name: String,
    },
    /// List passes
    #[command(after_help = "Example:\n  usher pass list")]
    List,
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
    /// Also allow it to read the short-lived access token
    #[arg(long)]
    pub(crate) allow: Option<Allowed>,
}

/// What a pass may do besides model requests.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Allowed {
    Token,
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

impl Command {
    /// Returns whether the command may also send pending revocations.
    ///
    /// Commands that only show or edit local state do not use the network.
    pub(crate) fn may_use_network(&self) -> bool {
        !matches!(
            self,
            Self::Status
                | Self::Providers { .. }
                | Self::Accounts { .. }
                | Self::Pass { .. }
                | Self::Env { .. }
                | Self::Tools { .. }
                | Self::Serve { .. }
                | Self::Terminal(_)
                | Self::Run(_)
                | Self::Service { .. }
        )
    }

    /// Returns whether the command serves many requests at once and so needs all processors.
    pub(crate) fn serves(&self) -> bool {
        matches!(self, Self::Serve { .. } | Self::Run(_))
    }

    /// Returns whether the terminal belongs to another program meanwhile, so that no log may be written to it.
    pub(crate) fn gives_terminal_away(&self) -> bool {
        matches!(self, Self::Run(_))
    }

    /// Returns whether the command uses the one provider that the target selects.
    pub(crate) fn uses_provider(&self) -> bool {
        matches!(self, Self::Status | Self::Models { .. } | Self::Use { .. } | Self::Usage | Self::Test)
    }
}

#[derive(Debug, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct LoginArguments {
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

impl Arguments {
    /// Returns the target of `--provider` and `--account`.
    pub(crate) fn target(&self) -> Target {
        Target { provider: self.provider.clone(), account: self.account.clone() }
    }
}
