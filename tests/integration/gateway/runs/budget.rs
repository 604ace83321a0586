//! `usher run --budget`: requests are refused once the tokens are used up.

use serde_json::{Value, json};
use usher_sandbox::{Options, Sandbox};
use usher_tests::{Gateway, Home};

use super::{home_for_programs, with_free_port};

/// Sends two requests and prints both responses, and the tokens of the first.
fn twice(path: &str, body: &Value) -> String {
    let ask = format!(
        "curl -isS \"$ANTHROPIC_BASE_URL{path}\" -H \"Authorization: Bearer $OPENAI_API_KEY\" \
         -H 'content-type: application/json' -d '{body}'"
    );
    format!("{ask}; echo; echo ----; {ask}")
}

fn requests() -> [(&'static str, Value); 6] {
    let messages = json!([{ "role": "user", "content": "Say ready." }]);
    let of = |stream: bool| json!({ "model": "", "messages": messages, "max_tokens": 99, "stream": stream });
    let responses = |stream: bool| json!({ "model": "", "input": "Say ready.", "stream": stream });
    [
        ("/v1/responses", responses(false)),
        ("/v1/responses", responses(true)),
        ("/v1/chat/completions", of(false)),
        ("/v1/chat/completions", of(true)),
        ("/v1/messages", of(false)),
        ("/v1/messages", of(true)),
    ]
}

async fn refused_after_first(home: &Home, options: &[&str], path: &str, body: &Value) {
    let script = twice(path, body);
    let ran = home.run(&[&["run", "--budget", "1"], options, &["--", "sh", "-c", &script]].concat()).await;
    let (first, second) = ran.stdout.split_once("\n----\n").unwrap_or_else(|| panic!("{ran:?}"));
    assert!(first.starts_with("HTTP/1.1 200"), "{path}: {first}");
    let (head, answer) = second.split_once("\r\n\r\n").unwrap();
    let status = if path == "/v1/messages" { 429 } else { 403 };
    assert!(
        head.starts_with(&format!("HTTP/1.1 {status}")) && head.contains("x-should-retry: false"),
        "{path} {body}: {head}"
    );
    let error: Value = serde_json::from_str(answer).unwrap();
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.contains("the budget of this run is used up"), "{path}: {message}");
    if path == "/v1/messages" {
        assert_eq!(error["error"]["type"], "rate_limit_error", "{error}");
    } else {
        assert_eq!(error["error"]["code"], "budget_reached", "{error}");
    }
    assert!(ran.code == 0 && ran.stderr.starts_with("warning: The token budget is used up:"), "{ran:?}");
}

#[tokio::test]
async fn requests_are_refused_once_the_budget_is_used_up() {
    let (_sandbox, home) = home_for_programs().await;
    let gateway = Gateway::start(&home).await;
    for (path, body) in requests() {
        refused_after_first(&home, &[], path, &body).await;
    }
    // Another pass has none.
    assert_eq!(gateway.get("/v1/models", &[]).await.status, 200);
    let script = twice("/v1/responses", &requests()[0].1);
    let ran = home.run(&["run", "--budget", "100000", "--", "sh", "-c", &script]).await;
    assert_eq!(ran.stdout.matches("HTTP/1.1 200").count(), 2, "{ran:?}");
    assert_eq!(ran.stderr, "");
}

/// Its responses are passed through, and the gateway is one of the run itself.
#[tokio::test]
async fn budget_counts_what_an_api_key_pays_for() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let mut home = Home::at(&sandbox);
    home.set("PATH", "/usr/local/bin:/usr/bin:/bin");
    with_free_port(&home);
    home.json_with_input(&["login", "--api-key-stdin"], "sk-sandbox-0123456789abcd").await.done();
    for (path, mut body) in requests() {
        if path.ends_with("completions") && body["stream"] == true {
            body["stream_options"] = json!({ "include_usage": true });
        }
        refused_after_first(&home, &["--provider", "openai"], path, &body).await;
    }
}

#[tokio::test]
async fn used_tokens_are_remembered_by_the_next_gateway() {
    let (_sandbox, home) = home_for_programs().await;
    let gateway = Gateway::start(&home).await;
    let ask = "curl -isS --retry 60 --retry-connrefused --retry-delay 1 \"$OPENAI_BASE_URL/responses\" \
               -H \"Authorization: Bearer $OPENAI_API_KEY\" -H 'content-type: application/json' \
               -d '{\"model\":\"\",\"input\":\"hi\"}'";
    let script = format!("{ask}; echo; echo asked; read -r line; {ask}");
    let mut run = home.start(&["run", "--budget", "1", "--", "sh", "-c", &script]);
    while run.line().await.as_deref() != Some("asked") {}
    assert_eq!(gateway.stop().await.code, 0);
    run.type_line("").await;
    let ended = run.end().await;
    assert!(ended.stdout.contains("HTTP/1.1 403") && ended.stdout.contains("budget_reached"), "{ended:?}");
}

#[tokio::test]
async fn run_of_a_pass_for_tokens_has_no_budget() {
    let (_sandbox, home) = home_for_programs().await;
    let _gateway = Gateway::start_with(&home, &["--allow", "token"]).await;
    let ran = home.run(&["run", "--pass", "test", "--budget", "5", "--", "true"]).await;
    assert!(ran.code == 2 && ran.stderr.contains("--budget"), "{ran:?}");
}
