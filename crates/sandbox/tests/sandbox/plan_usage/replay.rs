//! Requests that clients of others sent, as recorded (siwc §18): the sandbox accepts each one, field by field.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::support::HOST_ID;
use crate::support::{Rig, events, read};

/// A client that sends recorded requests, with the values that this run gave it.
struct Client {
    rig: Rig,
    /// Issued client ids, in order; recordings number them.
    issued_ids: Vec<String>,
    /// What stands in for the other placeholders.
    values: BTreeMap<&'static str, String>,
}

impl Client {
    async fn start(verifier_length: usize) -> Self {
        let rig = Rig::start().await;
        let model = |slug: &str| json!({ "slug": slug, "display_name": slug, "visibility": "list" });
        rig.sandbox.change_settings(|settings| {
            settings.models = Some(["gpt-9.1-sol", "gpt-6.1-sol", "gpt-5.5"].map(model).into());
        });
        let verifier = "v".repeat(verifier_length);
        let values = BTreeMap::from([
            ("state", "s".repeat(43)),
            ("nonce", "n".repeat(43)),
            ("code_challenge", URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier))),
            ("code_verifier", verifier),
            ("ext_agent_host_id", HOST_ID.to_owned()),
        ]);
        Self { rig, issued_ids: Vec::new(), values }
    }

    /// Puts this run's values in the place of `<name N>`; other texts stay.
    fn fill(&self, text: &str) -> String {
        let Some((before, rest)) = text.split_once('<') else { return text.to_owned() };
        let Some((placeholder, after)) = rest.split_once('>') else { return text.to_owned() };
        let Some((name, number)) = placeholder.rsplit_once(' ') else { return text.to_owned() };
        let value = match (name, number.parse::<usize>()) {
            ("issued client_id", Ok(number)) => self.issued_ids.get(number - 1),
            (_, Ok(_)) => self.values.get(name),
            _ => return text.to_owned(),
        };
        format!("{before}{}{after}", value.unwrap_or_else(|| panic!("no value for {text}")))
    }

    fn pairs(&self, fields: &Value) -> Vec<(String, String)> {
        let fields = fields.as_object().into_iter().flatten();
        fields.map(|(name, value)| (name.clone(), self.fill(value.as_str().expect("text")))).collect()
    }

    async fn authorize(&mut self, recorded: &Value) {
        let mut url = url::Url::parse(&self.rig.at("/api/accounts/authorize")).expect("a URL");
        url.query_pairs_mut().extend_pairs(self.pairs(&recorded["query"]));
        let landing = self.rig.browser.approve(url.as_str(), "ada").await;
        let code = landing.query("code").unwrap_or_else(|| panic!("{recorded}: {}", landing.url));
        self.values.insert("code", code);
        let client_id = landing.query("client_id").expect("a client id");
        if !self.issued_ids.contains(&client_id) {
            self.issued_ids.push(client_id);
        }
    }

    async fn token(&mut self, recorded: &Value) {
        if recorded["body"]["grant_type"] == "refresh_token" {
            // The recordings show that clients lose their sign-in before; here what they send is of interest.
            self.rig.sandbox.advance_clock(55 * 60);
        }
        let (status, tokens) = read(self.send_form(recorded).await).await;
        assert_eq!(status, 200, "{recorded}: {tokens}");
        for name in ["access_token", "refresh_token", "id_token"] {
            self.values.insert(name, tokens[name].as_str().expect("a token").to_owned());
        }
    }

    async fn send_form(&self, recorded: &Value) -> Response {
        let encoded = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.pairs(&recorded["body"]))
            .finish();
        self.send(recorded, encoded).await
    }

    async fn send(&self, recorded: &Value, body: String) -> Response {
        let method: Method = recorded["method"].as_str().and_then(|m| m.parse().ok()).expect("a method");
        let path = recorded["path"].as_str().expect("a path");
        let mut request = self.rig.http.request(method, self.rig.at(path)).body(body);
        for (name, value) in self.pairs(&recorded["headers"]) {
            request = request.header(name, value);
        }
        request.send().await.expect("a response")
    }

    async fn replay(&mut self, recorded: &Value) {
        match recorded["path"].as_str().expect("a path") {
            "/api/accounts/authorize" => self.authorize(recorded).await,
            "/api/accounts/oauth/token" => self.token(recorded).await,
            "/api/accounts/oauth/revoke" => assert_eq!(self.send_form(recorded).await.status(), 200),
            "/v1/responses" => {
                let response = self.send(recorded, recorded["body"].to_string()).await;
                let events = events(response).await;
                assert_eq!(events.last().expect("events")["type"], "response.completed", "{recorded}");
            }
            _ => assert_eq!(self.send(recorded, String::new()).await.status(), 200, "{recorded}"),
        }
    }
}

fn parse(recording: &str) -> Vec<Value> {
    let recording: Value = serde_json::from_str(recording).expect("JSON");
    recording["requests"].as_array().expect("requests").clone()
}

/// Returns the length of the verifier, which the challenge does not show.
fn verifier_length(requests: &[Value]) -> usize {
    let lengths = requests.iter().find_map(|request| request["body_lengths"]["code_verifier"].as_u64());
    usize::try_from(lengths.unwrap_or(43)).expect("a length")
}

/// Sends all requests of a recording, and returns how many of each endpoint were accepted.
async fn replay(recording: &str) -> BTreeMap<String, u64> {
    let requests = parse(recording);
    let mut client = Client::start(verifier_length(&requests)).await;
    for recorded in &requests {
        client.replay(recorded).await;
    }
    client.rig.sandbox.counts()
}

#[tokio::test]
async fn chatgpt_plan_auth_is_accepted() {
    let counts = replay(include_str!("traces/chatgpt-plan-auth-1.0.2.json")).await;
    assert_eq!((counts["plan.authorize"], counts["plan.models"], counts["plan.responses"]), (3, 1, 2));
}

#[tokio::test]
async fn pydantic_ai_is_accepted() {
    let counts = replay(include_str!("traces/pydantic-ai-2.68.0.json")).await;
    assert!(counts["plan.authorize"] >= 6 && counts["plan.responses"] >= 6, "{counts:?}");
}

#[tokio::test]
async fn chatgpt_auth_is_accepted() {
    let counts = replay(include_str!("traces/chatgpt-auth-0.1.0.json")).await;
    assert!(counts["plan.discovery"] >= 1 && counts["plan.keys"] >= 1, "{counts:?}");
    assert_eq!(counts["plan.revoke"], 1);
}

#[tokio::test]
async fn pi_ai_is_accepted() {
    let counts = replay(include_str!("traces/pi-ai-1.6.0.json")).await;
    assert_eq!((counts["plan.authorize"], counts["plan.responses"]), (4, 4));
}

#[tokio::test]
async fn codex_is_accepted_but_for_tool_search() {
    let requests = parse(include_str!("traces/codex-0.171.0-plan-provider.json"));
    let mut client = Client::start(43).await;
    let issued = client.rig.sandbox.issue_plan_usage("ada");
    client.values.insert("access_token", issued.access_token);
    for recorded in &requests {
        if recorded["body"]["model"] != "gpt-5.5" {
            client.replay(recorded).await;
            continue;
        }
        let (status, body) = read(client.send(recorded, recorded["body"].to_string()).await).await;
        assert_eq!((status, &body["error"]["param"]), (400, &json!("tools")), "{body}");
    }
    assert_eq!(client.rig.sandbox.count("plan.responses"), 3);
}
