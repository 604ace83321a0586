//! Nothing leaks: every secret of a whole session, looked for wherever a command leaves something.

use std::path::{Path, PathBuf};

use crate::support::{Bench, Login};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use usher_sandbox::GrantOperation;
use usher_sandbox::browser::Browser;

/// Any run of this many bytes of a secret is a leak.
const SLICE: usize = 12;

#[tokio::test]
async fn callback_ports_no_secret_is_in_any_output_file_or_argument() {
    let bench = Bench::new().await;
    let mut seen: Vec<(String, Vec<u8>)> = Vec::new();
    let mut command = bench.command(&["login", "--no-browser"]);
    command.env("USHER_LOG", "trace");
    let log = bench.home.path().join("login.stderr");
    command.stderr(std::fs::File::create(&log).expect("a file for the log"));
    let mut login = Login::start(command);
    let open = login.event().await;
    let url = open["url"].as_str().expect("an address").to_owned();
    seen.push(("arguments".into(), arguments_of_children()));
    let landing = Browser::new().approve(&url, "ada").await;
    seen.push(("answer page".into(), landing.body.clone().into_bytes()));
    let (_, events) = login.end().await;
    seen.push(("events of login".into(), format!("{events:?}").into_bytes()));
    bench.sandbox.change_grants(GrantOperation::ExpireAccess, None);
    for arguments in
        [&["usage"][..], &["models", "--refresh"], &["test"], &["status"], &["doctor"], &["logout", "--yes"]]
    {
        let mut command = bench.command(arguments);
        command.env("USHER_LOG", "trace");
        let done = crate::support::finish(command).await;
        seen.push((format!("stdout of {arguments:?}"), done.stdout.into_bytes()));
        seen.push((format!("stderr of {arguments:?}"), done.stderr.into_bytes()));
        for path in files(bench.home.path()) {
            seen.push((path.display().to_string(), std::fs::read(&path).unwrap_or_default()));
        }
    }
    let secrets = secrets(&bench, &landing.query("code").expect("the code came by the browser"));
    assert!(secrets.len() >= 6, "the session had two token pairs, a code, a verifier: {}", secrets.len());
    for (place, bytes) in &seen {
        for (kind, secret) in &secrets {
            assert!(!holds(bytes, secret), "a {kind} is in {place}");
        }
    }
    let control =
        seen.iter().any(|(place, bytes)| place.contains("events") && holds(bytes, b"user-ada:ada00000"));
    assert!(control, "the search finds what is there");
}

/// Everything secret that went over the wire in this session.
fn secrets(bench: &Bench, code: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut secrets = vec![("code", code.as_bytes().to_vec())];
    for request in bench.sandbox.all_requests() {
        if let Some(bearer) = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "))
        {
            // The claims name what is shown on purpose; the signature is what makes it a key.
            let signature = bearer.rsplit('.').next().unwrap_or_default();
            secrets.push(("access token", signature.as_bytes().to_vec()));
        }
        for (field, kind) in
            [("refresh_token", "refresh token"), ("token", "refresh token"), ("code_verifier", "verifier")]
        {
            if let Some(secret) = request.body.get(field).and_then(Value::as_str) {
                secrets.push((kind, secret.as_bytes().to_vec()));
            }
        }
    }
    secrets.sort();
    secrets.dedup();
    secrets
}

/// Whether any slice of `secret` stands in `bytes`: as it is, percent- or JSON-escaped (which change none
/// of a token's characters), or in either base64.
fn holds(bytes: &[u8], secret: &[u8]) -> bool {
    let begin = secret.strip_prefix(b"rt_sandbox_").or(secret.strip_prefix(b"ac_sandbox_")).unwrap_or(secret);
    let found = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    let encoded = |offset: usize| {
        let slice = &begin[offset.min(begin.len())..];
        [STANDARD.encode(slice), URL_SAFE_NO_PAD.encode(slice)].into_iter().any(|text| {
            let whole = text.trim_end_matches('=').len() / 4 * 4;
            whole >= SLICE && found(text.as_bytes().get(..16.min(whole)).unwrap_or_default())
        })
    };
    begin.windows(SLICE).any(found) || (0..3).any(encoded)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the home is there").flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Arguments and environment of the programs that this test has started and that still run.
fn arguments_of_children() -> Vec<u8> {
    let mine = std::process::id().to_string();
    let mut all = Vec::new();
    for entry in std::fs::read_dir("/proc").expect("a Linux system").flatten() {
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1));
        if parent == Some(mine.as_str()) {
            all.extend(std::fs::read(entry.path().join("cmdline")).unwrap_or_default());
            all.extend(std::fs::read(entry.path().join("environ")).unwrap_or_default());
        }
    }
    all
}
