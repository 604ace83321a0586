//! Codex's sign-in as a token source, which only reads what Codex writes.

use std::fs;
use std::sync::Arc;

use serde_json::{Value, json};
use usher_auth::{CodexCli, CodexTokenSource};
use usher_domain::ports::{Authorization, Bearer, TokenSource as _};
use usher_domain::{Endpoints, ErrorCode, Failure, UnixTime};

use super::codex::AUTH;
use super::support::{Computer, LATER, MARK, NOW, access, codex_file, token};

fn link_at(computer: &Computer, endpoints: Endpoints) -> CodexTokenSource {
    CodexTokenSource::new(CodexCli::from_paths(&computer.paths).unwrap(), endpoints, Arc::new(|| NOW))
}

fn openai() -> Endpoints {
    Endpoints::parse(Endpoints::ISSUER, Endpoints::BACKEND).unwrap()
}

/// Returns a computer with `file` as Codex's sign-in, and a token source for it.
fn linked(file: &Value) -> (Computer, CodexTokenSource) {
    let computer = Computer::new();
    computer.put_json(AUTH, file);
    let link = link_at(&computer, openai());
    (computer, link)
}

/// Returns the failure, and asserts that it contains no secret.
fn refused(outcome: Result<Authorization, Failure>) -> Failure {
    let failure = outcome.err().expect("a failure");
    assert!(!format!("{failure:?}").contains(MARK) && !failure.cause.contains("eyJ"), "{failure:?}");
    failure
}

#[tokio::test]
async fn codex_token_source_returns_codex_token() {
    let mut file = codex_file("ada", LATER);
    let mut claims =
        json!({"exp": LATER, "https://api.openai.com/auth": {"chatgpt_account_is_fedramp": true}});
    claims["https://api.openai.com/auth"]["chatgpt_account_id"] = json!("acct-ada");
    claims["https://api.openai.com/auth"]["chatgpt_user_id"] = json!("user-ada");
    file["tokens"]["access_token"] = json!(token(&claims));
    let (_computer, link) = linked(&file);
    let given = link.authorization().await.unwrap();
    assert!(matches!(&given.bearer, Bearer::AccessToken(bearer) if bearer.expose() == token(&claims)));
    assert_eq!((given.account_id.as_deref(), given.fedramp), (Some("acct-ada"), true));
    assert_eq!((given.base.as_str(), given.headers.len()), (Endpoints::BACKEND, 0));
    assert_eq!(given.expires_at, Some(UnixTime(LATER)));
}

#[tokio::test]
async fn codex_token_source_after_unauthorized_returns_newer_token_only() {
    let (computer, link) = linked(&codex_file("ada", LATER));
    let used = link.authorization().await.unwrap();
    let failure = refused(link.after_unauthorized(&used).await);
    assert_eq!(failure.code, ErrorCode::SignInExpired);
    assert!(failure.cause.contains("codex"), "{failure}");
    computer.put_json(AUTH, &codex_file("ada", LATER + 1));
    let newer = link.after_unauthorized(&used).await.unwrap();
    assert_eq!(newer.bearer.expose(), access("ada", LATER + 1));
    computer.put_json(AUTH, &codex_file("bo", LATER));
    let failure = refused(link.after_unauthorized(&used).await);
    assert_eq!(
        failure.code,
        ErrorCode::SignInExpired,
        "a request for one account is not repeated for another"
    );
    assert_eq!(
        link.authorization().await.unwrap().account_id.as_deref(),
        Some("acct-bo"),
        "but a new one is"
    );
}

#[tokio::test]
async fn codex_token_source_with_expired_token_does_not_refresh() {
    let (computer, link) = linked(&codex_file("ada", NOW.0));
    let before = fs::read(computer.home.path().join(AUTH)).unwrap();
    let failure = refused(link.authorization().await);
    assert_eq!(failure.code, ErrorCode::SignInExpired);
    assert!(failure.cause.contains("run codex once to refresh it"), "{failure}");
    assert_eq!(fs::read(computer.home.path().join(AUTH)).unwrap(), before);
    computer.put_json(AUTH, &codex_file("ada", LATER));
    link.authorization().await.unwrap();
}

#[tokio::test]
async fn codex_token_source_without_chatgpt_sign_in_names_the_mode() {
    let (computer, link) = linked(&json!({"auth_mode": "apikey", "OPENAI_API_KEY": MARK}));
    let failure = refused(link.authorization().await);
    assert_eq!(failure.code, ErrorCode::SignInRequired);
    assert!(failure.cause.contains("API key") && failure.cause.contains("--api-key-stdin"), "{failure}");
    fs::remove_file(computer.home.path().join(AUTH)).unwrap();
    assert_eq!(refused(link.authorization().await).code, ErrorCode::SignInRequired);
    fs::remove_dir(computer.home.path().join(".codex")).unwrap();
    let failure = refused(link.authorization().await);
    assert_eq!(
        (failure.code, failure.cause.as_str()),
        (ErrorCode::SignInRequired, "Codex has not been used on this computer")
    );
    computer.put(AUTH, MARK);
    assert_eq!(refused(link.authorization().await).code, ErrorCode::MalformedAnswer);
}

#[tokio::test]
async fn codex_token_source_with_other_issuer_is_refused() {
    let other_issuer = Endpoints::parse("http://127.0.0.1:9", "http://127.0.0.1:9/backend-api").unwrap();
    let mut file = codex_file("ada", LATER);
    let (computer, link) = linked(&file);
    link.authorization().await.unwrap();
    let other = link_at(&computer, other_issuer);
    assert_eq!(refused(other.authorization().await).code, ErrorCode::HostNotAllowed);
    file["tokens"]["oauth_provenance"]["issuer"] = json!("http://127.0.0.1:9/");
    computer.put_json(AUTH, &file);
    other.authorization().await.unwrap();
    assert_eq!(refused(link.authorization().await).code, ErrorCode::HostNotAllowed);
    // A sign-in without an issuer was made at OpenAI.
    file["tokens"].as_object_mut().unwrap().remove("oauth_provenance");
    computer.put_json(AUTH, &file);
    link.authorization().await.unwrap();
    assert_eq!(refused(other.authorization().await).code, ErrorCode::HostNotAllowed);
}
