//! What the program of a run gets, and what becomes of it.

use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::Signal;
use usher_tests::{Gateway, Running, usher};

use super::{ASK, ask_with, home_for_programs, with_free_port};

#[tokio::test]
async fn program_gets_gateway_and_pass_in_its_environment() {
    let (_sandbox, mut home) = home_for_programs().await;
    home.set("ANTHROPIC_API_KEY", "sk-ant-of-somebody");
    home.set("OPENAI_API_KEY", "sk-of-somebody");
    home.set("CLAUDE_CODE_USE_BEDROCK", "1");
    home.set("HTTP_PROXY", "http://proxy.example:3128");
    let gateway = Gateway::start(&home).await;
    let ran = home.run(&["run", "--", "env"]).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran:?}");
    let value = |name: &str| {
        let line = ran.stdout.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.map(str::to_owned)
    };
    let address = gateway.address();
    assert_eq!(value("OPENAI_BASE_URL"), Some(format!("{address}/v1")));
    assert_eq!(value("ANTHROPIC_BASE_URL"), Some(address.to_owned()));
    assert_eq!(value("CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY").as_deref(), Some("1"));
    assert_eq!(value("NO_PROXY").as_deref(), Some("127.0.0.1,localhost,::1"));
    let pass = value("OPENAI_API_KEY").unwrap();
    assert!(pass.starts_with("usher_pass_") && pass != gateway.pass(), "{ran:?}");
    assert_eq!(value("ANTHROPIC_AUTH_TOKEN"), Some(pass.clone()));
    for removed in ["ANTHROPIC_API_KEY", "CLAUDE_CODE_USE_BEDROCK"] {
        assert_eq!(value(removed), None);
    }
    assert_eq!(ask_with(&gateway, &pass).await.status, 401, "it ended with the program");
    let kept = home.run(&["pass", "list"]).await.stdout;
    assert!(!kept.contains("run:") && kept.contains("test"), "{kept}");
}

#[tokio::test]
async fn pass_is_in_no_argument_of_any_process_and_in_no_file() {
    let (_sandbox, mut home) = home_for_programs().await;
    home.set("USHER_LOG", "trace");
    let gateway = Gateway::start(&home).await;
    // The name of the program, so that it gets the arguments of Codex too.
    let codex = home.path().join("codex");
    // It asks before the line that is waited for: curl has the pass in its arguments while it runs.
    std::fs::write(&codex, format!("#!/bin/sh\n{ASK} >&2\necho \"$OPENAI_API_KEY\"\nread -r line\n"))
        .unwrap();
    make_executable(&codex);
    let mut run = home.start(&["run", "--", codex.to_str().unwrap(), "exec", "say hi"]);
    let pass = run.line().await.unwrap();
    assert!(pass.starts_with("usher_pass_"), "{pass}");
    let arguments = arguments_of_all_processes();
    assert!(arguments.contains("model_providers.usher_run.env_key"), "the program runs: {arguments}");
    assert!(!arguments.contains(&pass));
    let listed = home.run(&["pass", "list"]).await.stdout;
    assert!(listed.contains("run: codex") && listed.contains("with its program"), "{listed}");
    run.type_line("").await;
    let ended = run.end().await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stderr.contains("200 OK"), "{ended:?}");
    let log = gateway.stop().await.stderr;
    assert!(!log.contains(&pass) && !ended.stderr.contains(&pass));
    for file in files_below(home.path()) {
        let bytes = std::fs::read(&file).unwrap();
        let found = bytes.windows(pass.len()).any(|window| window == pass.as_bytes());
        assert!(!found, "it is in {}", file.display());
    }
}

#[tokio::test]
async fn exit_code_of_program_is_passed_on() {
    let (_sandbox, home) = home_for_programs().await;
    let gateway = Gateway::start(&home).await;
    let script = home.path().join("script");
    std::fs::write(&script, "").unwrap();
    let script = script.to_str().unwrap();
    for (command, code) in [
        (&["sh", "-c", "exit 0"][..], 0),
        (&["sh", "-c", "exit 7"], 7),
        (&["sh", "-c", "exit 255"], 255),
        (&["sh", "-c", "kill -TERM $$"], 143),
        (&["sh", "-c", "kill -KILL $$"], 137),
        (&["usher-has-no-such-program"], 127),
        (&["/usher/has/no/such/program"], 127),
        (&[script], 126),
    ] {
        let ran = home.run(&[&["run", "--"], command].concat()).await;
        assert_eq!(ran.code, code, "{command:?}: {ran:?}");
        assert_eq!(ran.stderr.is_empty(), code != 126 && code != 127, "{ran:?}");
        assert_eq!(ran.stdout, "");
    }
    let missing = home.json(&["run"]).await;
    assert_eq!(missing.code, 2, "{missing:?}");
    let missing = home.run(&["--json", "run", "--", "usher-has-no-such-program"]).await;
    assert_eq!(missing.error_code(127), "program_missing");
    assert!(missing.stderr.contains("usher-has-no-such-program"), "{missing:?}");
    drop(gateway);
}

#[tokio::test]
async fn input_and_output_are_those_of_the_program() {
    let (_sandbox, home) = home_for_programs().await;
    let _gateway = Gateway::start(&home).await;
    let mut run = home.start(&["run", "--", "cat", "-", "/usher/has/no/such/file"]);
    run.type_line("first").await;
    assert_eq!(run.line().await.as_deref(), Some("first"));
    run.type_line("--json second").await;
    let ended = run.end().await;
    assert_eq!((ended.code, ended.stdout.as_str()), (1, "first\n--json second\n"), "{ended:?}");
    assert!(ended.stderr.starts_with("cat: "), "{ended:?}");
    // Options after the program are the program's.
    let ran = home.run(&["run", "echo", "--json", "--pass", "x"]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "--json --pass x\n"), "{ran:?}");
}

#[tokio::test]
async fn signals_are_passed_on_to_the_program() {
    let (_sandbox, home) = home_for_programs().await;
    let _gateway = Gateway::start(&home).await;
    for (signal, name) in [
        (Signal::SIGTERM, "TERM"),
        (Signal::SIGINT, "INT"),
        (Signal::SIGHUP, "HUP"),
        (Signal::SIGUSR1, "USR1"),
    ] {
        let script = format!("trap 'echo {name}; exit 5' {name}; echo ready; while :; do sleep 0.05; done");
        let mut run =
            Running::start(in_own_session(home.command(usher(), &["run", "--", "sh", "-c", &script])));
        assert_eq!(run.line().await.as_deref(), Some("ready"));
        run.signal(signal);
        let ended =
            tokio::time::timeout(Duration::from_secs(60), run.end()).await.expect("it gets the signal");
        assert_eq!((ended.code, ended.stdout), (5, format!("ready\n{name}\n")));
    }
    // As under `nohup`: what is ignored stays ignored.
    let script = "trap '' HUP; exec \"$0\" run -- sh -c 'echo ready; read -r line; echo \"$line\"'";
    let mut run = Running::start(home.command("sh", &["-c", script, usher().to_str().unwrap()]));
    assert_eq!(run.line().await.as_deref(), Some("ready"));
    run.signal(Signal::SIGHUP);
    run.type_line("still here").await;
    assert_eq!(run.end().await.stdout, "ready\nstill here\n");
}

#[tokio::test]
async fn gateway_runs_for_as_long_as_the_program_where_there_is_none() {
    let (_sandbox, home) = home_for_programs().await;
    let port = with_free_port(&home);
    let script = format!("echo \"$OPENAI_BASE_URL\"; {ASK}; read -r line");
    let mut run = home.start(&["run", "--", "sh", "-c", &script]);
    assert_eq!(run.line().await, Some(format!("http://127.0.0.1:{port}/v1")));
    let status = home.run(&["status"]).await.stdout;
    assert!(status.contains(&format!("run by `usher run` (process {})", run.id())), "{status}");
    let second = home.json(&["serve", "--port", "0"]).await.error(1);
    assert!(second["message"].as_str().unwrap().starts_with("`usher run` (process"), "{second}");
    let ended = run.end().await;
    assert!(ended.code != 0 && ended.stdout.contains("200 OK"), "{ended:?}");
    assert_eq!(ended.stderr, "");
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err(), "it has ended");
    let status = home.json(&["status"]).await.done();
    assert_eq!(status["gateway"]["running"], false, "{status}");
}

#[tokio::test]
async fn gateway_is_taken_over_when_its_process_ends() {
    let (_sandbox, home) = home_for_programs().await;
    let gateway = Gateway::start(&home).await;
    let again = ASK.replace("curl -isS", "curl -isS --retry 60 --retry-connrefused --retry-delay 1");
    let script = format!("echo \"$OPENAI_BASE_URL\"; read -r line; {again}");
    let mut run = home.start(&["run", "--", "sh", "-c", &script]);
    assert_eq!(run.line().await, Some(format!("{}/v1", gateway.address())));
    assert_eq!(gateway.stop().await.code, 0);
    run.type_line("").await;
    let ended = run.end().await;
    assert!(ended.code == 0 && ended.stdout.contains("200 OK"), "{ended:?}");
}

#[tokio::test]
async fn other_port_is_used_when_another_program_has_the_gateways() {
    let (_sandbox, home) = home_for_programs().await;
    let port = with_free_port(&home);
    let _taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let ran = home.run(&["run", "--", "sh", "-c", ASK]).await;
    assert!(ran.code == 0 && ran.stdout.contains("200 OK"), "{ran:?}");
    assert!(ran.stderr.starts_with(&format!("warning: Another program uses port {port}.")), "{ran:?}");
}

#[tokio::test]
async fn program_is_not_started_without_a_sign_in() {
    let sandbox = usher_sandbox::Sandbox::start(usher_sandbox::Options::for_tests()).await.unwrap();
    let home = usher_tests::Home::at(&sandbox);
    let ran = home.run(&["run", "--", "sh", "-c", "echo started"]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{ran:?}");
}

fn arguments_of_all_processes() -> String {
    let processes = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    let arguments = processes.filter_map(|process| std::fs::read(process.join("cmdline")).ok());
    arguments.map(|line| String::from_utf8_lossy(&line).replace('\0', " ") + "\n").collect()
}

fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

fn make_executable(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Without a terminal, whose Ctrl-C would reach the program by itself.
fn in_own_session(command: tokio::process::Command) -> tokio::process::Command {
    let mut own = tokio::process::Command::new("setsid");
    let command = command.into_std();
    own.arg("--wait").arg(command.get_program()).args(command.get_args()).env_clear().stdin(Stdio::piped());
    own.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    own
}
