//! The arguments of the command line (contract §2).

mod accounts;
mod activity;
mod background;
mod passes;
mod preferences;
mod providers;
mod roles;
mod run;
mod service;
mod settings;
mod setup;
mod tools;
mod transfer;
mod values;

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use clap_complete::Shell;
use usher_app::Target;
use usher_app::parse_provider_id;
use usher_domain::ProviderId;

pub(crate) use self::accounts::{AccountsCommand, LoginArguments, ProgramName};
pub(crate) use self::activity::{ActivityArguments, ActivityBy, ActivityCommand};
pub(crate) use self::background::BackgroundArguments;
pub(crate) use self::passes::{ChangedPass, NewPass, PassCommand, ToolName};
pub(crate) use self::preferences::PreferencesCommand;
pub(crate) use self::providers::{AddProvider, ProvidersCommand, SetProvider};
pub(crate) use self::roles::UseArguments;
pub(crate) use self::run::RunArguments;
pub(crate) use self::service::ServiceCommand;
pub(crate) use self::settings::SettingsArguments;
pub(crate) use self::setup::SetupArguments;
pub(crate) use self::tools::ToolsCommand;
pub(crate) use self::transfer::TransferCommand;

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
    /// Set up Usher step by step: provider, access, model, test, tools
    #[command(after_help = setup::SETUP_HELP)]
    Setup(SetupArguments),
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
        override_usage = "usher use [OPTIONS] <MODEL>\n       usher use [OPTIONS] --effort <EFFORT> | --tier <TIER>\n       usher use [OPTIONS] --small <MODEL>\n       usher use --role <ROLE> --reset",
        after_help = roles::USE_HELP
    )]
    Use(UseArguments),
    /// Show how much of your plan is used
    #[command(after_help = "Example:\n  usher usage")]
    Usage,
    /// Show what used your plan: requests and tokens by tool, model, account, payer or day (offline)
    #[command(after_help = activity::ACTIVITY_HELP)]
    Activity(ActivityArguments),
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
    /// Open the window's page in a browser, by a link that works once
    #[command(after_help = settings::SETTINGS_HELP)]
    Settings(SettingsArguments),
    /// List or change what you chose for Usher itself: proxy, language, how long counts are kept
    #[command(after_help = preferences::PREFERENCES_HELP)]
    Preferences {
        #[command(subcommand)]
        command: Option<PreferencesCommand>,
    },
    /// Move settings, and if asked sign-ins, to another computer, by an encrypted file
    #[command(after_help = transfer::TRANSFER_HELP)]
    Transfer {
        #[command(subcommand)]
        command: TransferCommand,
    },
    /// Run the gateway while no window is open; the window starts it
    #[command(hide = true, after_help = background::BACKGROUND_HELP)]
    Background(BackgroundArguments),
    /// Run a program with a pass of its own, which ends with the program
    #[command(after_help = run::RUN_HELP)]
    Run(RunArguments),
    /// Create, print, list or revoke passes for other programs
    #[command(after_help = "Examples:\n  usher pass new 'Claude Code'\n  usher pass revoke 'Claude Code'")]
    Pass {
        #[command(subcommand)]
        command: PassCommand,
    },
    /// Stop everything: lock all passes and cut running answers off
    #[command(after_help = "Example:\n  usher lock")]
    Lock,
    /// Allow passes again after `usher lock`
    #[command(after_help = "Example:\n  usher unlock")]
    Unlock,
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

/// What needs no home: what a terminal needs to know of the commands, and licences.
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
    /// List what others wrote that is built into Usher, or print the licences of one package
    #[command(after_help = "Examples:\n  usher licences\n  usher licences serde")]
    Licences {
        /// The package
        name: Option<String>,
    },
    /// Print the manual page of all commands, or write one for each
    #[command(after_help = "Examples:\n  usher man\n  usher man --to ~/.local/share/man/man1")]
    Man {
        /// Write the pages into this folder
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
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
                | Self::Activity(_)
                | Self::Providers { .. }
                | Self::Accounts { .. }
                | Self::Pass { .. }
                | Self::Lock
                | Self::Unlock
                | Self::Env { .. }
                | Self::Tools { .. }
                | Self::Serve { .. }
                | Self::Settings(_)
                | Self::Preferences { .. }
                | Self::Background(_)
                | Self::Terminal(_)
                | Self::Run(_)
                | Self::Service { .. }
        )
    }

    /// Returns whether the command serves many requests at once and so needs all processors.
    pub(crate) fn serves(&self) -> bool {
        matches!(self, Self::Serve { .. } | Self::Settings(_) | Self::Background(_) | Self::Run(_))
    }

    /// Returns whether an icon in the tray shows that it runs.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn has_icon(&self) -> bool {
        matches!(self, Self::Background(arguments) if !arguments.quit)
    }

    /// Returns whether the terminal belongs to another program meanwhile, or there is none, so that the log goes to its files.
    pub(crate) fn gives_terminal_away(&self) -> bool {
        matches!(self, Self::Run(_) | Self::Background(_))
    }

    /// Returns whether a signal ends it in order: it makes requests, and asks nothing. A question blocks, and Ctrl-C has to end
    /// that at once.
    pub(crate) fn ends_in_order(&self) -> bool {
        matches!(self, Self::Models { .. } | Self::Use { .. } | Self::Usage)
    }

    /// Returns whether the command uses the one provider that the target selects.
    pub(crate) fn uses_provider(&self) -> bool {
        matches!(self, Self::Status | Self::Models { .. } | Self::Use { .. } | Self::Usage | Self::Test)
    }
}

impl Arguments {
    /// Returns the target of `--provider` and `--account`.
    pub(crate) fn target(&self) -> Target {
        Target { provider: self.provider.clone(), account: self.account.clone() }
    }
}
