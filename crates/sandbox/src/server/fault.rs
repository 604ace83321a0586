//! What can go wrong on purpose, and the plan of when.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::endpoint;

/// One failure of the far side or of the way there.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Answer with this status, without processing the request.
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
    /// Answer 401 (or `status`) with `{"error":{"code":…}}`: the codes of protocol §3.3 and protocol §10.
    Refuse {
        /// The error code.
        code: String,
        /// HTTP status; 401 unless given.
        #[serde(default = "unauthorized")]
        status: u16,
    },
    /// Wait, then process as usual.
    Delay {
        /// How long.
        ms: u64,
    },
    /// Accept the request and never answer it.
    Hang,
    /// Close the connection without processing the request.
    DropBefore,
    /// Process the request (rotate, revoke, …), then close the connection without answering.
    DropAfter,
    /// Process the request and close the connection half way through the answer's body.
    ResetMidBody,
    /// Process the request and answer 200 with this text instead.
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
        /// How many events get through.
        after_events: usize,
        /// End the body properly instead of dropping the connection.
        #[serde(default)]
        clean: bool,
    },
    /// Fall silent in the middle of an event stream.
    HangAfter {
        /// How many events get through.
        events: usize,
    },
    /// Put an event into the stream; a terminal one ends it.
    Event {
        /// The event's JSON, with its `type`.
        event: Value,
        /// How many events come before it; 1 unless given.
        #[serde(default = "one")]
        after_events: usize,
    },
}

fn unauthorized() -> u16 {
    401
}

fn one() -> usize {
    1
}

impl Fault {
    /// Whether it strikes inside an event stream.
    pub(crate) fn is_in_stream(&self) -> bool {
        matches!(self, Self::Cut { .. } | Self::HangAfter { .. } | Self::Event { .. })
    }
}

/// A fault that the endpoint's own event stream must bring about.
#[derive(Clone)]
pub(crate) struct StreamFault(pub(crate) Option<Fault>);

/// A fault with the place and the time it strikes.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Endpoint name.
    pub at: String,
    /// How many requests it strikes; 0 = every one until a reset.
    #[serde(default = "once")]
    pub times: u32,
    /// How many requests pass unharmed first.
    #[serde(default)]
    pub after: u32,
    /// What happens.
    pub fault: Fault,
}

fn once() -> u32 {
    1
}

impl Rule {
    /// `fault` at the next request to `at`.
    pub fn once(at: &str, fault: Fault) -> Self {
        Self { at: at.to_owned(), times: 1, after: 0, fault }
    }

    /// `fault` at every request to `at`.
    pub fn always(at: &str, fault: Fault) -> Self {
        Self { at: at.to_owned(), times: 0, after: 0, fault }
    }
}

/// Rules wait in a queue for each endpoint; the first of the queue decides about a request.
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
            if rule.fault.is_in_stream() && !endpoint::streams(&rule.at) {
                return Err(format!("{:?} does not stream", rule.at));
            }
        }
        self.rules().extend(rules);
        Ok(())
    }

    /// The fault that strikes this request, if one does.
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
