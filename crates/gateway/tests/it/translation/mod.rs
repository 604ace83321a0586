//! Answers of real services that are not as in the reference, through the gateway, for callers of each API.
//!
//! Each was reported for a program of this kind. What is only about the request that a service gets is tested in
//! `dialect`.

mod bodies;
mod calls;
mod chat_streams;
mod efforts;
mod response_streams;
mod tool_loops;

use std::sync::Arc;

use serde_json::{Value, json};
use url::Url;
use usher_domain::ports::{Authorization, Bearer};
use usher_domain::{AccessToken, ApiKey, Effort, Endpoints, OAuthProvider, Wire};
use usher_gateway::{Limits, Route};
use usher_net::{AllowedHosts, HttpClient, HttpRequest, HttpResponse, NetworkConfig};
use usher_upstream::{BackendConfig, COMPATIBLE_SERVER, OPENAI_PLATFORM};

use crate::support::{Answer, Meaning, ScriptedService, Served, route, serve};

/// The longest answer of a test.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// Who answers. Each is the same scripted service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Provider {
    /// A service that has only Chat Completions.
    Chat,
    /// A service that has the Responses API.
    Responses,
    /// The ChatGPT plan.
    Plan,
    /// OpenAI's API with a key.
    Platform,
}

impl Provider {
    /// Returns the secret of the pass that is for it.
    fn pass(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Responses => "responses",
            Self::Plan => "plan",
            Self::Platform => "platform",
        }
    }

    fn route(self, service: &ScriptedService) -> Route {
        let base = Url::parse(service.address()).unwrap();
        let key = Bearer::ApiKey(Arc::new(ApiKey::new("sk-scripted")));
        let token = Bearer::AccessToken(Arc::new(AccessToken::new("token")));
        let (config, bearer) = match self {
            Self::Chat => (BackendConfig::for_api(&COMPATIBLE_SERVER, Wire::ChatCompletions), key),
            Self::Responses => (BackendConfig::for_api(&COMPATIBLE_SERVER, Wire::Responses), key),
            Self::Platform => (BackendConfig::for_api(&OPENAI_PLATFORM, Wire::Responses), key),
            Self::Plan => {
                let endpoints = Endpoints::parse(service.address(), service.address()).unwrap();
                (BackendConfig::for_plan(&OAuthProvider::chatgpt(endpoints)), token)
            }
        };
        let (account_id, headers) = (Some("account".to_owned()), Vec::new());
        let authorization =
            Authorization { bearer, account_id, fedramp: false, headers, base, expires_at: None };
        let mut route = route(config, authorization, "m1");
        let effort = |id: &str| Effort { id: id.to_owned(), description: String::new() };
        route.model.efforts = ["low", "medium", "high"].map(effort).into();
        route
    }
}

/// The API that a caller speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    Messages,
    Chat,
    Responses,
}

impl Caller {
    const ALL: [Self; 3] = [Self::Messages, Self::Chat, Self::Responses];

    fn path(self) -> &'static str {
        match self {
            Self::Messages => "/v1/messages",
            Self::Chat => "/v1/chat/completions",
            Self::Responses => "/v1/responses",
        }
    }

    /// Returns whether `provider` speaks its API, so that answers are passed on.
    fn speaks_like(self, provider: Provider) -> bool {
        match self {
            Self::Messages => false,
            Self::Chat => provider == Provider::Chat,
            Self::Responses => provider != Provider::Chat,
        }
    }

    /// Returns a request with one tool, and the conversation `messages`.
    fn request(self, stream: bool, messages: &Value) -> Value {
        let schema = json!({ "type": "object", "properties": {} });
        match self {
            Self::Messages => {
                json!({ "model": "m1", "max_tokens": 99, "stream": stream, "messages": messages,
                "thinking": { "type": "enabled", "budget_tokens": 2000 },
                "tools": [{ "name": "now", "input_schema": schema }] })
            }
            Self::Chat => json!({ "model": "m1", "stream": stream, "messages": messages,
                "tools": [{ "type": "function", "function": { "name": "now", "parameters": schema } }] }),
            Self::Responses => json!({ "model": "m1", "stream": stream, "input": messages,
                "tools": [{ "type": "function", "name": "now", "parameters": schema }] }),
        }
    }

    /// Returns a first request.
    fn question(self, stream: bool) -> Value {
        self.request(stream, &json!([{ "role": "user", "content": "Hi" }]))
    }
}

/// The outcome of one request.
#[derive(Debug)]
struct Exchange {
    status: u16,
    body: String,
    /// What the provider was asked, each time.
    asked: Vec<Value>,
}

impl Exchange {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }

    /// Returns the events of a stream.
    fn events(&self) -> Vec<Value> {
        let data = self.body.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim);
        let data = data.filter(|data| !data.is_empty() && *data != "[DONE]");
        data.map(|data| serde_json::from_str(data).unwrap_or_else(|why| panic!("{why}: {self:?}"))).collect()
    }

    fn meaning(&self) -> Meaning {
        if self.body.trim_start().starts_with('{') {
            Meaning::of_body(&self.json())
        } else {
            Meaning::of_events(&self.events())
        }
    }
}

/// A gateway and the service behind all of its providers.
struct World {
    service: ScriptedService,
    served: Served,
    client: HttpClient,
}

impl World {
    async fn start() -> Self {
        let service = ScriptedService::start().await;
        let providers = [Provider::Chat, Provider::Responses, Provider::Plan, Provider::Platform];
        let routes = providers.map(|provider| (provider.pass(), provider.route(&service)));
        let served = serve(routes.into(), Limits::default()).await;
        let base = Url::parse(&format!("http://{}", served.address)).unwrap();
        let client = HttpClient::new(&NetworkConfig::default(), AllowedHosts::from_urls([&base])).unwrap();
        Self { service, served, client }
    }

    /// Sends a request and returns the response, whose body is not read yet.
    async fn send(&self, provider: Provider, path: &str, body: String) -> HttpResponse {
        let url = Url::parse(&format!("http://{}{path}", self.served.address)).unwrap();
        let request = HttpRequest::post_chunks(url, "application/json", vec![body.into()])
            .header("x-api-key", provider.pass());
        self.client.send(request).await.unwrap()
    }

    /// Sends the text of a request. The provider gives `answer`, and again if it is asked twice.
    async fn ask_text(&self, provider: Provider, path: &str, body: String, answer: &Answer) -> Exchange {
        self.service.set_answers([answer.clone(), answer.clone()]);
        let response = self.send(provider, path, body).await;
        let status = response.status().as_u16();
        let body = response.bytes(MAX_ANSWER_BYTES).await.unwrap();
        Exchange { status, body: String::from_utf8(body).unwrap(), asked: self.service.take_requests() }
    }

    async fn ask(&self, provider: Provider, caller: Caller, body: &Value, answer: &Answer) -> Exchange {
        self.ask_text(provider, caller.path(), body.to_string(), answer).await
    }

    /// Asserts that a streamed `answer` says the same to every caller, streamed or not, and is paid for once.
    async fn assert_all_hear(&self, provider: Provider, answer: &Answer, expected: &Meaning) {
        for caller in Caller::ALL {
            for stream in [true, false] {
                // What a service answers to a caller of its own API without streaming is its own body.
                if !stream && caller.speaks_like(provider) && provider != Provider::Plan {
                    continue;
                }
                let heard = self.ask(provider, caller, &caller.question(stream), answer).await;
                assert_eq!(heard.meaning(), *expected, "{caller:?}, stream {stream}: {heard:?}");
                assert_eq!(heard.asked.len(), 1, "{caller:?}, stream {stream}: {heard:?}");
            }
        }
    }
}
