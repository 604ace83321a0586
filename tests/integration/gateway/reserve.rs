//! Background passes: they leave a share of the plan to others.

use serde_json::json;
use usher_sandbox::{Fault, Limits, Sandbox};
use usher_tests::{Gateway, Home};

use crate::gateway::dialects::{code, responses_request, serving};

/// Sets how much of the weekly window is used, and has it seen.
async fn week_used(sandbox: &Sandbox, home: &Home, percent: f64) {
    let limits = Limits { secondary_used_percent: Some(percent), ..Limits::default() };
    sandbox.change_settings(|settings| settings.limits = [("ada".to_owned(), limits)].into());
    home.run(&["usage"]).await;
}

async fn secret_of(home: &Home, name: &str) -> String {
    home.run(&["pass", "print", name]).await.stdout.trim().to_owned()
}

async fn status(gateway: &Gateway, secret: &str) -> u16 {
    let body = responses_request(false).to_string();
    gateway.send("POST", "/v1/responses", &[("x-api-key", secret)], &body).await.status
}

#[tokio::test]
async fn background_pass_stops_at_its_share_and_others_go_on() {
    let (sandbox, home, gateway) = serving().await;
    assert_eq!(home.run(&["pass", "new", "nightly", "--leave", "30%"]).await.code, 0);
    let listed = home.run(&["pass", "list"]).await.stdout;
    assert!(listed.contains("leaves 30% of the plan"), "{listed}");
    let secret = secret_of(&home, "nightly").await;
    week_used(&sandbox, &home, 60.0).await;
    assert_eq!(status(&gateway, &secret).await, 200);
    week_used(&sandbox, &home, 70.0).await;
    let chat = json!({ "model": "", "messages": [{ "role": "user", "content": "hi" }] });
    let messages = json!({ "model": "", "max_tokens": 9, "messages": chat["messages"] });
    for (path, body, expected) in [
        ("/v1/responses", responses_request(true), 403),
        ("/v1/chat/completions", chat, 403),
        // Claude Code takes a 403 for a problem of its own sign-in.
        ("/v1/messages", messages, 429),
    ] {
        let refused = gateway.send("POST", path, &[("x-api-key", &secret)], &body.to_string()).await;
        assert_eq!((refused.status, refused.header("x-should-retry")), (expected, "false"), "{refused:?}");
        let error = &refused.json()["error"];
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("leaves 30% of the plan") && message.contains("of the weekly window"),
            "{message}"
        );
        assert!(message.contains("Try again in "), "the time of the reset: {message}");
        if expected == 403 {
            assert_eq!(code(&refused.json()), "reserve_reached");
        }
        assert_eq!(gateway.post(path, &body).await.status, 200, "a pass in the foreground: {path}");
    }
    // Until the window is reset, or the person decides otherwise.
    let set = home.run(&["pass", "set", "nightly", "--leave", "20"]).await.stdout;
    assert!(set.contains("leaves 20% of each window"), "{set}");
    assert_eq!(status(&gateway, &secret).await, 200);
    week_used(&sandbox, &home, 85.0).await;
    assert_eq!(status(&gateway, &secret).await, 403);
    let set = home.json(&["pass", "set", "nightly", "--leave", "0"]).await.done();
    assert_eq!(set["pass"]["leaves_percent"], json!(null));
    assert_eq!(status(&gateway, &secret).await, 200);
}

/// Headers may lack any window; a request for something else says nothing of what is left.
#[tokio::test]
async fn background_pass_stays_stopped_after_a_response_without_windows() {
    let (sandbox, home, gateway) = serving().await;
    home.run(&["pass", "new", "nightly", "--leave", "30"]).await;
    let secret = secret_of(&home, "nightly").await;
    week_used(&sandbox, &home, 85.0).await;
    assert_eq!(status(&gateway, &secret).await, 403);
    let headers = [("x-codex-plan-type".to_owned(), "plus".to_owned())].into();
    let refused = Fault::Status { status: 400, body: json!({ "detail": "Unsupported" }), headers };
    sandbox.push_fault("responses", refused);
    assert_eq!(gateway.post("/v1/responses", &responses_request(false)).await.status, 400);
    assert_eq!(status(&gateway, &secret).await, 403);
    home.run(&["models", "--refresh"]).await;
    assert_eq!(status(&gateway, &secret).await, 403);
    assert!(home.run(&["status"]).await.stdout.contains("weekly window 85% used"), "it is known still");
}

#[tokio::test]
async fn background_pass_stops_by_what_responses_report() {
    let (sandbox, home, gateway) = serving().await;
    home.run(&["pass", "new", "nightly", "--leave", "40"]).await;
    let secret = secret_of(&home, "nightly").await;
    // Each response uses half a percent more of the first window.
    let limits = Limits { primary_used_percent: Some(59.2), ..Limits::default() };
    sandbox.change_settings(|settings| settings.limits = [("ada".to_owned(), limits)].into());
    let mut answered = 0;
    while status(&gateway, &secret).await == 200 {
        answered += 1;
        assert!(answered < 20, "it never stops");
    }
    // 59.7, and then 60.2, which leaves less than 40.
    assert_eq!(answered, 2);
    assert_eq!(gateway.post("/v1/responses", &responses_request(false)).await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_left_is_refused() {
    let (_sandbox, home, _gateway) = serving().await;
    for (arguments, why) in [
        (&["pass", "new", "one", "--leave", "100"][..], "0 to 99"),
        (&["pass", "new", "one", "--leave", "-1"], "unexpected argument"),
        (&["pass", "new", "one", "--leave", "some"], "0 to 99"),
        (&["pass", "new", "one", "--leave", "30", "--allow", "token"], "leaves nothing"),
        (&["pass", "set", "nobody", "--leave", "30"], "nobody"),
    ] {
        let refused = home.run(arguments).await;
        assert!(refused.code == 2 && refused.stderr.contains(why), "{arguments:?}: {refused:?}");
    }
    let key =
        ["providers", "add", "openai-compatible", "--name", "here", "--base-url", "http://127.0.0.1:9/v1"];
    assert_eq!(home.run(&key).await.code, 0);
    let refused =
        home.run(&["pass", "new", "one", "--provider", "openai-compatible:here", "--leave", "30"]).await;
    assert!(refused.code == 2 && refused.stderr.contains("has no plan"), "{refused:?}");
    assert_eq!(home.run(&["pass", "new", "one", "--any-provider", "--leave", "30"]).await.code, 0);
}
