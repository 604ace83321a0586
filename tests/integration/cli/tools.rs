//! `usher tools`: connecting tools, and back.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use usher_tests::{Gateway, Home, signed_in, usher};

const CONFIG: &str = "# mine\r\nmodel = \"gpt-5.5\"   # the good one\r\n\r\n[mcp_servers.x]\r\ncommand='x'";

fn put(home: &Home, path: &str, text: &str) -> PathBuf {
    let path = home.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

async fn passes(home: &Home) -> Vec<String> {
    let list = home.json(&["pass", "list"]).await.done();
    list["passes"].as_array().unwrap().iter().map(|pass| pass["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connected_tool_gets_a_pass_and_undo_gives_the_same_bytes() {
    let (_sandbox, home) = signed_in().await;
    let file = put(&home, ".codex/config.toml", CONFIG);
    let preview = home.json(&["tools", "connect", "codex", "--dry-run"]).await.done();
    let diff = preview["preview"]["files"][0]["diff"].as_str().unwrap();
    assert!(diff.contains("\n+[model_providers.usher]\n"), "{diff}");
    assert_eq!(fs::read_to_string(&file).unwrap(), CONFIG);
    assert!(passes(&home).await.is_empty(), "a preview makes nothing");

    home.json(&["tools", "connect", "codex", "--yes", "--make-default"]).await.done();
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("model_provider = \"usher\"\r\n"), "{text}");
    assert_eq!(passes(&home).await, ["codex"]);
    // The command in the file prints the pass, also without the variables of this home.
    let config: toml_edit::DocumentMut = text.parse().unwrap();
    let auth = &config["model_providers"]["usher"]["auth"];
    let arguments: Vec<&str> =
        auth["args"].as_array().unwrap().iter().filter_map(|one| one.as_str()).collect();
    let folder = usher().parent().unwrap().display().to_string();
    let helper = tokio::process::Command::new(auth["command"].as_str().unwrap())
        .args(arguments)
        .env_clear()
        .env("PATH", format!("{folder}:/usr/bin:/bin"))
        .env("USHER_SECRETS", "file")
        .output()
        .await
        .unwrap();
    let printed = home.run(&["pass", "print", "codex"]).await.stdout;
    assert_eq!(String::from_utf8(helper.stdout).unwrap(), printed);

    let list = home.json(&["tools"]).await.done();
    let codex = &list["tools"][0];
    assert_eq!((&codex["id"], &codex["connection"]["pass"]), (&Value::from("codex"), &Value::from("codex")));
    let undone = home.json(&["tools", "undo", "codex", "--yes"]).await.done();
    assert_eq!(undone["undone"][0]["files"][0]["exact"], true);
    assert_eq!(undone["undone"][0]["pass_revoked"], true);
    assert_eq!(fs::read_to_string(&file).unwrap(), CONFIG);
    assert!(passes(&home).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ledger_or_database_alone_is_enough_to_restore() {
    let (_sandbox, home) = signed_in().await;
    for lost in ["tools-ledger.json", "state.db"] {
        let codex = put(&home, ".codex/config.toml", CONFIG);
        let claude = put(&home, ".claude/settings.json", "{\n\t// mine\n\t\"model\": \"opus\",\n}");
        for tool in ["codex", "claude-code", "opencode"] {
            home.json(&["tools", "connect", tool, "--yes"]).await.done();
        }
        let ledger = home.read("tools-ledger.json");
        for pass in passes(&home).await {
            let secret = home.run(&["pass", "print", &pass]).await.stdout;
            assert!(!ledger.contains(secret.trim()), "{pass}");
        }
        for file in home.files(lost) {
            fs::remove_file(home.path().join(file)).unwrap();
        }
        let undone = home.json(&["tools", "restore", "--yes"]).await.done();
        assert_eq!(undone["undone"].as_array().unwrap().len(), 3, "{lost}: {undone}");
        assert_eq!(fs::read_to_string(codex).unwrap(), CONFIG, "{lost}");
        assert_eq!(fs::read_to_string(claude).unwrap(), "{\n\t// mine\n\t\"model\": \"opus\",\n}", "{lost}");
        assert!(!home.path().join(".config").exists(), "{lost}");
        assert!(passes(&home).await.is_empty(), "{lost}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_done_is_refused_and_nothing_changes() {
    let (_sandbox, home) = signed_in().await;
    let refused = |arguments: &'static [&'static str], exit: i32, words: &'static str| {
        let home = &home;
        async move {
            let output = home.run(arguments).await;
            assert_eq!(output.code, exit, "{arguments:?}: {}", output.stderr);
            assert!(output.stderr.contains(words), "{arguments:?}: {}", output.stderr);
        }
    };
    refused(&["tools", "connect", "codex"], 2, "Add --yes").await;
    refused(&["tools", "connect", "nothing", "--yes"], 2, "There is no tool named nothing").await;
    refused(&["tools", "disconnect", "codex", "--yes"], 2, "Codex CLI is not connected").await;
    refused(&["tools", "connect", "goose", "--yes"], 2, "connected by hand").await;
    put(&home, ".codex/config.toml", "a = 1\n[b\n");
    refused(&["tools", "connect", "codex", "--yes"], 1, "line 2, column ").await;
    put(&home, ".claude/settings.json", "{\"env\": {\"ANTHROPIC_API_KEY\": \"sk-x\"}}");
    refused(&["tools", "connect", "claude-code", "--yes"], 1, "env.ANTHROPIC_API_KEY").await;
    let add = [
        "providers",
        "add",
        "openai-compatible",
        "--name",
        "loop",
        "--base-url",
        "http://127.0.0.1:18740/v1",
    ];
    home.run(&add).await;
    let own = ["tools", "connect", "claude-code", "--yes", "--provider", "openai-compatible:loop"];
    put(&home, ".claude/settings.json", "{}");
    let output = home.run(&own).await;
    assert!(output.code == 1 && output.stderr.contains("requests to itself"), "{}", output.stderr);
    assert_eq!(home.read(".claude/settings.json"), "{}");
    assert!(passes(&home).await.is_empty());
    assert!(!home.path().join("tools-ledger.json").exists());
    let lines = home.run(&["tools", "connect", "goose", "--dry-run"]).await;
    assert!(lines.code == 0 && lines.stdout.contains("OPENAI_HOST="), "{}", lines.stdout);
    // The person made the pass as the lines say: they still name it.
    home.run(&["pass", "new", "goose"]).await;
    let lines = home.run(&["tools", "connect", "goose", "--dry-run"]).await.stdout;
    assert!(lines.contains("usher pass print goose)"), "{lines}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_win_or_write_the_same_file_is_shown_before() {
    let (_sandbox, mut home) = signed_in().await;
    home.set("ANTHROPIC_API_KEY", "sk-wisteria");
    fs::create_dir(home.path().join(".cc-switch")).unwrap();
    let preview = home.run(&["tools", "connect", "claude-code", "--dry-run", "--json"]).await;
    assert!(!preview.stdout.contains("wisteria"), "{}", preview.stdout);
    let preview = preview.done();
    let conflicts = preview["preview"]["conflicts"].as_array().unwrap();
    let found: Vec<(&str, &str)> = conflicts
        .iter()
        .map(|one| (one["kind"].as_str().unwrap(), one["subject"].as_str().unwrap()))
        .collect();
    assert_eq!(found, [("variable", "ANTHROPIC_API_KEY"), ("switcher", "cc-switch")]);
    assert_eq!(
        (&preview["preview"]["blocked"], &preview["preview"]["takes_over"]),
        (&false.into(), &true.into())
    );
    let text = home.run(&["tools", "connect", "claude-code", "--dry-run"]).await.stdout;
    assert!(
        text.contains("ANTHROPIC_API_KEY is set and wins") && text.contains("until you disconnect it"),
        "{text}"
    );
    // A package that is too old for the keys.
    let package = home.path().join("lib/codex");
    put(&home, "lib/codex/package.json", "{\"name\": \"codex\", \"version\": \"0.117.9\"}");
    let program = put(&home, "lib/codex/bin/codex.js", "#!/bin/sh\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&program, mode).unwrap();
    fs::create_dir(home.path().join("bin")).unwrap();
    std::os::unix::fs::symlink(package.join("bin/codex.js"), home.path().join("bin/codex")).unwrap();
    home.set("PATH", home.path().join("bin").to_str().unwrap());
    let refused = home.run(&["tools", "connect", "codex", "--yes"]).await;
    assert!(
        refused.code == 1 && refused.stderr.contains("0.117.9 is too old; it needs 0.118.0"),
        "{}",
        refused.stderr
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_of_a_project_and_refused_comments_are_shown_before() {
    let (_sandbox, home) = signed_in().await;
    put(&home, "app/.claude/settings.json", "{\"apiKeyHelper\": \"other\"}");
    put(&home, ".claude/settings.json", "{\n  // mine\n}\n");
    let mut command = home.command(usher(), &["tools", "connect", "claude-code", "--dry-run"]);
    let output = command.current_dir(home.path().join("app")).output().await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for words in
        ["app/.claude/settings.json has apiKeyHelper, which wins in that folder", "ignores the whole file"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    let outside = home.run(&["tools", "connect", "claude-code", "--dry-run"]).await.stdout;
    assert!(!outside.contains("which wins in that folder"), "{outside}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_sign_in_nothing_is_changed() {
    let sandbox = usher_sandbox::Sandbox::start(usher_sandbox::Options::default()).await.unwrap();
    let home = Home::at(&sandbox);
    put(&home, ".codex/config.toml", CONFIG);
    let preview = home.run(&["tools", "connect", "codex", "--dry-run"]).await;
    assert!(
        preview.code == 0 && preview.stdout.contains("\n+[model_providers.usher]\n"),
        "{}",
        preview.stderr
    );
    let output = home.run(&["tools", "connect", "codex", "--yes"]).await;
    assert_eq!(output.code, 3, "{}", output.stderr);
    assert_eq!(home.read(".codex/config.toml"), CONFIG);
    assert!(!home.path().join("tools-ledger.json").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn script_beside_the_ledger_restores_without_usher() {
    let (_sandbox, home) = signed_in().await;
    assert_eq!(home.json(&["tools"]).await.done()["restore_script"], Value::Null);
    let codex = put(&home, ".codex/config.toml", CONFIG);
    let connected = home.run(&["tools", "connect", "codex", "--yes"]).await;
    home.json(&["tools", "connect", "aider", "--yes"]).await.done();
    let script = home.json(&["tools"]).await.done()["restore_script"]["path"].as_str().unwrap().to_owned();
    assert!(connected.stdout.contains(&format!("without Usher: sh {script}\n")), "{}", connected.stdout);
    let secret = home.run(&["pass", "print", "aider"]).await.stdout;
    let text = fs::read_to_string(&script).unwrap();
    assert!(!text.contains(secret.trim()));
    for file in home.files("tools-ledger.json").into_iter().chain(home.files("state.db")) {
        fs::remove_file(home.path().join(file)).unwrap();
    }
    let output = tokio::process::Command::new("sh")
        .arg(&script)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .output()
        .await
        .unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    assert_eq!(fs::read_to_string(&codex).unwrap(), CONFIG);
    assert!(!home.path().join(".aider.conf.yml").exists());
}

/// It runs as root for every user, so it may only say something; and an upgrade is no removal.
#[test]
fn package_says_before_its_removal_how_files_come_back() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri");
    let settings: Value =
        serde_json::from_str(&fs::read_to_string(root.join("tauri.conf.json")).unwrap()).unwrap();
    let run = |script: &Value, arguments: &[&str]| {
        let script = root.join(script.as_str().unwrap());
        let mut command = std::process::Command::new("sh");
        let output = command.arg(script).args(arguments).env_clear().output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    for (package, removal, other) in [
        ("deb", vec!["remove"], [vec!["upgrade", "2.0"], vec!["deconfigure"]]),
        ("rpm", vec!["0"], [vec!["1"], vec!["2"]]),
    ] {
        let script = &settings["bundle"]["linux"][package]["preRemoveScript"];
        let printed = run(script, &removal);
        assert!(printed.contains("usher tools restore") && printed.contains("/usher-restore"), "{printed}");
        assert_eq!(printed.lines().count(), 1, "{printed}");
        for arguments in other {
            assert_eq!(run(script, &arguments), "", "{package} {arguments:?}");
        }
    }
}

/// Puts a `codex` on the search path.
fn put_codex(home: &Home, script: &str) {
    let program = put(home, "bin/codex", &format!("#!/bin/bash\n{script}\n"));
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(program, mode).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_says_whether_the_tool_is_answered_through_usher() {
    let (_sandbox, mut home) = signed_in().await;
    let gateway = Gateway::start(&home).await;
    home.set("PATH", &format!("{}:/usr/bin:/bin", home.path().join("bin").display()));
    put_codex(&home, "echo hello");
    let refused = home.run(&["tools", "try", "codex"]).await;
    assert!(refused.code == 2 && refused.stderr.contains("Codex CLI is not connected"), "{}", refused.stderr);
    home.json(&["tools", "connect", "codex", "--yes"]).await.done();

    // Another sign-in answered: nothing came with the pass.
    let bypassed = home.json(&["tools", "try", "codex"]).await;
    let tried = &bypassed.json()["tried"];
    assert_eq!((bypassed.code, &tried["outcome"]), (1, &Value::from("bypassed")), "{tried}");
    assert!(tried["command"].as_str().unwrap().starts_with("codex exec "), "{tried}");

    put_codex(&home, "echo it starts; echo refused: key sk-wisteria-quagmire-71a >&2; exit 3");
    let failed = home.run(&["tools", "try", "codex"]).await;
    assert_eq!(failed.code, 1);
    assert!(failed.stdout.contains("failed") && !failed.stdout.contains("wisteria"), "{}", failed.stdout);

    let (host, port) = gateway.authority().split_once(':').unwrap();
    let body = r#"{"model":"","input":"hi","stream":true}"#;
    let ask = format!(
        "pass=$({usher} pass print codex)\n\
         exec 3<>/dev/tcp/{host}/{port}\n\
         printf 'POST /v1/responses HTTP/1.1\\r\\nhost: {host}:{port}\\r\\nauthorization: Bearer %s\\r\\n\
         content-type: application/json\\r\\nconnection: close\\r\\ncontent-length: {length}\\r\\n\\r\\n%s' \
         \"$pass\" '{body}' >&3\n\
         cat <&3 >/dev/null\n\
         echo hello",
        usher = usher().display(),
        length = body.len(),
    );
    put_codex(&home, &ask);
    let answered = home.run(&["tools", "try", "codex"]).await;
    assert!(
        answered.code == 0 && answered.stdout.contains("answered through Usher"),
        "{}{}",
        answered.stdout,
        answered.stderr
    );
    let refused = home.run(&["tools", "try", "goose"]).await;
    assert_eq!(refused.code, 2);
}
