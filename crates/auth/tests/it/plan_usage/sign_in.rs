//! Signing in for plan usage: registration, consent in two parts, the returning account, and what is refused.

use tokio::sync::oneshot;
use usher_auth::{DYNAMIC_CLIENT_ID, PlanIdentity, PlanSignInKind};
use usher_domain::{ErrorCode, PlanUse, SignInRoute};
use usher_sandbox::browser::Browser;
use usher_sandbox::{CallbackClientId, Fault, IdTokenVariant, TokenErrorBody, TokenField};

use crate::support::{World, raw};

#[tokio::test]
async fn first_sign_in_registers_and_keeps_what_it_was_given() {
    let world = World::new().await;
    let pending = world.start_plan(PlanIdentity::Any).await;
    assert_eq!(pending.parameter("client_id").as_deref(), Some(DYNAMIC_CLIENT_ID));
    let landing = Browser::new().approve(&pending.url, "ada").await;
    assert!(landing.body.contains("ada@example.com, ChatGPT plan"), "{}", landing.body);
    let account = pending.ended().await.unwrap();
    assert_eq!((account.route, account.email.as_deref()), (SignInRoute::PlanUsage, Some("ada@example.com")));
    let [registration] = &world.saved_registrations()[..] else { panic!("one registration") };
    assert_eq!(registration.client_id.as_str(), account.account_id);
    assert_eq!(registration.subject.as_deref(), Some(account.user_id.as_str()));
    let summary = world.only_sign_in();
    assert_eq!((summary.plan_use, summary.renews), (Some(PlanUse::Allowed), true));
    assert_eq!(world.summary().active, Some(account.id()));
    let sealed = std::fs::read(world.home.path().join("registrations.toml")).unwrap();
    let text = String::from_utf8(sealed).unwrap();
    assert!(!text.contains("eyJ"), "no token is in the plain file: {text}");
}

#[tokio::test]
async fn returning_sign_in_is_hinted_to_the_browser_and_to_nobody_else() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let pending = world.start_plan(PlanIdentity::Same(account.id())).await;
    assert_eq!(pending.parameter("client_id"), Some(account.account_id.clone()));
    for hint in ["id_token_hint", "login_hint", "agent_name_hint", "prompt"] {
        assert_eq!(pending.parameter(hint), None, "{hint} is not shown");
    }
    // With the hint nobody is asked anything.
    let landing = pending.opened_by(&Browser::new()).await;
    assert_eq!(landing.status, Some(200), "{landing:?}");
    assert_eq!(pending.ended().await.unwrap().id(), account.id());
    assert_eq!((world.sandbox.registrations().len(), world.saved_registrations().len()), (1, 1));
}

/// Another user of the computer can read the arguments that a browser is started with. Needs root, to be another user.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn other_user_of_the_computer_gets_no_hint() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let pending = world.start_plan(PlanIdentity::Same(account.id())).await;
    let start = pending.launch_pages.as_ref().unwrap().create().unwrap();
    let mut curl = tokio::process::Command::new("setpriv");
    curl.args(["--reuid=65534", "--clear-groups", "curl", "-s", "-o", "/dev/null", "-w", "%{redirect_url}"]);
    let sent_on = curl.arg(start.as_str()).output().await.unwrap();
    let address = String::from_utf8(sent_on.stdout).unwrap();
    assert!(address.contains("/api/accounts/authorize?"), "{address}");
    assert!(!address.contains("hint"), "{address}");
}

#[tokio::test]
async fn failed_exchange_leaves_the_registration_for_the_next_attempt() {
    let world = World::new().await;
    let fault = Fault::TokenError { code: "invalid_grant".into(), status: 400, body: TokenErrorBody::Oauth };
    world.sandbox.push_fault("plan.token.authorization_code", fault);
    let pending = world.start_plan(PlanIdentity::Any).await;
    Browser::new().approve(&pending.url, "ada").await;
    assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::SignInExpired);
    assert!(world.summary().sign_ins.is_empty());
    let [registration] = &world.saved_registrations()[..] else { panic!("the registration is saved") };
    let issued = registration.client_id.to_string();

    let again = world.start_plan(PlanIdentity::Any).await;
    assert_eq!(again.parameter("client_id"), Some(issued.clone()));
    Browser::new().approve(&again.url, "ada").await;
    assert_eq!(again.ended().await.unwrap().account_id, issued);
    assert_eq!(world.sandbox.registrations().len(), 1, "Usher is not listed twice");
}

#[tokio::test]
async fn refusal_changes_nothing() {
    let world = World::new().await;
    let first = world.start_plan(PlanIdentity::Any).await;
    Browser::new().deny(&first.url, "ada").await;
    assert_eq!(first.ended().await.unwrap_err().code, ErrorCode::AccessDenied);
    assert!(world.summary().sign_ins.is_empty() && world.saved_registrations().is_empty());

    let account = world.sign_in_with_plan("ada").await;
    let before = world.only_sign_in();
    let consent = PlanIdentity::Same(account.id());
    let again = world.start_plan_request(PlanSignInKind::Browser, consent, true).await;
    Browser::new().deny(&again.url, "ada").await;
    assert_eq!(again.ended().await.unwrap_err().code, ErrorCode::AccessDenied);
    assert_eq!(world.only_sign_in(), before);
}

#[tokio::test]
async fn plan_use_is_a_consent_of_its_own_and_can_be_given_later() {
    let world = World::new().await;
    let pending = world.start_plan(PlanIdentity::Any).await;
    Browser::new().approve_without_plan(&pending.url, "ada").await;
    let account = pending.ended().await.unwrap();
    assert_eq!(world.only_sign_in().plan_use, Some(PlanUse::NotAllowed));

    let consent = PlanIdentity::Same(account.id());
    let asked = world.start_plan_request(PlanSignInKind::Browser, consent, true).await;
    assert_eq!(asked.parameter("prompt").as_deref(), Some("consent"));
    Browser::new().approve(&asked.url, "ada").await;
    assert_eq!(asked.ended().await.unwrap().id(), account.id());
    assert_eq!(world.only_sign_in().plan_use, Some(PlanUse::Allowed));
}

#[tokio::test]
async fn exchange_without_access_token_or_scope_is_a_sign_in_without_the_plan() {
    let world = World::new().await;
    world.sandbox.change_settings(|settings| {
        settings.plan_usage.exchange_omits = vec![TokenField::AccessToken, TokenField::Scope];
    });
    world.sign_in_with_plan("ada").await;
    assert_eq!(world.only_sign_in().plan_use, Some(PlanUse::NotAllowed));
}

#[tokio::test]
async fn other_person_with_a_known_registration_is_refused_and_revoked() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let before = world.only_sign_in();
    let pending = world.start_plan(PlanIdentity::Same(account.id())).await;
    Browser::new().approve(&pending.url, "ben").await;
    assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::OtherAccount);
    assert_eq!(world.only_sign_in(), before);
    assert_eq!(world.saved_registrations()[0].subject, Some(account.user_id));
    assert_eq!(world.sandbox.count("plan.revoke"), 1, "the other person's grant does not stay valid");
}

#[tokio::test]
async fn second_account_is_a_registration_beside_the_first() {
    let world = World::new().await;
    let ada = world.sign_in_with_plan("ada").await;
    let ben = world.sign_in_with_plan("ben").await;
    assert_ne!((&ada.user_id, &ada.account_id), (&ben.user_id, &ben.account_id));
    assert_eq!(world.summary().active, Some(ada.id()), "the account in use stays");
    assert_eq!((ada.name(), ben.name()), ("ChatGPT plan".into(), "ChatGPT plan 2".into()));
    // The same e-mail by the other route is a third one.
    let codex = world.sign_in("ada").await;
    assert_eq!((codex.route, codex.email), (SignInRoute::CodexClient, ada.email));
    assert_eq!(world.summary().sign_ins.len(), 3);
}

#[tokio::test]
async fn pasted_address_that_was_cut_off_leaves_no_registration() {
    let world = World::new().await;
    let pending = world.start_plan_request(PlanSignInKind::Paste, PlanIdentity::Any, false).await;
    let landed = Browser::new().approve(&pending.url, "ada").await;
    let value = |name| landed.query(name).unwrap();
    // In the order of siwc §4.
    let before_id = format!(
        "http://127.0.0.1:{}/auth/callback?code={}&state={}",
        pending.port(),
        value("code"),
        value("state")
    );
    let paste = async |text: &str| {
        let (reply, result) = oneshot::channel();
        pending.paste.send((text.to_owned(), reply)).await.unwrap();
        result.await.unwrap()
    };
    assert_eq!(paste(&before_id).await.unwrap_err().code, ErrorCode::BadUrl, "it can be pasted again");
    let client_id = value("client_id");
    paste(&format!("{before_id}&client_id={}", &client_id[..client_id.len() - 4])).await.unwrap();
    pending.ended().await.unwrap_err();
    assert!(world.saved_registrations().is_empty(), "a part of a client id is none");
}

#[tokio::test]
async fn lost_file_changes_neither_person_nor_registration() {
    let world = World::new().await;
    let ada = world.sign_in_with_plan("ada").await;
    std::fs::remove_file(world.registration_file().path()).unwrap();
    let other = world.start_plan(PlanIdentity::Same(ada.id())).await;
    Browser::new().approve(&other.url, "ben").await;
    assert_eq!(other.ended().await.unwrap_err().code, ErrorCode::OtherAccount);
    std::fs::remove_file(world.registration_file().path()).unwrap();
    let again = world.start_plan(PlanIdentity::Any).await;
    assert_eq!(again.parameter("client_id"), Some(ada.account_id.clone()));
    Browser::new().approve(&again.url, "ada").await;
    assert_eq!(again.ended().await.unwrap().id(), ada.id());
    assert_eq!(world.sandbox.registrations().len(), 1);
}

#[tokio::test]
async fn plan_without_an_access_token_is_malformed() {
    let world = World::new().await;
    world
        .sandbox
        .change_settings(|settings| settings.plan_usage.exchange_omits = vec![TokenField::AccessToken]);
    let pending = world.start_plan(PlanIdentity::Any).await;
    Browser::new().approve(&pending.url, "ada").await;
    assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::MalformedAnswer);
    assert_eq!(world.sandbox.count("plan.revoke"), 1);
}

#[tokio::test]
async fn another_sign_in_registers_only_when_another_account_is_wanted() {
    let world = World::new().await;
    let ada = world.sign_in_with_plan("ada").await;
    let again = world.start_plan(PlanIdentity::Any).await;
    again.opened_by(&Browser::new()).await;
    assert_eq!(again.ended().await.unwrap().id(), ada.id());
    assert_eq!(world.sandbox.registrations().len(), 1);
    world.sign_in_with_plan("ben").await;
    assert_eq!(world.sandbox.registrations().len(), 2);
}

#[tokio::test]
async fn client_id_of_the_callback_completes_a_registration_and_replaces_none() {
    let set = |world: &World, kind| {
        world.sandbox.change_settings(|settings| settings.plan_usage.callback_client_id = kind);
    };
    for kind in [CallbackClientId::Absent, CallbackClientId::Dynamic] {
        let world = World::new().await;
        set(&world, kind);
        let pending = world.start_plan(PlanIdentity::Any).await;
        Browser::new().approve(&pending.url, "ada").await;
        let refused = pending.ended().await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::RegistrationIncomplete, "{kind:?}");
        assert!(
            world.saved_registrations().is_empty()
                && world.sandbox.count("plan.token.authorization_code") == 0,
            "{kind:?}"
        );
    }
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    for (kind, is_taken) in [
        (CallbackClientId::OnlyIfNew, true),
        (CallbackClientId::Absent, true),
        (CallbackClientId::Dynamic, false),
        (CallbackClientId::Other, false),
    ] {
        set(&world, kind);
        let pending = world.start_plan(PlanIdentity::Same(account.id())).await;
        Browser::new().approve(&pending.url, "ada").await;
        assert_eq!(pending.ended().await.is_ok(), is_taken, "{kind:?}");
        assert_eq!(world.only_sign_in().account.account_id, account.account_id, "{kind:?}");
    }
}

#[tokio::test]
async fn identity_that_is_not_genuine_saves_nothing_and_revokes_the_grant() {
    for variant in [
        IdTokenVariant::WrongNonce,
        IdTokenVariant::NoNonce,
        IdTokenVariant::WrongSignature,
        IdTokenVariant::AlgNone,
        IdTokenVariant::Expired,
        IdTokenVariant::TwoAudiences,
    ] {
        let world = World::new().await;
        world.sandbox.change_settings(|settings| settings.plan_usage.id_token = Some(variant));
        let pending = world.start_plan(PlanIdentity::Any).await;
        Browser::new().approve(&pending.url, "ada").await;
        assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::MalformedAnswer, "{variant:?}");
        assert!(world.summary().sign_ins.is_empty(), "{variant:?}");
        assert_eq!(world.saved_registrations()[0].subject, None, "{variant:?}");
        assert_eq!(world.sandbox.count("plan.revoke"), 1, "{variant:?}");
    }
}

#[tokio::test]
async fn cancelled_sign_in_saves_nothing_and_closes_its_port() {
    let world = World::new().await;
    let pending = world.start_plan(PlanIdentity::Any).await;
    let port = pending.port();
    pending.cancel().await;
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err());
    assert!(world.summary().sign_ins.is_empty());
}

#[tokio::test]
async fn redirect_is_taken_at_127_0_0_1_only() {
    let world = World::new().await;
    let pending = world.start_plan(PlanIdentity::Any).await;
    let (port, state) = (pending.port(), pending.parameter("state").unwrap());
    assert!(tokio::net::TcpStream::connect(("::1", port)).await.is_err(), "IPv6 is not listened on");
    for host in ["localhost", "evil.example"] {
        let request = format!(
            "GET /auth/callback?code=c&client_id=oaiapp_1&state={state} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n"
        );
        assert!(raw(port, &request).await.starts_with("HTTP/1.1 403"), "{host}");
    }
    Browser::new().approve(&pending.url, "ada").await;
    pending.ended().await.unwrap();
}

#[tokio::test]
async fn pasted_address_signs_in_without_a_port() {
    let world = World::new().await;
    let pending = world.start_plan_request(PlanSignInKind::Paste, PlanIdentity::Any, false).await;
    assert!(pending.launch_pages.is_none());
    let landing = Browser::new().approve(&pending.url, "ada").await;
    assert_eq!(landing.status, None, "nothing listens");
    let (reply, result) = oneshot::channel();
    pending.paste.send((landing.url.to_string(), reply)).await.unwrap();
    result.await.unwrap().unwrap();
    assert_eq!(pending.ended().await.unwrap().email.as_deref(), Some("ada@example.com"));
}
