//! Files of tools that come back while the gateway does not answer, with a scheduler that only notes what it is asked.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use usher_tests::{Home, Running, signed_in, usher};

const CONFIG: &str = "# mine\r\nmodel = \"gpt-5.5\"   # the good one\r\n";
const CODEX: &str = ".codex/config.toml";
const CLAUDE: &str = ".claude/settings.json";

/// Puts a `systemctl` on the search path that writes its arguments down, and ends with `status`.
fn scheduler(home: &mut Home, status: u8) {
    let folder = home.path().join("bin");
    fs::create_dir_all(&folder).unwrap();
    let log = home.path().join("systemctl.log");
    let script = format!("#!/bin/sh\necho \"$*\" >>'{}'\nexit {status}\n", log.display());
    fs::write(folder.join("systemctl"), script).unwrap();
    fs::set_permissions(folder.join("systemctl"), fs::Permissions::from_mode(0o755)).unwrap();
    let own = usher().parent().unwrap().display().to_string();
    home.set("PATH", &format!("{}:{own}:/usr/bin:/bin", folder.display()));
}

fn put(home: &Home, path: &str, text: &str) {
    let path = home.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Makes the silence older, as if so many minutes had passed.
fn pass_minutes(home: &Home, minutes: i64) {
    let mut silence: Value = serde_json::from_str(&home.read("tools/silence.json")).unwrap();
    silence["since"] = (silence["since"].as_i64().unwrap() - minutes * 60).into();
    home.write("tools/silence.json", &silence.to_string());
}

async fn serve(home: &Home) -> Running {
    let mut running = home.start(&["serve", "--port", "0", "--json"]);
    running.event_named("listening").await;
    running
}

async fn check(home: &Home) -> Value {
    home.json(&["tools", "check"]).await.done()["checked"].clone()
}

fn outcome(tool: &str, outcome: &str) -> Value {
    json!({"tool": tool, "outcome": outcome, "detail": []})
}

fn units(home: &Home) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(home.path().join(".config/systemd/user")) else { return Vec::new() };
    let mut units: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    units.sort();
    units
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_come_back_after_the_chosen_silence_and_go_again_with_the_gateway() {
    let (_sandbox, mut home) = signed_in().await;
    scheduler(&mut home, 0);
    put(&home, CODEX, CONFIG);
    let mut gateway = serve(&home).await;
    home.json(&["tools", "connect", "codex", "--yes", "--make-default", "--restore-if-silent", "5"])
        .await
        .done();
    home.json(&["tools", "connect", "claude-code", "--yes"]).await.done();
    let connected = home.read(CODEX);
    let claude = home.read(CLAUDE);
    assert_eq!(check(&home).await, json!([]), "it answers");
    assert!(!home.path().join("tools/silence.json").exists());

    gateway.signal(Signal::SIGKILL);
    gateway.end().await;
    for minutes in [0, 4] {
        assert_eq!(check(&home).await, json!([]), "not long enough");
        pass_minutes(&home, minutes);
    }
    assert_eq!(home.read(CODEX), connected);
    pass_minutes(&home, 1);
    assert_eq!(check(&home).await, json!([outcome("codex", "restored")]));
    assert_eq!(home.read(CODEX), CONFIG);
    assert_eq!(home.read(CLAUDE), claude, "nobody asked for that one");
    assert_eq!(check(&home).await, json!([]), "once");
    let list = home.json(&["tools"]).await.done();
    let connection = &list["tools"][0]["connection"];
    assert_eq!((&connection["suspended"], &connection["restore_after_minutes"]), (&true.into(), &5.into()));
    let text = home.run(&["tools"]).await.stdout;
    assert!(text.contains("its files are back until the gateway answers again"), "{text}");
    // Its pass is still there, and the same.
    assert_eq!(home.run(&["pass", "print", "codex"]).await.code, 0);

    let _gateway = serve(&home).await;
    assert_eq!(check(&home).await, json!([outcome("codex", "connected")]));
    assert_eq!(check(&home).await, json!([]));
    let port = |text: &str| text.split("127.0.0.1:").nth(1).unwrap().split('/').next().unwrap().to_owned();
    assert_eq!(home.read(CODEX).replace(&port(&home.read(CODEX)), &port(&connected)), connected);
    home.json(&["tools", "undo", "codex", "--yes"]).await.done();
    assert_eq!(home.read(CODEX), CONFIG);
    assert_eq!(check(&home).await, json!([]), "disconnected by hand");
    assert_eq!(home.read(CODEX), CONFIG);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_done_over_what_somebody_did() {
    let (_sandbox, mut home) = signed_in().await;
    scheduler(&mut home, 0);
    put(&home, CODEX, CONFIG);
    home.json(&["tools", "connect", "codex", "--yes", "--restore-if-silent", "1"]).await.done();
    let connected = home.read(CODEX);
    let changed = connected.replace("127.0.0.1", "localhost");
    put(&home, CODEX, &changed);
    check(&home).await;
    pass_minutes(&home, 1);
    let left = check(&home).await;
    assert_eq!(
        (&left[0]["outcome"], &left[0]["detail"][0]),
        (&"left".into(), &"model_providers.usher.base_url".into())
    );
    assert_eq!(home.read(CODEX), changed);
    put(&home, CODEX, &connected);
    assert_eq!(check(&home).await, json!([outcome("codex", "restored")]));
    // Disconnected by hand while its files are back: it stays so, although the gateway answers.
    home.json(&["tools", "disconnect", "codex", "--yes"]).await.done();
    let _gateway = serve(&home).await;
    assert_eq!(check(&home).await, json!([]));
    assert_eq!(home.read(CODEX), CONFIG);
    assert_ne!(home.run(&["pass", "print", "codex"]).await.code, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn timer_is_there_as_long_as_a_tool_wants_it() {
    let (_sandbox, mut home) = signed_in().await;
    scheduler(&mut home, 0);
    put(&home, CODEX, CONFIG);
    home.json(&["tools", "connect", "claude-code", "--yes"]).await.done();
    assert_eq!(units(&home), Vec::<PathBuf>::new());
    assert!(!home.path().join("systemctl.log").exists(), "nobody asked for it");
    home.json(&["tools", "connect", "codex", "--yes", "--restore-if-silent", "5"]).await.done();
    let [service, timer] = &units(&home)[..] else { panic!("{:?}", units(&home)) };
    let name = timer.file_name().unwrap().to_str().unwrap();
    let log = home.read("systemctl.log");
    assert_eq!(log, format!("--user daemon-reload\n--user enable --now {name}\n"));
    // What the service starts does its work without any variable of this home.
    let service = fs::read_to_string(service).unwrap();
    let script = service.split("ExecStart=/bin/sh \"").nth(1).unwrap().split('"').next().unwrap();
    home.json(&["tools", "check"]).await.done();
    pass_minutes(&home, 5);
    let start = |script: &str| {
        let mut command = tokio::process::Command::new("/bin/sh");
        command.arg(script).env_clear().env("PATH", home.path().join("bin")).env("HOME", home.path());
        command
            .env("USHER_SECRETS", "file")
            .env("PATH", format!("{}:/usr/bin:/bin", home.path().join("bin").display()));
        command
    };
    let output = start(script).output().await.unwrap();
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    assert_eq!(home.read(CODEX), CONFIG);
    home.json(&["tools", "restore", "--yes"]).await.done();
    assert_eq!(units(&home), Vec::<PathBuf>::new());
    assert!(home.read("systemctl.log").contains(&format!("--user disable --now {name}\n")));
    assert!(
        !home.path().join("tools/check-gateway").exists() && !home.path().join("tools/silence.json").exists()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tool_that_is_connected_again_keeps_it_until_it_is_taken_back() {
    let (_sandbox, mut home) = signed_in().await;
    scheduler(&mut home, 0);
    put(&home, CODEX, CONFIG);
    let connect = |options: &'static [&'static str]| {
        let arguments = [&["tools", "connect", "codex", "--yes"], options].concat();
        let home = &home;
        async move {
            let connected = home.json(&arguments).await.done();
            connected["connected"]["connection"]["restore_after_minutes"].clone()
        }
    };
    assert_eq!(connect(&["--restore-if-silent", "5"]).await, json!(5));
    assert_eq!(connect(&[]).await, json!(5));
    assert_eq!(connect(&["--make-default"]).await, json!(5));
    assert_eq!(connect(&["--restore-if-silent", "7"]).await, json!(7));
    let moved = home.json(&["tools", "move", "codex", "--yes"]).await.done();
    assert_eq!(moved["connected"]["connection"]["restore_after_minutes"], 7);
    assert_eq!(units(&home).len(), 2);
    let listed = home.run(&["tools"]).await.stdout;
    assert!(listed.contains("not used yet; files come back after 7 min without the gateway"), "{listed}");
    assert_eq!(connect(&["--restore-if-silent", "off"]).await, Value::Null);
    assert_eq!(units(&home), Vec::<PathBuf>::new());
    assert_eq!(connect(&[]).await, Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_program_the_script_restores_what_was_asked_for() {
    let (_sandbox, mut home) = signed_in().await;
    scheduler(&mut home, 0);
    put(&home, CODEX, CONFIG);
    home.json(&["tools", "connect", "codex", "--yes", "--restore-if-silent", "5"]).await.done();
    home.json(&["tools", "connect", "claude-code", "--yes"]).await.done();
    let connected = home.read(CODEX);
    let script = home.read("tools/check-gateway");
    let program = usher().display().to_string();
    assert!(script.contains(&program), "{script}");
    home.write("tools/check-gateway", &script.replace(&program, "/nowhere/usher"));
    let run = || async {
        let output =
            home.command("/bin/sh", &[home.path().join("tools/check-gateway").to_str().unwrap()]).output();
        let output = output.await.unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    run().await;
    assert_eq!(home.read(CODEX), connected, "it may be replaced at this moment");
    let gone = home.path().join("tools/usher-gone");
    let past = std::time::SystemTime::now() - std::time::Duration::from_secs(6 * 60);
    fs::File::options().write(true).open(&gone).unwrap().set_modified(past).unwrap();
    run().await;
    assert_eq!(home.read(CODEX), CONFIG);
    assert!(home.path().join(CLAUDE).exists(), "nobody asked for that one");
    assert!(
        home.read("systemctl.log").lines().last().unwrap().starts_with("--user disable --now usher-tools-")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_scheduler_nothing_is_connected() {
    let (_sandbox, mut home) = signed_in().await;
    scheduler(&mut home, 1);
    put(&home, CODEX, CONFIG);
    let refused = home.run(&["tools", "connect", "codex", "--yes", "--restore-if-silent", "5"]).await;
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    assert!(refused.stderr.contains("connect without that"), "{}", refused.stderr);
    assert_eq!(home.read(CODEX), CONFIG);
    assert_eq!(units(&home), Vec::<PathBuf>::new());
    for minutes in ["0", "1441", "x"] {
        let wrong = home.run(&["tools", "connect", "codex", "--yes", "--restore-if-silent", minutes]).await;
        assert_eq!(wrong.code, 2, "{minutes}");
    }
}
