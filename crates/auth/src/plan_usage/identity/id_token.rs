//! Verifies ID tokens before anything of a sign-in is saved or used (siwc §6, OpenID Connect Core §3.1.3.7).

use std::sync::Arc;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde::de::IgnoredAny;
use usher_domain::ports::Clock;
use usher_domain::{Endpoints, ErrorCode, Failure, IdToken, UnixTime};
use usher_net::HttpClient;

use super::signing_keys::SigningKeys;
use crate::plan_usage::registrations::client_id::IssuedClientId;
use crate::tokens::claims::printable;

/// OpenAI's own code allows five seconds, others up to this.
const LEEWAY_SECONDS: i64 = 60;
const KEYS_PATH: &str = "/.well-known/jwks.json";

/// Verifies the ID tokens of one issuer.
pub struct IdTokenVerifier {
    issuer: String,
    keys: SigningKeys,
}

/// What an ID token has to be about.
#[derive(Debug, Clone, Copy)]
pub struct ExpectedIdentity<'a> {
    /// The issued client id.
    pub client_id: &'a IssuedClientId,
    /// The nonce of the authorization request; none for a token of a refresh, which is not bound to one.
    pub nonce: Option<&'a str>,
    /// The `sub` of the registration, if it is known.
    pub subject: Option<&'a str>,
}

/// Whose ID token it is. Nothing else of it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedIdentity {
    /// The stable id of the person, to be compared within one registration only.
    pub subject: String,
    /// The e-mail address, as a label.
    pub email: Option<String>,
}

/// Why an ID token was not verified; the variants differ in what to do with the tokens beside it.
#[derive(Debug)]
pub enum IdTokenError {
    /// The issuer's keys, or the one that is named, are not available, so nothing is known. Refreshed tokens are kept aside and verified later.
    KeysUnavailable(Failure),
    /// It was not issued by this issuer, for this client and this sign-in, or is not valid any more.
    NotGenuine(Failure),
    /// It is genuine, and another person's than the one of the registration.
    OtherPerson(Failure),
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    #[serde(rename = "iat")]
    _issued_at: f64,
    nonce: Option<String>,
    email: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    Several(Vec<String>),
    One(IgnoredAny),
}

impl IdTokenVerifier {
    /// Creates the verifier of the issuer in `endpoints`. Nothing is fetched yet.
    pub fn new(http: Arc<HttpClient>, endpoints: &Endpoints, clock: Arc<dyn Clock>) -> Self {
        let issuer = endpoints.issuer.as_str().trim_end_matches('/').to_owned();
        Self { issuer, keys: SigningKeys::new(http, endpoints.at_issuer(KEYS_PATH), clock) }
    }

    /// Verifies the signature and the claims of a token.
    ///
    /// `now` is the server's time, from the response that had the token, wherever that is known: a wrong clock of this
    /// computer does not make a token expire.
    pub async fn verify(
        &self,
        token: &IdToken,
        expected: ExpectedIdentity<'_>,
        now: UnixTime,
    ) -> Result<VerifiedIdentity, IdTokenError> {
        let claims = self.verify_signature(token, expected.client_id).await?;
        check_party(&claims, expected.client_id)?;
        check_expiry(&claims, now)?;
        if expected.nonce.is_some_and(|nonce| claims.nonce.as_deref() != Some(nonce)) {
            return Err(not_genuine("it belongs to another sign-in"));
        }
        let subject = printable(Some(claims.sub)).ok_or_else(|| not_genuine("it names no person"))?;
        if expected.subject.is_some_and(|known| known != subject) {
            let cause = "another person signed in than the one whose registration this is; nothing was saved";
            return Err(IdTokenError::OtherPerson(Failure::new(ErrorCode::OtherAccount, cause)));
        }
        let email = claims.email.and_then(|email| email.as_str().map(str::to_owned));
        Ok(VerifiedIdentity { subject, email: printable(email) })
    }

    /// Verifies the signature, the issuer and the audience.
    async fn verify_signature(
        &self,
        token: &IdToken,
        client_id: &IssuedClientId,
    ) -> Result<Claims, IdTokenError> {
        let header = decode_header(token.expose()).map_err(|_| not_genuine("it is not a signed token"))?;
        if header.alg != Algorithm::RS256 {
            return Err(not_genuine("it is not signed by RS256"));
        }
        let key_id = header.kid.ok_or_else(|| not_genuine("it does not name its key"))?;
        let key = self.keys.find(&key_id).await.map_err(IdTokenError::KeysUnavailable)?;
        // It may be published later than it signs, and what came with the token must not be lost by that.
        let key = key.ok_or_else(|| {
            let cause = "the issuer does not publish the key of the ID token yet";
            IdTokenError::KeysUnavailable(Failure::new(ErrorCode::UpstreamError, cause))
        })?;
        let key =
            DecodingKey::from_jwk(&key).map_err(|_| not_genuine("the issuer's key is not one of RSA"))?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[client_id.as_str()]);
        // Checked against another clock than the library's.
        validation.validate_exp = false;
        decode::<Claims>(token.expose(), &key, &validation)
            .map(|verified| verified.claims)
            .map_err(|error| not_genuine(describe(error.kind())))
    }
}

impl IdTokenError {
    /// Returns the failure.
    pub fn into_failure(self) -> Failure {
        match self {
            Self::KeysUnavailable(failure) | Self::NotGenuine(failure) | Self::OtherPerson(failure) => {
                failure
            }
        }
    }
}

/// Checks `azp`: this client, and required if there are several audiences.
fn check_party(claims: &Claims, client_id: &IssuedClientId) -> Result<(), IdTokenError> {
    let audiences = match &claims.aud {
        Audience::One(_) => 1,
        Audience::Several(several) => several.len(),
    };
    match &claims.azp {
        Some(party) if party != client_id.as_str() => Err(not_genuine("it was issued to another client")),
        None if audiences > 1 => {
            Err(not_genuine("it does not name which of several clients it was issued to"))
        }
        _ => Ok(()),
    }
}

fn check_expiry(claims: &Claims, now: UnixTime) -> Result<(), IdTokenError> {
    #[expect(clippy::cast_precision_loss, reason = "exact for any time of this age")]
    let now = now.plus(-LEEWAY_SECONDS).0 as f64;
    if claims.exp > now { Ok(()) } else { Err(not_genuine("it has expired")) }
}

fn describe(error: &ErrorKind) -> &'static str {
    match error {
        ErrorKind::InvalidSignature => "its signature is wrong",
        ErrorKind::InvalidIssuer => "another issuer made it",
        ErrorKind::InvalidAudience => "it is for another client",
        ErrorKind::MissingRequiredClaim(_) => "a claim is missing",
        _ => "it cannot be read",
    }
}

/// Returns the error; its text is one of ours, and has nothing of the token in it.
fn not_genuine(why: &str) -> IdTokenError {
    let cause = format!("the identity of the sign-in could not be confirmed: {why}");
    IdTokenError::NotGenuine(Failure::new(ErrorCode::MalformedAnswer, cause))
}
