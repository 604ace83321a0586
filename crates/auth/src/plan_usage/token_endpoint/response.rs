//! A successful response of the token endpoint (siwc §5, §7.1).

use serde::Deserialize;
use serde_json::Value;
use usher_domain::{AccessToken, IdToken, RefreshToken, Secret, UnixTime};
use usher_net::{HttpResponse, NetError};

use crate::plan_usage::refresh_gate::earliest_refresh::EarliestRefresh;
use crate::plan_usage::refresh_gate::refresh_window::{RefreshWindow, TokenTimes};
use crate::store::Scopes;
use crate::tokens::claims::lenient;

/// A token response is three tokens and a few numbers.
const MAX_RESPONSE_BYTES: usize = 256 * 1024;

/// The fields of a token response, each if present.
pub(super) struct TokenResponse {
    pub(super) access: Option<AccessToken>,
    pub(super) refresh: Option<RefreshToken>,
    pub(super) id: Option<IdToken>,
    pub(super) scopes: Option<Scopes>,
    /// The length of the longest token, in bytes.
    pub(super) longest: usize,
    expires_in: Option<i64>,
    earliest_refresh: EarliestRefresh,
}

#[derive(Deserialize)]
struct Body {
    access_token: Option<String>,
    refresh_token: Option<String>,
    id_token: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    scope: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    expires_in: Option<i64>,
    earliest_refresh_at: Option<Value>,
}

impl TokenResponse {
    /// Reads a response. Unknown fields are ignored; a known one of another kind counts as missing, but not a token.
    pub(super) async fn read(response: HttpResponse) -> Result<Self, NetError> {
        let body: Body = response.json(MAX_RESPONSE_BYTES).await?;
        let length = |token: &Option<String>| token.as_ref().map_or(0, String::len);
        let longest = length(&body.access_token).max(length(&body.refresh_token)).max(length(&body.id_token));
        Ok(Self {
            access: token(body.access_token),
            refresh: token(body.refresh_token),
            id: token(body.id_token),
            scopes: body.scope.map(|scope| Scopes::parse(&scope)),
            longest,
            expires_in: body.expires_in,
            earliest_refresh: EarliestRefresh::parse(body.earliest_refresh_at.as_ref()),
        })
    }

    /// Returns when the tokens may be refreshed, which came at `received_at` of the local clock.
    pub(super) fn window(&self, received_at: UnixTime, server_date: Option<UnixTime>) -> RefreshWindow {
        RefreshWindow::new(TokenTimes {
            earliest_refresh: self.earliest_refresh,
            expires_in: self.expires_in,
            server_date,
            received_at,
        })
    }
}

/// Returns the token; a blank one counts as missing, or it would replace a good one.
fn token<Kind>(text: Option<String>) -> Option<Secret<Kind>> {
    text.filter(|text| !text.trim().is_empty()).map(Secret::new)
}
