//! ID tokens of the sandbox: right ones, and each fault that it can make.

use usher_auth::{ExpectedIdentity, IdTokenError, IdTokenVerifier, IssuedClientId, VerifiedIdentity};
use usher_domain::ports::Clock as _;
use usher_domain::{ErrorCode, IdToken};
use usher_sandbox::{IdTokenVariant, PlanUsageTokens};

use crate::support::World;

struct Verification {
    world: World,
    verifier: IdTokenVerifier,
}

impl Verification {
    async fn new() -> Self {
        let world = World::new().await;
        let verifier =
            IdTokenVerifier::new(world.http.clone(), &world.provider.endpoints, world.clock.clone());
        Self { world, verifier }
    }

    /// Signs ada in with a token of this variant.
    fn tokens(&self, variant: Option<IdTokenVariant>) -> PlanUsageTokens {
        self.world.sandbox.change_settings(|settings| settings.plan_usage.id_token = variant);
        self.world.sandbox.issue_plan_usage("ada")
    }

    async fn verify(
        &self,
        tokens: &PlanUsageTokens,
        nonce: Option<&str>,
        subject: Option<&str>,
    ) -> Result<VerifiedIdentity, IdTokenError> {
        let client_id = IssuedClientId::parse(&tokens.client_id).unwrap();
        let expected = ExpectedIdentity { client_id: &client_id, nonce, subject };
        self.verifier.verify(&IdToken::new(tokens.id_token.as_str()), expected, self.world.clock.now()).await
    }

    /// Returns how often the keys were fetched.
    fn fetches(&self) -> usize {
        let requests = self.world.sandbox.all_requests();
        requests.iter().filter(|request| request.path.ends_with("jwks.json")).count()
    }
}

#[tokio::test]
async fn genuine_token_names_its_person_in_both_forms_of_the_audience() {
    let verification = Verification::new().await;
    for variant in [None, Some(IdTokenVariant::StringAudience), Some(IdTokenVariant::TwoAudiencesWithParty)] {
        let tokens = verification.tokens(variant);
        let identity = verification.verify(&tokens, None, None).await.unwrap();
        assert_eq!(identity.email.as_deref(), Some("ada@example.com"), "{variant:?}");
        let again = verification.verify(&tokens, None, Some(&identity.subject)).await.unwrap();
        assert_eq!(again, identity);
    }
    assert_eq!(verification.fetches(), 1, "the keys are kept");
}

#[tokio::test]
async fn token_with_a_fault_is_not_genuine() {
    let verification = Verification::new().await;
    for variant in [
        IdTokenVariant::TwoAudiences,
        IdTokenVariant::WrongAudience,
        IdTokenVariant::WrongParty,
        IdTokenVariant::WrongIssuer,
        IdTokenVariant::Expired,
        IdTokenVariant::NoSubject,
        IdTokenVariant::AlgNone,
        IdTokenVariant::AlgHs256,
        IdTokenVariant::WrongSignature,
    ] {
        let tokens = verification.tokens(Some(variant));
        let Err(IdTokenError::NotGenuine(failure)) = verification.verify(&tokens, None, None).await else {
            panic!("{variant:?} is refused")
        };
        assert_eq!(failure.code, ErrorCode::MalformedAnswer);
        assert!(!failure.cause.contains(&tokens.id_token), "{failure}");
    }
    for text in ["", "a.b.c", "opaque"] {
        let mut tokens = verification.tokens(None);
        tokens.id_token = text.to_owned();
        let outcome = verification.verify(&tokens, None, None).await;
        assert!(matches!(outcome, Err(IdTokenError::NotGenuine(_))), "{text}");
    }
}

#[tokio::test]
async fn nonce_binds_a_sign_in_and_no_refresh() {
    let verification = Verification::new().await;
    // Issued without an authorization request: the token has no nonce.
    let tokens = verification.tokens(None);
    let outcome = verification.verify(&tokens, Some("sent"), None).await;
    assert!(matches!(outcome, Err(IdTokenError::NotGenuine(_))));
    let tokens = verification.tokens(Some(IdTokenVariant::WrongNonce));
    let outcome = verification.verify(&tokens, Some("sent"), None).await;
    assert!(matches!(outcome, Err(IdTokenError::NotGenuine(_))));
    verification.verify(&tokens, Some("another-nonce"), None).await.unwrap();
    verification.verify(&tokens, None, None).await.unwrap();
}

#[tokio::test]
async fn token_of_another_person_is_set_apart_from_one_that_is_not_genuine() {
    let verification = Verification::new().await;
    let tokens = verification.tokens(Some(IdTokenVariant::OtherSubject));
    let outcome = verification.verify(&tokens, None, Some("user-ada")).await;
    let Err(IdTokenError::OtherPerson(failure)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(failure.code, ErrorCode::OtherAccount);
}

#[tokio::test]
async fn keys_are_fetched_once_more_for_an_unknown_key_and_after_an_hour() {
    let verification = Verification::new().await;
    verification.verify(&verification.tokens(None), None, None).await.unwrap();
    verification.world.sandbox.rotate_signing_keys(true);
    let tokens = verification.tokens(None);
    verification.verify(&tokens, None, None).await.unwrap();
    assert_eq!(verification.fetches(), 2);
    let unknown = verification.tokens(Some(IdTokenVariant::UnknownKey));
    verification.verify(&unknown, None, None).await.unwrap_err();
    assert_eq!(verification.fetches(), 3, "one request for an unknown key");
    verification.world.forward(3600);
    verification.verify(&verification.tokens(None), None, None).await.unwrap();
    assert_eq!(verification.fetches(), 4);
    // A key that the issuer took back signs nothing any more.
    verification.world.sandbox.rotate_signing_keys(false);
    verification.verify(&verification.tokens(None), None, None).await.unwrap();
    let outcome = verification.verify(&tokens, None, None).await;
    // It looks like one that is not published yet.
    assert!(matches!(outcome, Err(IdTokenError::KeysUnavailable(_))));
}

#[tokio::test]
async fn keys_that_are_not_available_are_no_bad_identity() {
    let verification = Verification::new().await;
    let tokens = verification.tokens(None);
    let closed =
        usher_domain::Endpoints::parse("http://127.0.0.1:1", verification.world.sandbox.chatgpt()).unwrap();
    let world = verification.world.at("http://127.0.0.1:1");
    let verifier = IdTokenVerifier::new(world.http.clone(), &closed, world.clock.clone());
    let client_id = IssuedClientId::parse(&tokens.client_id).unwrap();
    let expected = ExpectedIdentity { client_id: &client_id, nonce: None, subject: None };
    let outcome = verifier.verify(&IdToken::new(tokens.id_token), expected, world.clock.now()).await;
    assert!(matches!(outcome, Err(IdTokenError::KeysUnavailable(_))), "{outcome:?}");
}
