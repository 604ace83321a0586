//! The format of `auth.json`, which Codex may also store in the keyring (protocol §6).

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use usher_domain::{AccessToken, IdToken};

use crate::external::fields;

/// The fields that are read. There is none for the refresh token, so it is skipped and never in memory as a value; of
/// keys only their presence is read.
#[derive(Deserialize)]
pub(super) struct AuthFile {
    auth_mode: Option<String>,
    #[serde(rename = "OPENAI_API_KEY")]
    api_key: Option<IgnoredAny>,
    pub(super) tokens: Option<Tokens>,
    /// In RFC 3339 format.
    pub(super) last_refresh: Option<String>,
    agent_identity: Option<IgnoredAny>,
    personal_access_token: Option<IgnoredAny>,
    bedrock_api_key: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct Tokens {
    #[serde(default, deserialize_with = "fields::secret")]
    pub(super) id_token: Option<IdToken>,
    #[serde(default, deserialize_with = "fields::secret")]
    pub(super) access_token: Option<AccessToken>,
    pub(super) account_id: Option<String>,
    /// The issuer of the tokens (protocol correction 7).
    pub(super) oauth_provenance: Option<Provenance>,
}

#[derive(Deserialize)]
pub(super) struct Provenance {
    pub(super) issuer: Option<String>,
}

/// A method of Codex's sign-in that cannot be used in place as a ChatGPT sign-in (protocol §5.1, §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CodexOtherMode {
    /// An API key of the Platform.
    ApiKey,
    /// Tokens that the program that runs Codex supplies and refreshes.
    HostTokens,
    /// An agent that signs its requests.
    AgentIdentity,
    /// A token that a user created and that is never refreshed.
    PersonalAccessToken,
    /// A key of another provider.
    BedrockApiKey,
    /// A sign-in in memory only, for as long as Codex runs.
    Ephemeral,
    /// A method that this version of Usher does not know.
    Unknown,
}

impl CodexOtherMode {
    /// Returns what it is, as a sentence.
    pub fn description(self) -> &'static str {
        match self {
            Self::ApiKey => "Codex is signed in with an API key, not with ChatGPT",
            Self::HostTokens => "Codex gets its tokens from the program that runs it",
            Self::AgentIdentity => "Codex is signed in as an agent with a signing key",
            Self::PersonalAccessToken => "Codex is signed in with a personal access token",
            Self::BedrockApiKey => "Codex is signed in with a Bedrock key, not with ChatGPT",
            Self::Ephemeral => "Codex keeps its sign-in only in memory",
            Self::Unknown => "Codex is signed in with a method that this version of Usher does not know",
        }
    }

    /// Returns what the user can do instead of using it in place.
    pub fn suggestion(self) -> &'static str {
        match self {
            Self::ApiKey => "add the key with `usher login --api-key-stdin`, or sign in with OpenAI",
            Self::PersonalAccessToken => {
                "a token that begins with at- can be given to `usher login --access-token-stdin`"
            }
            _ => "sign in with OpenAI",
        }
    }
}

impl AuthFile {
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// Returns how Codex is signed in, if not with ChatGPT. Without `auth_mode` the first credential that is present
    /// counts, in the order in which Codex looks.
    pub(super) fn other_mode(&self) -> Option<CodexOtherMode> {
        match self.auth_mode.as_deref() {
            Some("chatgpt") => None,
            Some("apikey") => Some(CodexOtherMode::ApiKey),
            Some("chatgptAuthTokens") => Some(CodexOtherMode::HostTokens),
            Some("agentIdentity") => Some(CodexOtherMode::AgentIdentity),
            Some("personalAccessToken") => Some(CodexOtherMode::PersonalAccessToken),
            Some("bedrockApiKey") => Some(CodexOtherMode::BedrockApiKey),
            Some(_) => Some(CodexOtherMode::Unknown),
            None if self.personal_access_token.is_some() => Some(CodexOtherMode::PersonalAccessToken),
            None if self.bedrock_api_key.is_some() => Some(CodexOtherMode::BedrockApiKey),
            None if self.api_key.is_some() => Some(CodexOtherMode::ApiKey),
            None if self.tokens.is_none() && self.agent_identity.is_some() => {
                Some(CodexOtherMode::AgentIdentity)
            }
            None => None,
        }
    }
}
