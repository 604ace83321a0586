//! Browser sign-in (protocol §1).

use reqwest::Client;
use url::Url;
use usher_sandbox::Options;

use crate::support::{REDIRECT, Rig, account_id, claims, read};

#[tokio::test]
async fn sign_in_approved_redirects_with_code_and_state() {
    let rig = Rig::start().await;
    let landing = rig.browser.approve(&rig.authorize_url(&[("state", Some("a b+c/d"))]), "ada").await;
    assert!(landing.url.as_str().starts_with(REDIRECT), "{}", landing.url);
    assert_eq!(landing.query("state").as_deref(), Some("a b+c/d"));
    let (status, tokens) = read(rig.exchange(&landing.query("code").expect("a code"), &[]).await).await;
    assert_eq!(status, 200);
    let access = claims(tokens["access_token"].as_str().expect("a token"));
    let id = claims(tokens["id_token"].as_str().expect("a token"));
    for token in [&access, &id] {
        let auth = &token["https://api.openai.com/auth"];
        assert_eq!(auth["chatgpt_account_id"], account_id("ada"));
        assert_eq!(auth["chatgpt_plan_type"], "plus");
        assert_eq!(auth["chatgpt_user_id"], "user-ada");
        assert_eq!(token["iss"], rig.sandbox.issuer());
    }
    assert_eq!(access["https://api.openai.com/profile"]["email"], "ada@example.com");
    assert_eq!(id["email"], "ada@example.com");
    assert_ne!(id["https://api.openai.com/auth"]["organizations"][0]["id"], account_id("ada"));
    let lifetime = access["exp"].as_i64().expect("exp") - access["iat"].as_i64().expect("iat");
    assert_eq!(lifetime, 8 * 24 * 60 * 60);
    assert_eq!(tokens["expires_in"], lifetime);
    assert_eq!(tokens["token_type"], "Bearer");
}

/// Asserts that the browser is not redirected, and the person sees why.
async fn stays_in_the_browser(changes: &[(&str, Option<&str>)]) {
    let rig = Rig::start().await;
    let landing = rig.browser.approve(&rig.authorize_url(changes), "ada").await;
    assert_eq!(landing.status, Some(400), "{}", landing.url);
    assert_eq!(landing.url.path(), "/oauth/authorize");
    assert!(landing.body.contains("Sign-in refused"));
}

#[tokio::test]
async fn authorize_with_unknown_client_does_not_redirect() {
    stays_in_the_browser(&[("client_id", Some("app_somebody_else"))]).await;
    stays_in_the_browser(&[("client_id", None)]).await;
}

#[tokio::test]
async fn authorize_with_unregistered_redirect_does_not_redirect() {
    for redirect in [
        "http://127.0.0.1:1456/auth/callback",
        "http://127.0.0.1:1455/callback",
        "http://127.0.0.1:1455/auth/callback/",
        "http://127.0.0.1:1455/auth/callback?x=1",
        "https://127.0.0.1:1455/auth/callback",
        "http://[::1]:1455/auth/callback",
        "http://127.0.0.1/auth/callback",
        "http://example.com:1455/auth/callback",
        "http://127.0.0.1.example.com:1455/auth/callback",
        "http://user@127.0.0.1:1455/auth/callback",
        "not a url",
    ] {
        stays_in_the_browser(&[("redirect_uri", Some(redirect))]).await;
    }
    stays_in_the_browser(&[("redirect_uri", None)]).await;
}

#[tokio::test]
async fn authorize_with_repeated_parameter_does_not_redirect() {
    let rig = Rig::start().await;
    let url = format!("{}&state=again", rig.authorize_url(&[]));
    assert_eq!(rig.browser.open(&url).await.status, Some(400));
}

#[tokio::test]
async fn redirect_to_either_host_and_port_is_registered() {
    for redirect in [
        "http://127.0.0.1:1455/auth/callback",
        "http://127.0.0.1:1457/auth/callback",
        "http://localhost:1455/auth/callback",
        "http://localhost:1457/auth/callback",
    ] {
        let rig = Rig::start().await;
        let landing =
            rig.browser.approve(&rig.authorize_url(&[("redirect_uri", Some(redirect))]), "ada").await;
        assert!(landing.url.as_str().starts_with(redirect), "{}", landing.url);
        let exchanged =
            rig.exchange(&landing.query("code").expect("a code"), &[("redirect_uri", redirect)]).await;
        assert_eq!(exchanged.status(), 200);
    }
}

#[tokio::test]
async fn redirect_to_other_port_needs_option() {
    let redirect = "http://127.0.0.1:50123/auth/callback";
    let one = Options { extra_redirect_ports: vec![50123], ..Options::default() };
    for options in [one, Options::for_tests()] {
        let rig = Rig::with(options).await;
        let landing =
            rig.browser.approve(&rig.authorize_url(&[("redirect_uri", Some(redirect))]), "ada").await;
        assert!(landing.query("code").is_some(), "{}", landing.url);
    }
    stays_in_the_browser(&[("redirect_uri", Some(redirect))]).await;
}

/// Asserts that the client gets `error`, with its state, and no code.
async fn comes_back_with(error: &str, changes: &[(&str, Option<&str>)]) {
    let rig = Rig::start().await;
    let landing = rig.browser.approve(&rig.authorize_url(changes), "ada").await;
    assert!(landing.url.as_str().starts_with(REDIRECT), "{changes:?}: {}", landing.url);
    assert_eq!(landing.query("error").as_deref(), Some(error), "{changes:?}");
    assert_eq!(landing.query("code"), None);
    let sent =
        changes.iter().find(|(name, _)| *name == "state").map_or(Some("the-state"), |(_, value)| *value);
    assert_eq!(landing.query("state").as_deref(), sent);
}

#[tokio::test]
async fn authorize_without_s256_is_rejected() {
    comes_back_with("invalid_request", &[("code_challenge_method", Some("plain"))]).await;
    comes_back_with("invalid_request", &[("code_challenge_method", None)]).await;
    comes_back_with("invalid_request", &[("code_challenge", None)]).await;
    comes_back_with("invalid_request", &[("code_challenge", Some("short"))]).await;
    comes_back_with("invalid_request", &[("code_challenge", Some(&"=".repeat(43)))]).await;
}

#[tokio::test]
async fn authorize_with_other_response_type_is_rejected() {
    comes_back_with("unsupported_response_type", &[("response_type", Some("token"))]).await;
}

#[tokio::test]
async fn authorize_without_state_is_rejected() {
    comes_back_with("invalid_request", &[("state", None)]).await;
}

#[tokio::test]
async fn authorize_with_wrong_scope_is_rejected() {
    comes_back_with("invalid_scope", &[("scope", Some("openid admin"))]).await;
    comes_back_with("invalid_scope", &[("scope", Some("profile email"))]).await;
    comes_back_with("invalid_scope", &[("scope", None)]).await;
}

#[tokio::test]
async fn authorize_with_wrong_optional_parameter_is_rejected() {
    comes_back_with("invalid_request", &[("id_token_add_organizations", Some("yes"))]).await;
    comes_back_with("invalid_request", &[("codex_cli_simplified_flow", Some("1"))]).await;
    comes_back_with("invalid_request", &[("originator", Some(""))]).await;
    comes_back_with("invalid_request", &[("prompt", Some("none"))]).await;
}

#[tokio::test]
async fn authorize_without_optional_parameters_is_accepted() {
    let rig = Rig::start().await;
    let changes =
        [("id_token_add_organizations", None), ("codex_cli_simplified_flow", None), ("originator", None)];
    let landing = rig.browser.approve(&rig.authorize_url(&changes), "ada").await;
    let (_, tokens) = read(rig.exchange(&landing.query("code").expect("a code"), &[]).await).await;
    let id = claims(tokens["id_token"].as_str().expect("a token"));
    assert!(id["https://api.openai.com/auth"]["organizations"].is_null());
}

#[tokio::test]
async fn consent_denied_redirects_with_access_denied() {
    let rig = Rig::start().await;
    let landing = rig.browser.deny(&rig.authorize_url(&[]), "ada").await;
    assert_eq!(landing.query("error").as_deref(), Some("access_denied"));
    assert_eq!(landing.query("state").as_deref(), Some("the-state"));
}

#[tokio::test]
async fn consent_for_workspace_without_codex_is_missing_entitlement() {
    let rig = Rig::start().await;
    let landing = rig.browser.approve(&rig.authorize_url(&[]), "noa").await;
    assert_eq!(landing.query("error").as_deref(), Some("access_denied"));
    assert!(
        landing.query("error_description").is_some_and(|text| text.contains("missing_codex_entitlement"))
    );
}

#[tokio::test]
async fn consent_for_workspace_is_in_tokens() {
    let rig = Rig::start().await;
    let second = "b0520000-0000-4000-8000-000000000005";
    let landing = rig.browser.approve_in(&rig.authorize_url(&[]), "ada-work", second).await;
    let (_, tokens) = read(rig.exchange(&landing.query("code").expect("a code"), &[]).await).await;
    let access = claims(tokens["access_token"].as_str().expect("a token"));
    assert_eq!(access["https://api.openai.com/auth"]["chatgpt_account_id"], second);
}

#[tokio::test]
async fn consent_for_foreign_workspace_is_rejected() {
    let rig = Rig::start().await;
    let landing = rig.browser.approve_in(&rig.authorize_url(&[]), "ada", account_id("eve")).await;
    assert_eq!(landing.query("error").as_deref(), Some("access_denied"));
}

#[tokio::test]
async fn authorize_with_allowed_workspaces_offers_only_those() {
    let rig = Rig::start().await;
    let second = "b0520000-0000-4000-8000-000000000005";
    let url = rig.authorize_url(&[("allowed_workspace_id", Some(second))]);
    let landing = rig.browser.approve_in(&url, "ada-work", account_id("ada-work")).await;
    assert_eq!(landing.query("error").as_deref(), Some("access_denied"));
    assert!(rig.browser.approve(&url, "ada-work").await.query("code").is_some());
}

#[tokio::test]
async fn second_sign_in_skips_login_unless_prompted() {
    let rig = Rig::start().await;
    rig.browser.approve(&rig.authorize_url(&[]), "ada").await;
    assert_eq!(rig.browser.open(&rig.authorize_url(&[])).await.url.path(), "/sandbox/consent");
    let forced = rig.browser.open(&rig.authorize_url(&[("prompt", Some("login"))])).await;
    assert_eq!(forced.url.path(), "/sandbox/login");
}

#[tokio::test]
async fn prompted_login_with_same_e_mail_adds_second_account() {
    let rig = Rig::start().await;
    let first = rig.browser.approve(&rig.authorize_url(&[]), "ada").await;
    let (_, personal) = read(rig.exchange(&first.query("code").expect("a code"), &[]).await).await;
    let forced = rig.authorize_url(&[("prompt", Some("login"))]);
    let chooser = rig.browser.open(&forced).await;
    assert_eq!((chooser.status, chooser.url.path()), (Some(200), "/sandbox/login"));
    for account in ["ada", "ada-work", "eve"] {
        assert!(chooser.body.contains(&format!("name=\"account\" value=\"{account}\"")), "{account}");
    }
    let second = rig.browser.approve(&forced, "ada-work").await;
    let (_, work) = read(rig.exchange(&second.query("code").expect("a code"), &[]).await).await;
    let mut ids = Vec::new();
    for (tokens, account) in [(&personal, "ada"), (&work, "ada-work")] {
        let access = tokens["access_token"].as_str().expect("a token");
        let claims = claims(access);
        assert_eq!(claims["https://api.openai.com/profile"]["email"], "ada@example.com");
        ids.push(claims["https://api.openai.com/auth"]["chatgpt_account_id"].clone());
        assert_eq!(rig.usage(access, account).await.status(), 200, "{account} is signed in still");
    }
    assert_eq!(ids, [account_id("ada"), account_id("ada-work")]);
    // The browser's session is now the second one's.
    let again = rig.browser.open(&rig.authorize_url(&[])).await;
    assert!(again.body.contains("Ada at work"), "{}", again.url);
}

#[tokio::test]
async fn prompted_login_with_old_session_is_not_skipped() {
    let rig = Rig::start().await;
    let http = Client::builder().cookie_store(true).no_proxy().build().expect("a plain HTTP client");
    let open = async |url: String| http.get(url).send().await.expect("a page").url().clone();
    let request_of = |page: &Url| page.query().expect("a request").replace("request=", "");
    let first = open(rig.authorize_url(&[])).await;
    let form = [("request", request_of(&first)), ("account", "ada".to_owned())];
    let signed_in = http.post(rig.at("/sandbox/login")).form(&form).send().await.expect("a page");
    assert_eq!(signed_in.url().path(), "/sandbox/consent");
    let chooser = open(rig.authorize_url(&[("prompt", Some("login"))])).await;
    let consent = chooser.as_str().replace("/login", "/consent");
    assert_eq!(open(consent).await.path(), "/sandbox/login");
    let form = [("request", request_of(&chooser)), ("decision", "allow".to_owned())];
    let decided = http.post(rig.at("/sandbox/consent")).form(&form).send().await.expect("a page");
    assert_eq!(decided.url().path(), "/sandbox/login");
}

#[tokio::test]
async fn consent_given_twice_is_rejected() {
    let rig = Rig::start().await;
    let page = rig.browser.open(&rig.authorize_url(&[])).await;
    let address = page.url.to_string();
    assert!(rig.browser.approve(&address, "ada").await.query("code").is_some());
    assert_eq!(rig.browser.open(&address).await.status, Some(400));
}

#[tokio::test]
async fn consent_without_session_redirects_to_login() {
    let rig = Rig::start().await;
    let page = rig.browser.open(&rig.authorize_url(&[])).await;
    let consent = page.url.as_str().replace("/login", "/consent");
    assert_eq!(rig.browser.open(&consent).await.url.path(), "/sandbox/login");
}

#[tokio::test]
async fn pages_have_banner_and_no_scripts() {
    let rig = Rig::start().await;
    let response = rig.http.get(rig.authorize_url(&[])).send().await.expect("a page");
    let policy = response.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(!policy.contains("script-src"), "{policy}");
    // Chromium applies it to where the response of a form redirects to.
    assert!(policy.contains("form-action 'self' http://127.0.0.1:*"), "{policy}");
    let page = response.text().await.expect("text");
    assert!(page.contains("Sandbox") && page.contains("No real account."));
}
