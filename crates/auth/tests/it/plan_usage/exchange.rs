//! The code exchange of plan usage, over sockets.

use usher_auth::{IssuedClientId, IssuedPlanTokens, Now, PlanTokenEndpoint, Readiness};
use usher_domain::ports::Clock as _;
use usher_domain::{AuthorizationCode, CodeVerifier, ErrorCode, Failure, PlanUse};
use usher_sandbox::browser::Browser;
use usher_sandbox::{Fault, TokenErrorBody, TokenField};

use crate::support::World;

const EXCHANGE: &str = "plan.token.authorization_code";
/// The pair of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// Nothing listens there: the browser stops at this address.
const REDIRECT: &str = "http://127.0.0.1:41778/auth/callback";

/// What the page of the issuer returned with.
struct Callback {
    client_id: IssuedClientId,
    code: AuthorizationCode,
}

impl Callback {
    /// Registers an app as `ada`, who allows the plan or only the sign-in.
    async fn of_ada(world: &World, allows_plan: bool) -> Self {
        let address = world.provider.endpoints.at_issuer("/api/accounts/authorize");
        let url = url::Url::parse_with_params(
            address.as_str(),
            [
                ("client_id", "dynamic_agent_client"),
                ("agent_name_hint", "Usher"),
                ("ext_agent_host_id", "urn:uuid:0c84b5f0-6a3f-4f7d-9f0e-7d3a1b2c4d5e"),
                ("response_type", "code"),
                ("redirect_uri", REDIRECT),
                ("scope", "openid profile email offline_access resource.invoke chatgpt.tokens.use.direct"),
                ("resource", "https://api.openai.com/v1"),
                ("state", "the-state"),
                ("nonce", "the-nonce-the-nonce-the-nonce-the-nonce-the"),
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
            ],
        )
        .unwrap();
        let browser = Browser::new();
        let page = if allows_plan {
            browser.approve(url.as_str(), "ada").await
        } else {
            browser.approve_without_plan(url.as_str(), "ada").await
        };
        let client_id = page.query("client_id").unwrap_or_else(|| panic!("no client id: {page:?}"));
        let code = AuthorizationCode::new(page.query("code").expect("a code"));
        Self { client_id: IssuedClientId::parse(&client_id).unwrap(), code }
    }

    async fn exchange(&self, world: &World) -> Result<IssuedPlanTokens, Failure> {
        let endpoint = PlanTokenEndpoint::new(world.http.clone(), world.clock.clone());
        let verifier = CodeVerifier::new(VERIFIER);
        endpoint.exchange(&world.provider.endpoints, &self.client_id, &self.code, &verifier, REDIRECT).await
    }
}

/// Exchanges a code after `change` of the sandbox, which has to fail.
async fn refused(change: impl FnOnce(&World)) -> (World, Failure) {
    let world = World::new().await;
    let callback = Callback::of_ada(&world, true).await;
    change(&world);
    let failure = callback.exchange(&world).await.err().expect("a failure");
    assert_eq!(world.sandbox.count(EXCHANGE), 1, "a code is sent once");
    (world, failure)
}

fn fault(fault: Fault) -> impl FnOnce(&World) {
    move |world| world.sandbox.push_fault(EXCHANGE, fault)
}

#[tokio::test]
async fn exchange_sends_the_fields_of_the_protocol_and_returns_tokens_with_their_times() {
    let world = World::new().await;
    let callback = Callback::of_ada(&world, true).await;
    let tokens = callback.exchange(&world).await.unwrap();
    assert!(tokens.access.is_some() && tokens.refresh.is_some());
    assert_eq!(tokens.scopes.plan_use(), PlanUse::Allowed);
    let now = world.clock.now();
    assert!(tokens.server_time.unwrap().since(now).abs() <= 2);
    assert!((3590..=3600).contains(&tokens.window.expires_at().since(now)));
    let early = Now { local: now.plus(53 * 60), server: None };
    assert_eq!(tokens.window.readiness(early), Readiness::NotDue);
    let sent = &world.sandbox.requests(EXCHANGE)[0];
    let mut fields: Vec<&String> = sent.body.as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["client_id", "code", "code_verifier", "grant_type", "redirect_uri", "resource"]);
    assert_eq!(sent.body["resource"], "https://api.openai.com/v1");
    assert_eq!(sent.header("accept"), Some("application/json"));
    assert_eq!(sent.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(sent.header("originator"), None);
}

#[tokio::test]
async fn exchange_without_leave_for_the_plan_says_so() {
    let world = World::new().await;
    let callback = Callback::of_ada(&world, false).await;
    // Such a response may lack the access token (siwc §5).
    world.sandbox.change_settings(|settings| {
        settings.plan_usage.exchange_omits = vec![TokenField::AccessToken];
    });
    let tokens = callback.exchange(&world).await.unwrap();
    assert!(tokens.access.is_none() && tokens.refresh.is_some());
    assert_eq!(tokens.scopes.plan_use(), PlanUse::NotAllowed);
}

#[tokio::test]
async fn exchange_that_names_no_scope_allows_nothing() {
    let world = World::new().await;
    let callback = Callback::of_ada(&world, true).await;
    world.sandbox.change_settings(|settings| settings.plan_usage.exchange_omits = vec![TokenField::Scope]);
    assert_eq!(callback.exchange(&world).await.unwrap().scopes.plan_use(), PlanUse::NotAllowed);
}

#[tokio::test]
async fn exchange_without_id_token_fails_and_the_grant_is_revoked() {
    let (world, failure) = refused(|world| {
        world.sandbox.change_settings(|settings| {
            settings.plan_usage.exchange_omits = vec![TokenField::IdToken];
            settings.plan_usage.revocation_moved = true;
        });
    })
    .await;
    assert_eq!(failure.code, ErrorCode::MalformedAnswer);
    assert!(failure.cause.contains("lacks the ID token"), "{failure}");
    let sent = &world.sandbox.requests("plan.revoke")[0];
    assert!(sent.path.ends_with("/moved"), "where the discovery document says: {}", sent.path);
    let mut fields: Vec<&String> = sent.body.as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["client_id", "token", "token_type_hint"]);
}

#[tokio::test]
async fn exchange_with_too_long_a_token_fails() {
    for long in ["access_token", "refresh_token", "id_token"] {
        let mut body = serde_json::json!({
            "access_token": "a", "refresh_token": "r", "id_token": "i", "scope": "openid",
        });
        body[long] = "x".repeat(33 * 1024).into();
        let status = Fault::Status { status: 200, body, headers: [].into() };
        let (world, failure) = refused(fault(status)).await;
        assert_eq!(failure.code, ErrorCode::MalformedAnswer, "{long}");
        assert!(failure.cause.contains("33792 bytes"), "{failure}");
        assert_eq!(world.sandbox.count("plan.revoke"), 1, "{long}");
    }
}

#[tokio::test]
async fn exchange_error_is_read_in_each_envelope() {
    for body in [TokenErrorBody::Oauth, TokenErrorBody::Object, TokenErrorBody::TopLevel] {
        for (error, code) in [
            ("invalid_grant", ErrorCode::SignInExpired),
            ("invalid_client", ErrorCode::RegistrationIncomplete),
            ("invalid_request", ErrorCode::UpstreamError),
        ] {
            let refusal = Fault::TokenError { code: error.into(), status: 400, body };
            let (_, failure) = refused(fault(refusal)).await;
            assert_eq!(failure.code, code, "{error} in {body:?}: {failure}");
        }
    }
}

#[tokio::test]
async fn exchange_follows_no_redirect_and_is_not_sent_again() {
    let redirect = |target: &str| Fault::Status {
        status: 307,
        body: serde_json::Value::Null,
        headers: [("location".to_owned(), target.to_owned())].into(),
    };
    let (_, failure) = refused(fault(redirect("https://elsewhere.example/token"))).await;
    assert_eq!(failure.code, ErrorCode::HostNotAllowed);
    let (world, failure) = refused(|world| {
        let target = world.provider.endpoints.at_issuer("/elsewhere");
        world.sandbox.push_fault(EXCHANGE, redirect(target.as_str()));
    })
    .await;
    assert_eq!(failure.code, ErrorCode::UpstreamError);
    assert_eq!(world.sandbox.count("other"), 0);
    refused(fault(Fault::DropAfter)).await;
    let (_, failure) = refused(fault(Fault::Malformed { body: "{".into() })).await;
    assert_eq!(failure.code, ErrorCode::MalformedAnswer);
}
