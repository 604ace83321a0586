//! The claims in a token: whose it is, and when it expires (protocol §2.3).
//!
//! The payload is read without verifying the signature: it came over TLS from the token endpoint itself,
//! which OpenID Connect Core §3.1.3.7 accepts, and it decides only what is shown and which account header is sent.
//! A token of another program (`external/`) comes from this user's own files and decides no more. The backend
//! verifies the token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use usher_domain::{AccessToken, IdToken, Secret};
use usher_domain::{Account, ErrorCode, Failure, Plan, SignInRoute, UnixTime, is_printable_within};

/// The longest e-mail address (RFC 5321 §4.5.3.1); no claim about an owner is longer.
pub(crate) const MAX_CLAIM_CHARS: usize = 320;

/// Deserializes an optional field (for `deserialize_with`); one of another kind counts as missing, so that the rest is
/// still read.
pub(crate) fn lenient<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(from)?).ok())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Claims {
    #[serde(deserialize_with = "lenient")]
    email: Option<String>,
    /// Seconds, possibly with a fraction (RFC 7519 §2, `NumericDate`).
    #[serde(deserialize_with = "lenient")]
    exp: Option<serde_json::Number>,
    #[serde(rename = "https://api.openai.com/auth", deserialize_with = "lenient")]
    auth: Option<AuthClaim>,
    #[serde(rename = "https://api.openai.com/profile", deserialize_with = "lenient")]
    profile: Option<ProfileClaim>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct AuthClaim {
    #[serde(deserialize_with = "lenient")]
    chatgpt_account_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    chatgpt_plan_type: Option<String>,
    #[serde(deserialize_with = "lenient")]
    chatgpt_user_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    user_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    chatgpt_account_is_fedramp: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ProfileClaim {
    #[serde(deserialize_with = "lenient")]
    email: Option<String>,
}

/// The claims of a pair of tokens about their owner, each if present.
#[derive(Default)]
pub(crate) struct TokenClaims {
    pub(crate) email: Option<String>,
    pub(crate) user_id: Option<String>,
    pub(crate) account_id: Option<String>,
    pub(crate) plan: Option<Plan>,
    fedramp: bool,
}

/// Reads the claims of a pair of tokens; either may be missing.
///
/// Where both have a claim, the access token's wins, because the backend sees that one. `organizations[0].id` is never
/// used as an account id (protocol §1.3).
pub(crate) fn read_claims(id: Option<&IdToken>, access: Option<&AccessToken>) -> TokenClaims {
    let id: Claims = id.and_then(payload).unwrap_or_default();
    let access: Claims = access.and_then(payload).unwrap_or_default();
    let profile = |claim: Option<ProfileClaim>| claim.and_then(|profile| profile.email);
    let email = id.email.or(profile(id.profile)).or(access.email).or(profile(access.profile));
    let (id, access) = (id.auth.unwrap_or_default(), access.auth.unwrap_or_default());
    let fedramp = access.chatgpt_account_is_fedramp.or(id.chatgpt_account_is_fedramp);
    let plan = printable(access.chatgpt_plan_type.clone()).or(printable(id.chatgpt_plan_type.clone()));
    let account_id =
        printable(access.chatgpt_account_id.clone()).or(printable(id.chatgpt_account_id.clone()));
    let user = |claim: AuthClaim| printable(claim.chatgpt_user_id).or(printable(claim.user_id));
    TokenClaims {
        email: printable(email),
        user_id: user(access).or(user(id)),
        account_id,
        plan: plan.map(Plan),
        fedramp: fedramp.unwrap_or_default(),
    }
}

impl TokenClaims {
    /// Returns the account. Fails without an account id or a user id: then it is not a ChatGPT sign-in.
    pub(crate) fn account(self) -> Result<Account, Failure> {
        let missing =
            |what| Failure::new(ErrorCode::MalformedAnswer, format!("the tokens do not name the {what}"));
        Ok(Account {
            account_id: self.account_id.ok_or_else(|| missing("ChatGPT account"))?,
            user_id: self.user_id.ok_or_else(|| missing("user"))?,
            route: SignInRoute::CodexClient,
            email: self.email,
            plan: self.plan.unwrap_or_else(|| Plan("unknown".into())),
            fedramp: self.fedramp,
            label: None,
            default_name: None,
        })
    }
}

/// Returns the account of a pair of tokens.
pub(crate) fn account(id: &IdToken, access: &AccessToken) -> Result<Account, Failure> {
    read_claims(Some(id), Some(access)).account()
}

/// Returns `text` if it is printable and not empty, because claims are shown wherever the account is.
pub(crate) fn printable(text: Option<String>) -> Option<String> {
    text.filter(|text| is_printable_within(text, MAX_CLAIM_CHARS))
}

/// Returns the `exp` of an access token, if it can be read.
pub(crate) fn expires_at(access: &AccessToken) -> Option<UnixTime> {
    let exp = payload::<Claims, _>(access)?.exp?;
    // A cast from a float saturates; such a time is invalid anyway, and harmless.
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    exp.as_i64().or_else(|| exp.as_f64().map(|seconds| seconds as i64)).map(UnixTime)
}

fn payload<T: DeserializeOwned, Kind>(token: &Secret<Kind>) -> Option<T> {
    let payload_text = token.expose().split('.').nth(1)?;
    let bytes = URL_SAFE_NO_PAD.decode(payload_text.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token<Kind>(payload: &str) -> Secret<Kind> {
        Secret::new(format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(payload)))
    }

    #[test]
    fn account_access_token_claims_win_over_id_token() {
        let id = token(
            r#"{"email":"ada@example.com","https://api.openai.com/auth":{"chatgpt_account_id":"acct-old","chatgpt_user_id":"user-1","chatgpt_plan_type":"free"}}"#,
        );
        let access = token(
            r#"{"exp":9,"https://api.openai.com/auth":{"chatgpt_account_id":"acct-new","chatgpt_plan_type":"plus"}}"#,
        );
        let account = account(&id, &access).unwrap();
        assert_eq!((account.account_id.as_str(), account.user_id.as_str()), ("acct-new", "user-1"));
        assert_eq!((account.plan.0.as_str(), account.email.as_deref()), ("plus", Some("ada@example.com")));
        assert_eq!(expires_at(&access), Some(UnixTime(9)));
    }

    #[test]
    fn account_organization_id_is_rejected() {
        let id = token(r#"{"https://api.openai.com/auth":{"user_id":"u","organizations":[{"id":"org-1"}]}}"#);
        let refused = account(&id, &token("{}")).unwrap_err();
        assert_eq!(refused.code, ErrorCode::MalformedAnswer);
    }

    #[test]
    fn claims_empty_or_fractional_are_parsed() {
        let id = token(r#"{"email":"","https://api.openai.com/profile":null}"#);
        let access = token(
            r#"{"exp":9.5,"https://api.openai.com/auth":{"chatgpt_account_id":"a","chatgpt_user_id":"","user_id":"u","chatgpt_account_is_fedramp":null,"chatgpt_plan_type":null}}"#,
        );
        let account = account(&id, &access).unwrap();
        assert_eq!(
            (account.user_id.as_str(), account.email, account.plan.0.as_str()),
            ("u", None, "unknown")
        );
        assert_eq!(expires_at(&access), Some(UnixTime(9)));
    }

    #[test]
    fn claims_of_another_kind_are_dropped_alone() {
        for (email, plan, fedramp, exp) in [
            ("7", "[\"plus\"]", "\"no\"", "\"soon\""),
            ("{}", "1", "0", "[9]"),
            ("[\"ada@example.com\"]", "true", "{}", "null"),
        ] {
            let id = token(&format!(r#"{{"email":{email},"https://api.openai.com/profile":"ada"}}"#));
            let access = token(&format!(
                r#"{{"exp":{exp},"https://api.openai.com/auth":{{"chatgpt_account_id":"a","user_id":"u","chatgpt_plan_type":{plan},"chatgpt_account_is_fedramp":{fedramp}}}}}"#
            ));
            let account = account(&id, &access).unwrap();
            assert_eq!((account.account_id.as_str(), account.user_id.as_str()), ("a", "u"));
            assert_eq!((account.email, account.plan.0.as_str(), account.fedramp), (None, "unknown", false));
            assert_eq!(expires_at(&access), None);
        }
    }

    #[test]
    fn claims_with_control_characters_are_dropped() {
        let auth = r#""https://api.openai.com/auth":{"chatgpt_account_id":"a","user_id":"u","chatgpt_plan_type":"pl\u202eus"}"#;
        let id = token(&format!(r#"{{"email":"ada\u001b[2J@x.example",{auth}}}"#));
        let account = account(&id, &token("{}")).unwrap();
        assert_eq!((account.email, account.plan.0.as_str()), (None, "unknown"));
        let id = token(r#"{"https://api.openai.com/auth":{"chatgpt_account_id":"a\nb","user_id":"u"}}"#);
        assert_eq!(super::account(&id, &token("{}")).unwrap_err().code, ErrorCode::MalformedAnswer);
    }

    #[test]
    fn expiry_of_opaque_token_is_unknown() {
        assert_eq!(expires_at(&Secret::new("opaque")), None);
    }
}
