//! The format of `auth.json`, which Codex may also store in the keyring (protocol §6).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use usher_domain::{AccessToken, IdToken};

use crate::external::fields::{self, Presence};
use crate::tokens::claims::lenient;

/// The fields that are read. There is none for the refresh token, so it is skipped and never in memory as a value; of
/// keys only their presence is read, and an empty key is none.
#[derive(Deserialize)]
pub(super) struct AuthFile {
    #[serde(default, deserialize_with = "lenient")]
    auth_mode: Option<String>,
    #[serde(default, rename = "OPENAI_API_KEY")]
    api_key: Presence,
    pub(super) tokens: Option<Tokens>,
    pub(super) last_refresh: Option<Value>,
    #[serde(default)]
    agent_identity: Presence,
    #[serde(default)]
    personal_access_token: Presence,
    #[serde(default)]
    bedrock_api_key: Presence,
}

#[derive(Deserialize)]
pub(super) struct Tokens {
    #[serde(default, deserialize_with = "fields::secret")]
    pub(super) id_token: Option<IdToken>,
    #[serde(default, deserialize_with = "fields::secret")]
    pub(super) access_token: Option<AccessToken>,
    #[serde(default, deserialize_with = "lenient")]
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
            None if self.personal_access_token.0 => Some(CodexOtherMode::PersonalAccessToken),
            None if self.bedrock_api_key.0 => Some(CodexOtherMode::BedrockApiKey),
            None if self.api_key.0 => Some(CodexOtherMode::ApiKey),
            None if self.tokens.is_none() && self.agent_identity.0 => Some(CodexOtherMode::AgentIdentity),
            None => None,
        }
    }
}
