//! No pass uses an account of plan usage, in any dialect, and no program gets its token.

use serde_json::{Value, json};
use usher_tests::{Gateway, Home, sign_in};

use super::{signed_in, world};

async fn refused(gateway: &Gateway, path: &str, body: &Value) -> Value {
    let response = gateway.post(path, body).await;
    assert_eq!(response.status, 403, "{path}: {response:?}");
    response.json()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pass_is_refused_in_its_own_dialect() {
    let (sandbox, home) = world().await;
    signed_in(&home, "ada").await;
    // Made while another account is in use; then the person changes that.
    sign_in(&home, &sandbox, "ada").await;
    use_account(&home, "codex_client").await;
    let gateway = Gateway::start_with(&home, &["--any-provider"]).await;
    use_account(&home, "plan_usage").await;
    let message = json!([{"role": "user", "content": "hello"}]);
    let responses =
        refused(&gateway, "/v1/responses", &json!({"model": "gpt-6-sol", "input": "hello"})).await;
    assert_eq!(responses["error"]["code"], "connected_app_only");
    let by_name = json!({"model": "chatgpt/gpt-6-sol", "input": "hello"});
    let by_name = refused(&gateway, "/v1/responses", &by_name).await;
    assert_eq!(by_name["error"]["code"], "connected_app_only");
    let chat = json!({"model": "gpt-6-sol", "messages": message});
    let chat = refused(&gateway, "/v1/chat/completions", &chat).await;
    assert_eq!(chat["error"]["code"], "connected_app_only");
    let messages = json!({"model": "gpt-6-sol", "max_tokens": 9, "messages": message});
    let anthropic = refused(&gateway, "/v1/messages", &messages).await;
    // Anthropic's errors have no codes.
    assert_eq!(
        (&anthropic["type"], &anthropic["error"]["type"]),
        (&json!("error"), &json!("permission_error"))
    );
    assert!(
        anthropic["error"]["message"].as_str().unwrap().contains("Usher's own requests only"),
        "{anthropic}"
    );
    assert_eq!(gateway.get("/v1/models", &[]).await.status, 403);
    assert_eq!(sandbox.count("plan.responses"), 0);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn token_of_plan_usage_is_given_to_nobody() {
    let (sandbox, home) = world().await;
    signed_in(&home, "ada").await;
    let gateway = Gateway::start_with(&home, &["--any-provider", "--allow", "token"]).await;
    let refusal = refused(&gateway, "/usher/token", &json!({})).await;
    assert!(refusal.to_string().contains("connected_app_only"), "{refusal}");
    assert_eq!(sandbox.count("plan.responses"), 0);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pass_for_an_account_of_plan_usage_is_not_made() {
    let (_sandbox, home) = world().await;
    let account = signed_in(&home, "ada").await;
    let id = account["id"].as_str().unwrap();
    for options in [&[][..], &["--account", id]] {
        let arguments = [&["pass", "new", "claude"][..], options].concat();
        assert_eq!(home.json(&arguments).await.error_code(1), "connected_app_only", "{options:?}");
    }
    let passes = home.json(&["pass", "list"]).await.done();
    assert_eq!(passes["passes"].as_array().map(Vec::len), Some(0), "{passes}");
}

async fn use_account(home: &Home, route: &str) {
    let accounts = home.json(&["accounts"]).await.done();
    let account = accounts["accounts"].as_array().unwrap().iter().find(|one| one["route"] == route).unwrap();
    home.json(&["accounts", "use", account["id"].as_str().unwrap()]).await.done();
}
