//! The arguments of `usher providers`.

use clap::{Args, Subcommand};
use usher_app::parse_provider_id;
use usher_domain::{ProviderId, Wire};

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ProvidersCommand {
    /// List providers
    #[command(after_help = "Example:\n  usher providers list")]
    List,
    /// Add a provider
    #[command(
        after_help = "Examples:\n  usher providers add openai-compatible --preset groq --api-key-stdin\n  usher providers add openai-compatible --name GPU --base-url http://gpu.lan:8000/v1 --local-network"
    )]
    Add(AddProvider),
    /// Change a provider
    #[command(after_help = "Example:\n  usher providers set openai-compatible:groq --timeout 60")]
    Set(SetProvider),
    /// Remove a provider and its key
    #[command(after_help = "Example:\n  usher providers remove openai-compatible:groq")]
    Remove {
        /// Id of the provider
        #[arg(value_parser = parse_provider_id)]
        id: ProviderId,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Choose the provider that tools use: for new passes, and for passes for any provider
    #[command(after_help = "Example:\n  usher providers use openai")]
    Use {
        /// Id of the provider
        #[arg(value_parser = parse_provider_id)]
        id: ProviderId,
    },
    /// Switch on: tools can use it
    #[command(after_help = "Example:\n  usher providers enable openai")]
    Enable {
        /// Id of the provider
        #[arg(value_parser = parse_provider_id)]
        id: ProviderId,
    },
    /// Switch off: no more requests to it
    #[command(after_help = "Example:\n  usher providers disable openai")]
    Disable {
        /// Id of the provider
        #[arg(value_parser = parse_provider_id)]
        id: ProviderId,
    },
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
    /// Known service that provides the name and the base URL
    #[arg(long, value_name = "SERVICE")]
    pub(crate) preset: Option<String>,
    /// Read the API key from standard input
    #[arg(long)]
    pub(crate) api_key_stdin: bool,
    /// Seconds to wait for the first byte [default: 30]
    #[arg(long, value_name = "SECS")]
    pub(crate) timeout: Option<u32>,
    /// API of the service; the first test detects it if absent
    #[arg(long)]
    pub(crate) wire: Option<WireName>,
    /// Allow http://, for a service in your own network
    #[arg(long)]
    pub(crate) local_network: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct SetProvider {
    /// Id of the provider
    #[arg(value_parser = parse_provider_id)]
    pub(crate) id: ProviderId,
    /// Name of the service
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Base URL, with or without /v1
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Seconds to wait for the first byte
    #[arg(long, value_name = "SECS")]
    pub(crate) timeout: Option<u32>,
    /// API of the service
    #[arg(long)]
    pub(crate) wire: Option<WireName>,
    /// Allow http://, for a service in your own network
    #[arg(long, value_name = "BOOL")]
    pub(crate) local_network: Option<bool>,
    /// OpenAI-Organization header; empty removes it
    #[arg(long, value_name = "ID")]
    pub(crate) organization: Option<String>,
    /// OpenAI-Project header; empty removes it
    #[arg(long, value_name = "ID")]
    pub(crate) project: Option<String>,
    /// Read the API key from standard input
    #[arg(long, conflicts_with = "header_stdin")]
    pub(crate) api_key_stdin: bool,
    /// Read the value of a secret header from standard input
    #[arg(long, value_name = "NAME")]
    pub(crate) header_stdin: Option<String>,
    /// Remove a secret header
    #[arg(long, value_name = "NAME")]
    pub(crate) remove_header: Option<String>,
}

/// The two APIs, named as in config.toml.
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
