//! Faults: what goes wrong on purpose, and when.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::endpoint;
use crate::plan_usage::error::PlanUsageError;

/// A failure of the server or of the network.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Respond with this status, without processing the request.
    Status {
        /// HTTP status.
        status: u16,
        /// A string is sent as it is, anything else as JSON.
        #[serde(default)]
        body: Value,
        /// Extra response headers.
        #[serde(default)]
        headers: BTreeMap<String, String>,
    },
    /// Respond with 401 (or `status`) and `{"error":{"code":…}}`: the codes of protocol §3.3 and protocol §10.
    Refuse {
        /// The error code.
        code: String,
        /// HTTP status; 401 unless given.
        #[serde(default = "unauthorized")]
        status: u16,
    },
    /// Respond with an error of the token endpoint of Sign in with `ChatGPT` (siwc §7.4).
    TokenError {
        /// The error code.
        code: String,
        /// HTTP status; 400 unless given.
        #[serde(default = "bad_request")]
        status: u16,
        /// The form of the body.
        #[serde(default)]
        body: TokenErrorBody,
    },
    /// Respond with an error of the API for its tokens, or end a stream with it (siwc §11).
    PlanUsage {
        /// The error.
        error: PlanUsageError,
        /// How many events are sent first; without it the response is the error.
        #[serde(default)]
        after_events: Option<usize>,
    },
    /// Wait, then process as usual.
    Delay {
        /// How long.
        ms: u64,
    },
    /// Accept the request and never respond.
    Hang,
    /// Close the connection without processing the request.
    DropBefore,
    /// Process the request (rotate, revoke, …), then close the connection without a response.
    DropAfter,
    /// Process the request and close the connection in the middle of the response's body.
    ResetMidBody,
    /// Process the request and respond with 200 and this text instead.
    Malformed {
        /// The text.
        body: String,
    },
    /// A Cloudflare challenge page: 403, HTML, `cf-ray` (protocol §10).
    HtmlChallenge,
    /// 403 `unsupported_country_region_territory` (protocol §2.2).
    Region,
    /// 429 `usage_limit_reached` with the limit headers (protocol §10.1).
    UsageLimit,
    /// End an event stream early.
    Cut {
        /// How many events are sent first.
        after_events: usize,
        /// End the body properly instead of dropping the connection.
        #[serde(default)]
        clean: bool,
    },
    /// Stop sending in the middle of an event stream.
    HangAfter {
        /// How many events are sent first.
        events: usize,
    },
    /// Insert an event into the stream; a terminal one ends it.
    Event {
        /// The event's JSON, with its `type`.
        event: Value,
        /// How many events are sent first; 1 unless given.
        #[serde(default = "one")]
        after_events: usize,
    },
}

fn unauthorized() -> u16 {
    401
}

fn bad_request() -> u16 {
    400
}

fn one() -> usize {
    1
}

impl Fault {
    /// Returns whether it happens inside an event stream.
    pub(crate) fn is_in_stream(&self) -> bool {
        matches!(
            self,
            Self::Cut { .. }
                | Self::HangAfter { .. }
                | Self::Event { .. }
                | Self::PlanUsage { after_events: Some(_), .. }
        )
    }

    /// Returns whether it can only happen at endpoints of Sign in with `ChatGPT`.
    fn is_of_plan_usage(&self) -> bool {
        matches!(self, Self::PlanUsage { .. } | Self::TokenError { .. })
    }

    /// Returns whether it is an error that no stream can end with.
    fn is_wrong_in_stream(&self) -> bool {
        matches!(self, Self::PlanUsage { error, after_events: Some(_) } if !error.can_be_in_stream())
    }
}

/// The forms of an error body of the token endpoint (siwc §5).
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenErrorBody {
    /// `{"error":"…","error_description":"…"}`.
    #[default]
    Oauth,
    /// `{"error":{"code":"…","message":"…"}}`.
    Object,
    /// `{"code":"…"}`.
    TopLevel,
}

impl TokenErrorBody {
    pub(super) fn with_code(self, code: &str) -> Value {
        let text = format!("The sandbox refused: {code}.");
        match self {
            Self::Oauth => json!({ "error": code, "error_description": text }),
            Self::Object => json!({ "error": { "code": code, "message": text } }),
            Self::TopLevel => json!({ "code": code }),
        }
    }
}

/// The fault that happens in the endpoint's event stream, if there is one.
#[derive(Clone)]
pub(crate) struct StreamFault(pub(crate) Option<Fault>);

/// A fault, with the endpoint and the requests that it applies to.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Endpoint name.
    pub at: String,
    /// How many requests it applies to; 0 = every one until a reset.
    #[serde(default = "once")]
    pub times: u32,
    /// How many requests are processed as usual first.
    #[serde(default)]
    pub after: u32,
    /// What happens.
    pub fault: Fault,
}

fn once() -> u32 {
    1
}

impl Rule {
    /// Makes a rule for the next request to `at`.
    pub fn once(at: &str, fault: Fault) -> Self {
        Self { at: at.to_owned(), times: 1, after: 0, fault }
    }

    /// Makes a rule for every request to `at`.
    pub fn always(at: &str, fault: Fault) -> Self {
        Self { at: at.to_owned(), times: 0, after: 0, fault }
    }
}

/// A queue of rules for each endpoint; the first of the queue decides about a request.
#[derive(Default)]
pub(crate) struct FaultPlan {
    rules: Mutex<VecDeque<Rule>>,
}

impl FaultPlan {
    /// Adds `rules`, all or none.
    pub(crate) fn push(&self, rules: Vec<Rule>) -> Result<(), String> {
        for rule in &rules {
            if !endpoint::is_known(&rule.at) {
                return Err(format!("no endpoint is called {:?}", rule.at));
            }
            if rule.fault.is_in_stream() && !endpoint::is_streaming(&rule.at) {
                return Err(format!("{:?} does not stream", rule.at));
            }
            if rule.fault.is_of_plan_usage() && !rule.at.starts_with("plan.") {
                return Err(format!("{:?} is not of Sign in with ChatGPT", rule.at));
            }
            if rule.fault.is_wrong_in_stream() {
                return Err("this error has no code that an event could have".to_owned());
            }
        }
        self.rules().extend(rules);
        Ok(())
    }

    /// Returns the fault for this request, if there is one.
    pub(crate) fn take_next(&self, endpoint: &str) -> Option<Fault> {
        let mut rules = self.rules();
        let position = rules.iter().position(|rule| rule.at == endpoint)?;
        let rule = &mut rules[position];
        if rule.after > 0 {
            rule.after -= 1;
            return None;
        }
        let fault = rule.fault.clone();
        match rule.times {
            0 => {}
            1 => drop(rules.remove(position)),
            _ => rule.times -= 1,
        }
        Some(fault)
    }

    pub(crate) fn pending(&self) -> Vec<Rule> {
        self.rules().iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.rules().clear();
    }

    fn rules(&self) -> std::sync::MutexGuard<'_, VecDeque<Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
