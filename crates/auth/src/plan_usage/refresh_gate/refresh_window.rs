//! When a refresh may be sent, and when it is due (siwc §7.2, §7.3).
//!
//! A refresh before `earliest_refresh_at` is refused *and spends the refresh token*: the sign-in is lost. A clock of this
//! computer that is wrong must therefore not open the gate. Two measures:
//!
//! - The wait is computed from the server's own times and counted on the local clock from the receipt of the response, so
//!   a clock that is wrong by a fixed amount changes nothing.
//! - A clock that was set in between would change it. So the server's time decides wherever it is known: a 401 carries
//!   it, and before any other refresh it is asked for ([`Readiness::ServerTimeNeeded`]).

use serde::{Deserialize, Serialize};
use usher_domain::{ErrorCode, Failure, UnixTime};

use super::earliest_refresh::EarliestRefresh;

/// A refresh is due so long before the access token expires, unless the gate is later.
const MARGIN_SECONDS: i64 = 5 * 60;
/// The lifetime of an access token where the response has none (siwc §0).
const USUAL_LIFETIME_SECONDS: i64 = 60 * 60;
/// The gate as seen: six minutes before the end of an hour, which is a tenth of it as well. The later of both counts where
/// it has to be guessed.
const GUESSED_GATE_SECONDS: i64 = 6 * 60;
/// Added to the gate for what clocks cut off, for a local one that runs fast, and for those of two of the issuer's
/// servers.
const TOLERANCE_SECONDS: i64 = 5;

/// The times of a token response that decide about refreshes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenTimes {
    /// `earliest_refresh_at`.
    pub earliest_refresh: EarliestRefresh,
    /// `expires_in`, in seconds.
    pub expires_in: Option<i64>,
    /// `Date`: the server's clock.
    pub server_date: Option<UnixTime>,
    /// The local clock when the response came.
    pub received_at: UnixTime,
}

/// The time of the local clock, and of the server's if it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The local clock.
    pub local: UnixTime,
    /// The `Date` of a response that just came.
    pub server: Option<UnixTime>,
}

/// When the tokens of a sign-in may be refreshed. Saved together with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshWindow {
    /// When the access token expires.
    expires: Moment,
    /// When a refresh is accepted; none if the server did not restrict it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gate: Option<Moment>,
}

/// One moment by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Moment {
    local: UnixTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    server: Option<UnixTime>,
}

/// What to do with the tokens now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// The access token is valid, and no refresh is due.
    NotDue,
    /// A refresh may be sent.
    Due,
    /// A refresh is due by the local clock. Get the server's time, and decide with it.
    ServerTimeNeeded,
    /// The access token has expired, and a refresh has to wait.
    Closed {
        /// When it may be sent, by the local clock.
        opens_at: UnixTime,
    },
}

impl RefreshWindow {
    /// Computes the window of tokens that just came.
    pub fn new(times: TokenTimes) -> Self {
        let lifetime = times.expires_in.unwrap_or(USUAL_LIFETIME_SECONDS).max(0);
        Self { expires: times.in_seconds(lifetime), gate: times.gate(lifetime) }
    }

    /// Returns when the access token expires, by the local clock.
    pub fn expires_at(&self) -> UnixTime {
        self.expires.local
    }

    /// Returns this window with the expiry of `older`, whose access token stays in use.
    #[must_use]
    pub(crate) fn with_expiry_of(self, older: &Self) -> Self {
        Self { expires: older.expires, ..self }
    }

    /// Returns whether the access token has expired.
    pub(crate) fn is_expired(&self, now: Now) -> bool {
        self.expires.has_come(now)
    }

    /// Returns whether the server's time is needed before any refresh.
    pub(crate) fn is_restricted(&self) -> bool {
        self.gate.is_some_and(|gate| gate.server.is_some())
    }

    /// Decides about tokens that nobody has refused.
    pub fn readiness(&self, now: Now) -> Readiness {
        let due = self.due();
        if !due.has_come(now) {
            return if self.is_expired(now) {
                Readiness::Closed { opens_at: due.on_local_clock(now) }
            } else {
                Readiness::NotDue
            };
        }
        if self.is_restricted() && now.server.is_none() {
            Readiness::ServerTimeNeeded
        } else {
            Readiness::Due
        }
    }

    /// Decides after a 401: whether a refresh may be sent. If not, nothing is spent, and the failure has the time of the
    /// retry.
    ///
    /// A 401 does not open the gate (siwc §7.3).
    pub fn after_unauthorized(&self, now: Now) -> Result<(), Failure> {
        match self.gate {
            Some(gate) if !gate.has_come(now) => {
                let cause = "OpenAI refused the access token, and a refresh now would end the sign-in; \
                             it is kept, and refreshed later";
                let opens_at = gate.on_local_clock(now);
                Err(Failure::new(ErrorCode::UpstreamError, cause).with_retry_at(Some(opens_at)))
            }
            _ => Ok(()),
        }
    }

    /// Returns when a refresh is due: five minutes before expiry, and never before the gate.
    fn due(&self) -> Moment {
        let by_margin = self.expires.plus(-MARGIN_SECONDS);
        self.gate.map_or(by_margin, |gate| by_margin.later_of(gate))
    }
}

impl TokenTimes {
    fn gate(&self, lifetime: i64) -> Option<Moment> {
        let guessed = (lifetime - GUESSED_GATE_SECONDS).max(lifetime - lifetime / 10);
        match (self.earliest_refresh, self.server_date) {
            (EarliestRefresh::NotGiven, _) => None,
            (EarliestRefresh::At(at), Some(date)) => {
                let wait = at.since(date).max(0).saturating_add(TOLERANCE_SECONDS);
                Some(Moment { server: Some(at.plus(TOLERANCE_SECONDS)), ..self.in_seconds(wait) })
            }
            // How far away it is, is not known without the server's clock.
            (EarliestRefresh::At(at), None) => Some(Moment {
                server: Some(at.plus(TOLERANCE_SECONDS)),
                ..self.in_seconds(guessed.saturating_add(TOLERANCE_SECONDS))
            }),
            (EarliestRefresh::Unreadable, _) => {
                Some(self.in_seconds(guessed.saturating_add(TOLERANCE_SECONDS)))
            }
        }
    }

    fn in_seconds(&self, seconds: i64) -> Moment {
        Moment {
            local: self.received_at.plus(seconds),
            server: self.server_date.map(|date| date.plus(seconds)),
        }
    }
}

impl Moment {
    fn plus(self, seconds: i64) -> Self {
        Self { local: self.local.plus(seconds), server: self.server.map(|server| server.plus(seconds)) }
    }

    fn later_of(self, other: Self) -> Self {
        // `None` is the smaller one.
        Self { local: self.local.max(other.local), server: self.server.max(other.server) }
    }

    /// Returns whether it has come. The server's time decides, if it is known.
    fn has_come(self, now: Now) -> bool {
        match (self.server, now.server) {
            (Some(at), Some(server)) => server >= at,
            _ => now.local >= self.local,
        }
    }

    /// Returns it by the local clock as that is set now.
    fn on_local_clock(self, now: Now) -> UnixTime {
        match (self.server, now.server) {
            (Some(at), Some(server)) => now.local.plus(at.since(server).max(0)),
            _ => self.local,
        }
    }
}
