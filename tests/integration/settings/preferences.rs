//! `usher preferences`: how long counts are kept, hidden names, settings in a file, and back to defaults.

use serde_json::{Value, json};
use usher_sandbox::{Options, Sandbox};
use usher_tests::{Home, sign_in, signed_in};

const GROQ: &str = "openai-compatible:groq";
const KEY: &str = "sk-sandbox-0123456789abcd";

/// Every place of the command line that shows an account.
const SHOWING: [&[&str]; 7] = [
    &["status"],
    &["accounts"],
    &["providers"],
    &["tools", "--copies"],
    &["pass", "list"],
    &["import", "--dry-run"],
    &["activity", "receipts"],
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_and_addresses_are_hidden_everywhere_and_still_select_an_account() {
    let (sandbox, home) = signed_in().await;
    sign_in(&home, &sandbox, "pia").await;
    home.json(&["accounts", "rename", "ada@example.com", "Ada Lovelace"]).await.done();
    home.run(&["pass", "new", "tool"]).await;
    let accounts = home.json(&["accounts"]).await.done();
    let workspace = accounts["accounts"][0]["workspace"].as_str().unwrap().to_owned();
    home.json(&["preferences", "set", "hide-personal-data", "on"]).await.done();
    for arguments in SHOWING {
        for output in [home.run(arguments).await, home.json(arguments).await] {
            let all = output.stdout + &output.stderr;
            for name in ["example.com", "Lovelace", workspace.as_str()] {
                assert!(!all.contains(name), "{name} in {arguments:?}: {all}");
            }
        }
    }
    assert!(home.run(&["status"]).await.stdout.contains("Account 1"));
    for wanted in ["pia@example.com", "Account 2"] {
        home.json(&["accounts", "use", wanted]).await.done();
        assert_eq!(home.json(&["status"]).await.done()["account"]["name"], "Account 2", "{wanted}");
        home.json(&["accounts", "use", "Ada Lovelace"]).await.done();
    }
    // A form that shows the neutral name gives it back; the person's own stays.
    home.json(&["accounts", "rename", "Account 1", "Account 1"]).await.done();
    home.json(&["preferences", "set", "hide-personal-data", "off"]).await.done();
    assert_eq!(home.json(&["status"]).await.done()["account"]["name"], "Ada Lovelace");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exported_settings_have_no_secret_and_are_imported_after_a_look() {
    let (sandbox, home) = signed_in().await;
    let base = format!("{}/both", sandbox.compatible());
    let add =
        ["providers", "add", "openai-compatible", "--name", "Groq", "--base-url", &base, "--api-key-stdin"];
    home.json_with_input(&add, KEY).await.done();
    home.json(&["preferences", "set", "port", "18812"]).await.done();
    let file = home.path().join("exported.toml");
    let file = file.to_str().unwrap();
    home.json(&["preferences", "export", file]).await.done();
    let exported = home.read("exported.toml");
    assert!(exported.contains(&base) && exported.contains("18812") && !exported.contains(KEY), "{exported}");
    assert_eq!(home.json(&["preferences", "export", file]).await.error_code(2), "bad_usage", "it is there");

    let other = Home::at(&sandbox);
    other.write("config.toml", "language = \"de\"\n[gateway]\nport = 18800\n");
    let before = other.read("config.toml");
    let preview = other.json(&["preferences", "import", file, "--dry-run"]).await.done();
    let change = |key: String| {
        let mut changes = preview["changes"].as_array().unwrap().iter();
        changes.find(|one| one["key"] == key).unwrap_or_else(|| panic!("{key} of {preview}")).clone()
    };
    assert_eq!(change(format!("providers.{GROQ}.name"))["old"], Value::Null);
    assert_eq!(change(format!("providers.{GROQ}.base_url"))["new"], base.as_str());
    let port = json!({ "key": "gateway.port", "old": "18800", "new": "18812" });
    assert_eq!(change("gateway.port".into()), port);
    assert_eq!((&preview["left_alone"], &preview["imported"]), (&json!(["language"]), &json!(false)));
    assert_eq!(other.read("config.toml"), before);
    other.json(&["preferences", "import", file, "--yes"]).await.done();
    let after = other.read("config.toml");
    assert!(after.contains("language = \"de\"") && after.contains("port = 18812"), "{after}");
    let again = other.json(&["preferences", "import", file, "--yes"]).await.done();
    assert_eq!((&again["changes"], &again["imported"]), (&json!([]), &json!(false)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn imported_address_never_receives_a_key_that_was_saved_for_another() {
    let (sandbox, home) = signed_in().await;
    let other = Sandbox::start(Options::for_tests()).await.unwrap();
    let base = format!("{}/both", sandbox.compatible());
    let add =
        ["providers", "add", "openai-compatible", "--name", "Groq", "--base-url", &base, "--api-key-stdin"];
    home.json_with_input(&add, KEY).await.done();
    home.json(&["test", "--provider", GROQ]).await.done();
    let theirs = format!("{}/both", other.compatible());
    home.write("settings.toml", &format!("[providers.\"{GROQ}\"]\nbase_url = \"{theirs}\"\n"));
    let file = home.path().join("settings.toml");
    let imported = home.json(&["preferences", "import", file.to_str().unwrap(), "--yes"]).await.done();
    assert_eq!(imported["changes"][0]["old"], base.as_str(), "the person sees the address: {imported}");
    let tested = home.json(&["test", "--provider", GROQ]).await;
    assert_ne!(tested.code, 0, "{tested:?}");
    for request in other.all_requests() {
        assert_eq!(request.header("authorization"), None, "{request:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn import_refuses_secrets_and_reports_what_it_does_not_use() {
    let (_sandbox, home) = signed_in().await;
    let file = home.path().join("settings.toml");
    let import = ["preferences", "import", file.to_str().unwrap(), "--yes"];
    for (text, part) in [
        ("[providers.openai]\napi_key = \"abc\"\n", "`api_key` is a secret"),
        ("[network]\nproxy = \"http://ada:sesame@x:1\"\n", "`proxy` is a secret"),
        ("not toml", "line 1"),
    ] {
        home.write("settings.toml", text);
        let error = home.json(&import).await.error(2);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(part) && message.contains("nothing was changed"), "{message}");
        assert!(!message.contains("sesame"), "{message}");
    }
    home.write("settings.toml", "future = 1\nlanguage = \"fr\"\n");
    let imported = home.json(&import).await.done();
    assert_eq!(imported["unused"].as_array().unwrap().len(), 1, "{imported}");
    assert_eq!(home.json(&["preferences"]).await.done()["preferences"][0]["value"], "fr");
}

/// What `usher` refuses where a person sets it is named, and not taken over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn import_leaves_out_what_cannot_be_used_here() {
    let (_sandbox, home) = signed_in().await;
    let file = home.path().join("settings.toml");
    let import = ["preferences", "import", file.to_str().unwrap(), "--yes"];
    home.write(
        "settings.toml",
        "language = \"fr\"\n[network]\nca_file = \"/nowhere.pem\"\n\
         [providers.\"openai-compatible:x\"]\nbase_url = \"http://llm.ada.example/v1\"\n\
         [providers.\"openai-compatible:y\"]\nbase_url = \"http://192.168.1.2/v1\"\nlocal_network = true\n",
    );
    let imported = home.json(&import).await.done();
    let unused = imported["unused"].as_array().unwrap();
    assert_eq!(unused.len(), 2, "{imported}");
    for part in ["`network.ca_file`: ", "`providers.openai-compatible:x.base_url`: "] {
        assert!(unused.iter().any(|line| line.as_str().unwrap().contains(part)), "{part} of {imported}");
    }
    let settings = home.read("config.toml");
    assert!(settings.contains("192.168.1.2") && settings.contains("\"fr\""), "{settings}");
    assert!(!settings.contains("ada.example") && !settings.contains("nowhere"), "{settings}");
}

/// A file that grows while it is taken over, and one that somebody made too large.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_too_large_to_be_read_are_not_written_and_can_be_reset() {
    let (_sandbox, home) = signed_in().await;
    let before = home.json(&["preferences"]).await.done();
    let accounts: Vec<String> =
        (0..38_000).map(|number| format!("\"u{number}:a\" = {{model=\"m\"}}")).collect();
    home.write("settings.toml", &format!("[accounts]\n{}\n", accounts.join("\n")));
    let file = home.path().join("settings.toml");
    let import = ["preferences", "import", file.to_str().unwrap(), "--yes"];
    let refused = home.json(&import).await.error(2);
    assert!(refused["message"].as_str().unwrap().contains("larger than 1 MiB"), "{refused}");
    assert_eq!(home.json(&["preferences"]).await.done(), before);

    home.write("config.toml", &format!("# {}\n", "x".repeat(1024 * 1024)));
    assert_eq!(home.json(&["preferences", "set", "port", "18812"]).await.error_code(1), "settings_unusable");
    let reset = home.json(&["preferences", "reset", "--yes"]).await.done();
    assert!(std::fs::metadata(reset["backup"].as_str().unwrap()).unwrap().len() > 1024 * 1024);
    assert_eq!(home.json(&["preferences"]).await.done(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reset_keeps_sign_ins_and_the_old_settings_and_is_undone() {
    let (_sandbox, home) = signed_in().await;
    let mine = "# mine\nlanguage = \"en\"\nfuture = 1\n";
    home.write("config.toml", mine);
    assert_eq!(home.json(&["preferences", "reset"]).await.error_code(2), "bad_usage", "nobody can answer");
    assert_eq!(home.read("config.toml"), mine);
    let reset = home.json(&["preferences", "reset", "--yes"]).await.done();
    let backup = reset["backup"].as_str().unwrap();
    assert_eq!(std::fs::read_to_string(backup).unwrap(), mine);
    assert_eq!(home.json(&["status"]).await.done()["signed_in"], true);
    assert_eq!(home.json(&["preferences"]).await.done()["preferences"][0]["value"], "system");
    home.json(&["preferences", "undo-reset", backup]).await.done();
    assert_eq!(home.read("config.toml"), mine);
    let refused = home.json(&["preferences", "undo-reset", "/etc/passwd"]).await.error(2);
    assert!(refused["message"].as_str().unwrap().contains("holds no settings"), "{refused}");

    let reset = home.json(&["preferences", "reset", "--disconnect", "--yes"]).await.done();
    assert_eq!(reset["disconnected"], 1);
    assert_eq!(home.json(&["accounts"]).await.done()["accounts"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shorter_time_deletes_older_counts() {
    let (_sandbox, home) = signed_in().await;
    let gateway = usher_tests::Gateway::start(&home).await;
    let request = crate::gateway::dialects::responses_request(false);
    assert_eq!(gateway.post("/v1/responses", &request).await.status, 200);
    gateway.stop().await;
    let counted = |activity: Value| activity["activity"]["total"]["requests"].clone();
    assert_eq!(counted(home.json(&["activity"]).await.done()), 1);
    let kept = home.json(&["preferences", "set", "activity-days", "7"]).await.done();
    let listed = kept["preferences"].as_array().unwrap();
    assert!(listed.contains(&json!({ "name": "activity-days", "value": "7", "note": null })), "{listed:?}");
    let activity = home.json(&["activity"]).await.done();
    assert_eq!((counted(activity.clone()), &activity["activity"]["kept_days"]), (json!(1), &json!(7)));
    home.json(&["preferences", "set", "activity-days", "0"]).await.done();
    assert_eq!(counted(home.json(&["activity"]).await.done()), 0);
    assert_eq!(home.json(&["activity", "receipts"]).await.done()["receipts"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_at_the_paths_that_are_listed() {
    let (_sandbox, home) = signed_in().await;
    home.json(&["preferences", "set", "port", "18812"]).await.done();
    let files = home.json(&["preferences", "files"]).await.done();
    for file in files["files"].as_array().unwrap() {
        let path = std::path::Path::new(file["path"].as_str().unwrap());
        assert_eq!(file["exists"], path.exists(), "{file}");
        assert!(path.starts_with(home.path()), "{file}");
    }
    assert_eq!(files["files"][0]["kind"], "settings");
    assert_eq!(files["files"][1]["exists"], true, "the sign-ins");
}
