//! Replays every recorded gateway request of Codex 0.169.0 and Claude Code 2.1.329 (clients §2.2) to the built gateway
//! with its original headers: it succeeds, and requests of Codex reach the backend unchanged.
//! `golden/recorded.json` has the heads; the bodies, with long texts cut, are those of the dialect's tests.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use usher_tests::{Gateway, signed_in};

#[derive(Deserialize)]
struct Recorded {
    trace: String,
    n: u32,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    /// A file below the dialect's golden folder, and after `#` an index in its list.
    body: Option<String>,
}

impl Recorded {
    fn body(&self) -> Option<Value> {
        let (file, index) = self.body.as_ref().map(|name| name.split_once('#').unwrap_or((name, "")))?;
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/dialect/tests/golden");
        let body: Value = serde_json::from_slice(&std::fs::read(golden.join(file)).unwrap()).unwrap();
        Some(index.parse::<usize>().map_or(body.clone(), |index| body[index]["body"].clone()))
    }

    fn has(&self, name: &str, value: &str) -> bool {
        self.headers.iter().any(|(known, header)| known.eq_ignore_ascii_case(name) && header == value)
    }

    /// Returns the bytes of the request, with the pass of `gateway`.
    fn request(&self, gateway: &Gateway, body: &[u8]) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        let own = [
            ("host".to_owned(), gateway.authority().to_owned()),
            ("authorization".to_owned(), format!("Bearer {}", gateway.pass())),
            ("content-length".to_owned(), body.len().to_string()),
            ("connection".to_owned(), "close".to_owned()),
        ];
        for (name, value) in self.headers.iter().chain(&own) {
            head.extend([name, ": ", value, "\r\n"]);
        }
        [head.as_bytes(), b"\r\n", body].concat()
    }
}

fn recorded(client: &str) -> Vec<Recorded> {
    let all: Vec<Recorded> = serde_json::from_str(include_str!("golden/recorded.json")).unwrap();
    all.into_iter().filter(|request| request.trace.starts_with(client)).collect()
}

/// Returns a zstd frame of uncompressed blocks (RFC 8878 §3.1.1).
fn zstd_frame(body: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38];
    let blocks: Vec<&[u8]> = body.chunks(100_000).collect();
    for (number, block) in blocks.iter().enumerate() {
        let header = u32::try_from(block.len()).unwrap() << 3 | u32::from(number + 1 == blocks.len());
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.extend_from_slice(block);
    }
    frame
}

#[tokio::test]
async fn recorded_codex_requests_reach_backend_unchanged() {
    let (sandbox, home) = signed_in().await;
    let gateway = Gateway::start(&home).await;
    let sealed = gateway.encrypted_reasoning().await;
    let (mut responses_sent, mut upgrades, mut lists) = (0, 0, 0);
    for request in recorded("codex") {
        let which = format!("{} {}", request.trace, request.n);
        let Some(mut body) = request.body() else {
            let response = gateway.exchange_parsed(&request.request(&gateway, b"")).await;
            if request.target.starts_with("/v1/models") {
                assert!(
                    response.status == 200 && response.json()["models"][0]["slug"].is_string(),
                    "{which}"
                );
                lists += 1;
            } else {
                assert_eq!(response.status, 426, "{which}: the WebSocket that Codex tries first");
                upgrades += 1;
            }
            continue;
        };
        // Encrypted reasoning is cut from the recording; the backend can only decrypt its own.
        for item in body["input"].as_array_mut().unwrap() {
            item.as_object_mut()
                .unwrap()
                .entry("encrypted_content")
                .and_modify(|cut| *cut = sealed.as_str().into());
        }
        let zstd = request.has("content-encoding", "zstd");
        let bytes = body.to_string().into_bytes();
        let bytes = if zstd { zstd_frame(&bytes) } else { bytes };
        let response = gateway.exchange_parsed(&request.request(&gateway, &bytes)).await;
        assert_eq!(
            (response.status, response.events().last()),
            (200, Some(&"response.completed")),
            "{which}"
        );
        assert_eq!(response.header("x-usher-dropped"), "", "{which}");
        let sent = sandbox.requests("responses").pop().unwrap();
        assert_eq!(sent.body, body, "{which}");
        for name in ["session-id", "thread-id", "x-client-request-id", "x-codex-turn-metadata"] {
            let header = request.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            assert_eq!(sent.header(name), header.map(|(_, value)| value.as_str()), "{which} {name}");
        }
        assert_eq!(sent.header("x-openai-internal-codex-responses-lite").is_some(), lite(&body), "{which}");
        assert_ne!(sent.header("originator"), Some("codex_exec"), "{which}: Usher sends its own name");
        responses_sent += 1;
    }
    assert_eq!((responses_sent, upgrades, lists), (8, 7, 6));
}

/// Returns whether the body has the Lite form, with its tools in the input (protocol §8.2).
fn lite(body: &Value) -> bool {
    body["input"][0]["type"] == "additional_tools"
}

#[tokio::test]
async fn recorded_claude_code_requests_succeed() {
    let (sandbox, home) = signed_in().await;
    let gateway = Gateway::start(&home).await;
    let (mut responses_sent, mut counted, mut lists) = (0, 0, 0);
    for request in recorded("claude") {
        let which = format!("{} {}", request.trace, request.n);
        let body = request.body().map(|body| body.to_string()).unwrap_or_default();
        let response = gateway.exchange_parsed(&request.request(&gateway, body.as_bytes())).await;
        assert_eq!(response.status, 200, "{which} {response:?}");
        if request.method == "GET" {
            let list = response.json();
            let ids = list["data"].as_array().unwrap().iter().filter_map(|model| model["id"].as_str());
            assert!(ids.filter(|id| id.starts_with("claude-")).count() > 3, "{which} {list}");
            lists += 1;
        } else if request.target.contains("count_tokens") {
            assert!(response.json()["input_tokens"].as_u64().is_some_and(|tokens| tokens > 10), "{which}");
            counted += 1;
        } else {
            let events = response.events();
            assert_eq!(
                (events.first(), events.last()),
                (Some(&"message_start"), Some(&"message_stop")),
                "{which}"
            );
            responses_sent += 1;
        }
    }
    assert_eq!((responses_sent, counted, lists), (8, 2, 2));
    let sessions =
        sandbox.requests("responses").into_iter().map(|sent| sent.body["prompt_cache_key"].clone());
    let sessions: std::collections::BTreeSet<String> = sessions.map(|key| key.to_string()).collect();
    assert_eq!(sessions.len(), 3, "one cache key per session: {sessions:?}");
}
