//! The gateway, passes, and requests that go through it, but never the content of requests and responses.

pub(super) mod activity;
pub(super) mod service;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use ts_rs::TS;
use usher_domain::{AccountId, ErrorCode, PassSecret, ProviderId, Roles, UnixTime};

use super::FailureView;

/// Whether the gateway runs in this home, in whichever process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayView {
    /// It does.
    pub running: bool,
    /// Where, for example `http://127.0.0.1:18740`.
    pub address: Option<String>,
    /// Which kind of process runs it.
    pub by: Option<GatewayRunner>,
    /// Its number.
    pub process: Option<u32>,
}

/// Who runs a gateway.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GatewayRunner {
    /// Usher in the background.
    App,
    /// `usher serve`.
    #[default]
    Command,
    /// `usher run`, while its program runs.
    Run,
    /// `usher settings`.
    Settings,
    /// Usher in the background, of another version than the window; it is replaced once it answers no requests.
    OtherVersion,
}

/// How it stands with the gateway, as the window has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum GatewayStatus {
    /// None runs.
    Off {
        /// The port that is set.
        port: u16,
    },
    /// This process runs it, or the background process of this window.
    On {
        /// Where.
        address: String,
    },
    /// Another process of this home runs it.
    Elsewhere {
        /// Where.
        address: String,
        /// Which kind of process.
        by: GatewayRunner,
        /// Its number.
        process: u32,
    },
    /// It could not start, and was switched off.
    Failed {
        /// Why; `port_busy` names the holder.
        failure: FailureView,
        /// The port that is set.
        port: u16,
    },
}

/// A pass, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PassView {
    /// Names it for ever.
    pub id: String,
    /// What the person called it.
    pub name: String,
    /// The one provider that it is good for; absent: the one in use.
    pub provider: Option<ProviderId>,
    /// The one account.
    pub account: Option<AccountId>,
    /// Whose account that is: the person's name for it, else its e-mail address. Absent when it is not kept here.
    pub account_name: Option<String>,
    /// The one model.
    pub model: Option<String>,
    /// Its name for people.
    pub model_name: Option<String>,
    /// A note of what it is for, in passes that older versions made.
    pub project: Option<String>,
    /// Only for programs that run in this folder or below it.
    pub folder: Option<String>,
    /// For any provider: it may use one that is billed by the token.
    pub pay_per_token: bool,
    /// It may ask for the access token itself.
    pub token: bool,
    /// How many tokens it may use.
    #[ts(type = "number | null")]
    pub budget: Option<u64>,
    /// How much of a plan it leaves to others, in percent: it is a background pass then.
    pub leaves_percent: Option<u8>,
    /// What its requests use by role instead of what was chosen for the account.
    pub roles: Roles,
    /// It is of a program that `usher run` runs now, and ends with it.
    pub run: bool,
    /// When it was made.
    pub created_at: UnixTime,
    /// When it ends, if it does by itself.
    pub expires_at: Option<UnixTime>,
    /// When it was used last.
    pub last_used_at: Option<UnixTime>,
}

/// A change whose effect on passes is asked for before it is made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PassChange {
    /// The account is disconnected, and `next` is in use from then on, if any.
    Disconnect {
        /// Which.
        account: AccountId,
        /// The account that the user chose to use instead.
        next: Option<AccountId>,
    },
    /// The account is in use from then on.
    UseAccount {
        /// Which.
        account: AccountId,
    },
    /// The user chooses the provider that tools use, and an account of it.
    UseProvider {
        /// Which.
        provider: ProviderId,
        /// The account that is in use from then on; absent: the one that is.
        account: Option<AccountId>,
    },
    /// The provider is switched off.
    SwitchOff {
        /// Which.
        provider: ProviderId,
    },
    /// The key of the provider is deleted.
    ForgetKey {
        /// Which.
        provider: ProviderId,
    },
    /// The pass is revoked.
    Revoke {
        /// The id of the pass.
        pass: String,
    },
    /// The provider is removed.
    Remove {
        /// Which.
        provider: ProviderId,
    },
}

/// What the requests of one pass will use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PassOutcome {
    /// The name of the pass.
    pub pass: String,
    /// The outcome of its requests.
    pub next: PassUse,
    /// Whether that differs from now.
    pub changed: bool,
}

/// The outcome of the requests of a pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PassUse {
    /// They are refused.
    Refused {
        /// Why.
        failure: FailureView,
    },
    /// They are answered.
    Uses {
        /// The id of the provider.
        provider_id: ProviderId,
        /// The name of the provider.
        provider: String,
        /// The id of the account, where the provider has accounts.
        account_id: Option<AccountId>,
        /// The user's name for the account, else its e-mail address.
        account: Option<String>,
        /// Who pays: `plan`, `key` or `service`.
        paid_by: String,
    },
}

/// A pass to make.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
pub struct NewPass {
    /// What the person calls it.
    pub name: String,
    /// For this provider only.
    pub provider: Option<ProviderId>,
    /// For this account only.
    pub account: Option<AccountId>,
    /// For no provider and no account: for what is in use at each request.
    pub any_provider: bool,
    /// With `any_provider`: it may use a provider that is billed by the token.
    pub pay_per_token: bool,
    /// For this model only.
    pub model: Option<String>,
    /// Only for programs that run in this folder or below it.
    pub folder: Option<String>,
    /// How much of a plan it leaves to others, in percent.
    pub leaves_percent: Option<u8>,
    /// What its requests use by role instead of what was chosen for the account.
    pub roles: Roles,
    /// How many days it is good for; absent: until it is revoked.
    pub days: Option<u32>,
}

/// A pass that was just made, with its secret: the one answer that has one.
#[derive(Debug, Serialize, TS)]
pub struct CreatedPass {
    /// Which.
    pub pass: PassView,
    /// The secret that programs authenticate with.
    #[ts(type = "string")]
    pub secret: ShownSecret,
}

/// The secret of a pass on its way to the person who made it. It cannot be printed or copied; that it can be serialised
/// is its only purpose, and no other type of this module holds one.
pub struct ShownSecret(Arc<PassSecret>);

impl ShownSecret {
    pub(crate) fn new(secret: Arc<PassSecret>) -> Self {
        Self(secret)
    }
}

impl fmt::Debug for ShownSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShownSecret")
    }
}

impl Serialize for ShownSecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

/// A program, or kind of program, that lines to connect it are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SetupTool {
    /// Claude Code: variables of a shell.
    Claude,
    /// The Codex CLI: a part of its `config.toml`.
    Codex,
    /// Programs that speak OpenAI's API: variables of a shell.
    Openai,
    /// Programs that speak Anthropic's API: variables of a shell.
    Anthropic,
    /// A script in Python.
    Python,
}

impl SetupTool {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Claude, Self::Codex, Self::Openai, Self::Anthropic, Self::Python];
}

/// The lines that connect a program to the gateway. They name a pass and do not hold its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ToolSetup {
    /// Which program.
    pub tool: SetupTool,
    /// Name of the pass.
    pub pass: String,
    /// The lines, ready to copy.
    pub text: String,
}

/// What is new of the requests through the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RequestUpdate {
    /// Those that began or ended.
    pub requests: Vec<RequestView>,
    /// Whether these are all requests: a snapshot, which replaces everything sent before.
    pub whole: bool,
}

/// A request through the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RequestView {
    /// Names it as long as the process lasts; a later one has a higher number.
    #[ts(type = "number")]
    pub id: u64,
    /// Name of the pass that it came with.
    pub pass: String,
    /// `responses`, `chat_completions` or `messages`; `token` for a request for the access token itself.
    #[ts(type = "string")]
    pub dialect: Cow<'static, str>,
    /// Name of the model.
    pub model: String,
    /// The tier that was asked for: `fast`, or what the tool named. Known once the request has ended.
    pub tier: Option<String>,
    /// When it came.
    pub since: UnixTime,
    /// How it stands.
    pub status: RequestStatus,
    /// How long it took, in milliseconds; absent while it is answered.
    #[ts(type = "number | null")]
    pub took_ms: Option<u64>,
    /// Who pays for it; absent where no provider was asked.
    pub payer: Option<PayerView>,
    /// Tokens of the question, where that is known.
    #[ts(type = "number | null")]
    pub tokens_in: Option<u64>,
    /// Tokens of the answer.
    #[ts(type = "number | null")]
    pub tokens_out: Option<u64>,
    /// Why it was not answered.
    pub code: Option<ErrorCode>,
    /// What was asked for, and what was made of it.
    pub receipt: RequestReceipt,
}

/// What a program asked for and what was sent for it. Nearly all of it is known once the request has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RequestReceipt {
    /// What the pass is for.
    pub project: Option<String>,
    /// What the program asked for, in its own words.
    pub asked: RequestTerms,
    /// What the provider was sent; absent where none was.
    pub sent: Option<RequestTerms>,
    /// Names of the fields that were dropped, as in `x-usher-dropped`; the first 40.
    pub dropped: Vec<String>,
    /// How long it took until the first text or tool call, in milliseconds.
    #[ts(type = "number | null")]
    pub first_output_ms: Option<u64>,
    /// Tokens of the question that were read from the provider's prompt cache.
    #[ts(type = "number | null")]
    pub tokens_cached: Option<u64>,
    /// Tokens of the answer that were reasoning.
    #[ts(type = "number | null")]
    pub tokens_reasoning: Option<u64>,
    /// Why nothing was read from the cache, by the names of `usher activity receipts`; absent after a hit.
    #[ts(type = "string | null")]
    pub cache_miss: Option<Cow<'static, str>>,
    /// The provider's id of the request.
    pub request_id: Option<String>,
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RequestTerms {
    /// The id of the model; empty where none is named.
    pub model: String,
    /// The effort.
    pub effort: Option<String>,
    /// The tier: `fast`, or another word.
    pub tier: Option<String>,
}

/// Who pays for a request, as it was when the request came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PayerView {
    /// The id of the provider.
    pub provider_id: ProviderId,
    /// The name of the provider.
    pub provider: String,
    /// The id of the account, as `x-usher-account` has it; absent where the provider has none.
    pub account_id: Option<AccountId>,
    /// The user's name for the account, else its e-mail address.
    pub account: Option<String>,
    /// `plan`, `key` or `service`, as `x-usher-paid-by` has it.
    #[ts(type = "string")]
    pub paid_by: Cow<'static, str>,
}

/// How a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RequestStatus {
    /// It is being answered.
    Answering,
    /// It was answered.
    Done,
    /// The program that asked left before the end.
    Stopped,
    /// Its pass is not for the provider that it named.
    NotInPass,
    /// The plan or the provider allows no more for now.
    LimitReached,
    /// Anything else.
    Failed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_of_a_pass_is_in_its_answer_and_in_no_print() {
        let secret = || ShownSecret::new(Arc::new(PassSecret::new("usher_pass_wisteria")));
        assert!(!format!("{:?}", secret()).contains("wisteria"));
        assert_eq!(serde_json::to_string(&secret()).unwrap(), "\"usher_pass_wisteria\"");
    }
}
