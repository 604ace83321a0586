//! `usher tools` with the Codex desktop app, which reads the file of the Codex CLI.

use std::fs;

use serde_json::Value;
use usher_tests::{Gateway, Home, signed_in};

const CONFIG: &str = "# mine\r\nmodel = \"gpt-5.5\"\r\n\r\n[mcp_servers.x]\r\ncommand='x'";

async fn connection(home: &Home, tool: &str) -> Value {
    let list = home.json(&["tools"]).await.done();
    let tools = list["tools"].as_array().unwrap();
    tools.iter().find(|one| one["id"] == tool).unwrap()["connection"].clone()
}

async fn passes(home: &Home) -> Vec<String> {
    let list = home.json(&["pass", "list"]).await.done();
    list["passes"].as_array().unwrap().iter().map(|pass| pass["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn app_and_command_line_share_a_connection_and_each_comes_back() {
    let (_sandbox, home) = signed_in().await;
    fs::create_dir(home.path().join(".codex")).unwrap();
    let file = home.path().join(".codex/config.toml");
    fs::write(&file, CONFIG).unwrap();
    let text = || fs::read_to_string(&file).unwrap();
    home.json(&["tools", "connect", "codex", "--yes", "--make-default"]).await.done();
    let with_command_line = text();

    let shown = home.run(&["tools", "connect", "codex-app", "--dry-run"]).await.stdout;
    for part in
        ["Codex CLI reads ~/.codex/config.toml, too", "+requires_openai_auth = true", "stays with OpenAI"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(text(), with_command_line, "a preview changes nothing");
    home.json(&["tools", "connect", "codex-app", "--yes"]).await.done();
    let secret = home.run(&["pass", "print", "codex-app"]).await.stdout;
    let connected = text();
    assert!(
        connected.contains(&format!("http_headers = {{ x-api-key = \"{}\" }}", secret.trim())),
        "{connected}"
    );
    assert!(!connected.contains("auth = {") && !home.read("tools-ledger.json").contains(secret.trim()));
    let command_line = connection(&home, "codex").await;
    assert_eq!(
        (&command_line["served_by"], &command_line["suspended"]),
        (&Value::from("Codex desktop app"), &false.into()),
        "{command_line}"
    );
    let listed = home.run(&["tools"]).await.stdout;
    assert!(listed.contains("connected through Codex desktop app"), "{listed}");
    let refused = home.run(&["tools", "connect", "codex", "--yes"]).await;
    assert!(
        refused.code == 1 && refused.stderr.contains("Codex desktop app is connected"),
        "{}",
        refused.stderr
    );

    let undone = home.json(&["tools", "disconnect", "codex-app", "--yes"]).await.done();
    assert_eq!(undone["undone"][0]["files"][0]["exact"], true);
    assert_eq!(text(), with_command_line);
    assert_eq!(passes(&home).await, ["codex"]);
    assert_eq!(connection(&home, "codex").await["served_by"], Value::Null);

    // All at once leaves nothing, in whichever order.
    home.json(&["tools", "connect", "codex-app", "--yes"]).await.done();
    home.json(&["tools", "restore", "--yes"]).await.done();
    assert_eq!(text(), CONFIG);
    assert!(passes(&home).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pass_of_the_app_is_served_from_its_header() {
    let (_sandbox, home) = signed_in().await;
    let gateway = Gateway::start(&home).await;
    home.json(&["tools", "connect", "codex-app", "--yes"]).await.done();
    let config: toml_edit::DocumentMut = home.read(".codex/config.toml").parse().unwrap();
    let provider = &config["model_providers"]["usher"];
    let pass = provider["http_headers"]["x-api-key"].as_str().unwrap();
    let headers = [("authorization", "Bearer eyJh.eyJi.c2ln"), ("x-api-key", pass)];
    let served = gateway.send("GET", "/v1/models?client_version=0.171.0", &headers, "").await;
    assert!(served.status == 200 && served.json()["models"].is_array(), "{served:?}");
    assert!(connection(&home, "codex-app").await["last_used_at"].is_number());
    home.json(&["tools", "disconnect", "codex-app", "--yes"]).await.done();
    assert!(!home.path().join(".codex").exists());
    let refused = gateway.send("GET", "/v1/models?client_version=0.171.0", &headers, "").await;
    assert_eq!(refused.status, 401, "{refused:?}");
}
