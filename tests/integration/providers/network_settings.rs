//! The proxy and the certificate authority of the settings: used without a restart, below the environment's, and never
//! with the password in a file.

use serde_json::{Value, json};
use usher_sandbox::{Options, Sandbox};
use usher_tests::{Gateway, Home, Secrets, sign_in};

use crate::gateway::dialects::responses_request;
use crate::providers::proxy_tunnel::{NAME, Proxy, TlsFront};

const PASSWORD: &str = "open@sesame-4711";

/// A backend with another host name and a private certificate authority, which only a proxy reaches.
struct Company {
    sandbox: Sandbox,
    front: TlsFront,
    home: Home,
}

impl Company {
    async fn new() -> Self {
        let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
        let front = TlsFront::to(&sandbox, NAME).await;
        let home = Home::at_addresses(sandbox.issuer(), &format!("https://{NAME}/backend-api"));
        sign_in(&home, &sandbox, "ada").await;
        home.write("authority.pem", &front.authority);
        Self { sandbox, front, home }
    }

    /// Chooses a proxy that asks for a password, and the certificate authority.
    async fn choose(&self, proxy: &Proxy) -> Value {
        let address = format!("http://ada@{}", proxy.address);
        let set = ["preferences", "set", "proxy", &address, "--password-stdin"];
        self.home.json_with_input(&set, PASSWORD).await.done();
        let file = self.home.path().join("authority.pem");
        self.home.json(&["preferences", "set", "ca-file", file.to_str().unwrap()]).await.done()
    }
}

fn value<'a>(preferences: &'a Value, name: &str) -> &'a Value {
    let all = preferences["preferences"].as_array().unwrap();
    all.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name} of {preferences}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chosen_proxy_and_authority_are_used_and_the_password_is_in_no_file() {
    let company = Company::new().await;
    let home = &company.home;
    assert_eq!(home.json(&["usage"]).await.error_code(5), "dns", "only the proxy knows the name");
    let proxy = Proxy::to(&company.front).await;
    let preferences = company.choose(&proxy).await;
    assert_eq!(value(&preferences, "proxy")["note"], "with a saved password");
    home.json(&["test"]).await.done();

    let connects = proxy.connects();
    // `ada:open@sesame-4711` in base64 (RFC 7617 §2).
    assert!(
        connects[0].contains("YWRhOm9wZW5Ac2VzYW1lLTQ3MTE="),
        "the proxy received the password: {connects:?}"
    );
    let doctor = home.json(&["doctor"]).await;
    assert!(doctor.stdout.contains(&format!("{NAME}: through {}", proxy.address)), "{doctor:?}");
    let mut secrets = Secrets::default();
    secrets.add("password", PASSWORD);
    for file in ["config.toml", "config.last-good.toml", "secrets.usher"] {
        assert_eq!(secrets.found_in(home.read(file).as_bytes()), None, "{file}");
    }
    for output in [&preferences.to_string(), &doctor.stdout, &doctor.stderr] {
        assert_eq!(secrets.found_in(output.as_bytes()), None, "{output}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn environment_wins_over_the_chosen_proxy_and_is_named() {
    let mut company = Company::new().await;
    let (chosen, other) = (Proxy::to(&company.front).await, Proxy::refusing().await);
    company.choose(&chosen).await;
    company.home.set("HTTPS_PROXY", &format!("http://{}", other.address));
    let error = company.home.json(&["usage"]).await.error(5);
    assert!(error["message"].as_str().unwrap().contains(&other.address), "{error}");
    assert_eq!(chosen.connects().len(), 0);
    let preferences = company.home.json(&["preferences"]).await.done();
    assert_eq!(value(&preferences, "proxy")["note"], "HTTPS_PROXY of the environment wins");
    let doctor = company.home.json(&["doctor"]).await;
    assert!(doctor.stdout.contains("HTTPS_PROXY of the environment wins over the settings"), "{doctor:?}");
}

/// A password is for one address and one user.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn password_is_sent_to_no_other_proxy() {
    let company = Company::new().await;
    let (first, second) = (Proxy::to(&company.front).await, Proxy::refusing().await);
    company.choose(&first).await;
    // As another program, or an import, would change it.
    let settings = company.home.read("config.toml").replace(&first.address, &second.address);
    company.home.write("config.toml", &settings);
    assert_eq!(company.home.json(&["usage"]).await.error_code(5), "proxy");
    assert!(second.connects().iter().all(|head| !head.contains("c2VzYW1l") && !head.contains("sesame")));
    let sent = second.connects().join("");
    assert!(!sent.contains("YWRhOm9wZW5"), "{sent}");
    // Chosen again without one, it is forgotten.
    company.home.json(&["preferences", "set", "proxy", "none"]).await.done();
    let back = format!("http://ada@{}", first.address);
    let preferences = company.home.json(&["preferences", "set", "proxy", &back]).await.done();
    assert_eq!(value(&preferences, "proxy")["note"], Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn running_gateway_takes_the_proxy_over_without_a_restart() {
    let company = Company::new().await;
    let gateway = Gateway::start(&company.home).await;
    let refused = gateway.post("/v1/responses", &responses_request(false)).await;
    assert_ne!(refused.status, 200, "no proxy, no way");
    let proxy = Proxy::to(&company.front).await;
    company.choose(&proxy).await;
    let answered = gateway.post("/v1/responses", &responses_request(false)).await;
    assert_eq!(answered.status, 200, "{answered:?}");
    assert!(!proxy.passed().is_empty());
    assert_eq!(company.sandbox.requests("responses").len(), 1);
    company.home.json(&["preferences", "set", "proxy", "none"]).await.done();
    assert_ne!(gateway.post("/v1/responses", &responses_request(false)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_that_cannot_be_used_change_nothing() {
    let company = Company::new().await;
    let home = &company.home;
    home.json(&["preferences", "set", "no-proxy", ".local"]).await.done();
    let before = home.read("config.toml");
    home.write("empty.pem", "");
    for (name, value, part) in [
        ("proxy", "http://ada:sesame@proxy.example:1", "the password does not belong in it"),
        ("proxy", "nonsense://x", "it must be system, none, or an address"),
        ("ca-file", "/nowhere.pem", "No such file"),
        ("ca-file", home.path().join("empty.pem").to_str().unwrap(), "no certificate that can be used"),
        ("activity-days", "91", "at most 90 days"),
        ("activity-days", "many", "takes a number of days"),
        ("port", "0", "takes a number from 1 to 65535"),
        ("hide-personal-data", "maybe", "takes on or off"),
        ("language", "nl", "takes system, en, de"),
    ] {
        let ran = home.json(&["preferences", "set", name, value]).await;
        let error = &ran.json()["error"];
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(part), "{name} {value}: {message}");
        assert!(!ran.stdout.contains("sesame") && !ran.stderr.contains("sesame"), "{ran:?}");
    }
    assert_eq!(home.read("config.toml"), before);
    // One that was written by hand stops requests instead of going past the proxy.
    home.write("config.toml", "[network]\nproxy = \"http://ada:sesame@proxy.example:1\"\n");
    let error = home.json(&["usage"]).await.error(5);
    assert_eq!(error["code"], json!("proxy"));
    assert!(error["message"].as_str().unwrap().contains("so nothing is sent"), "{error}");
    assert!(!error.to_string().contains("sesame"), "{error}");
}
