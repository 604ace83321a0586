//! Discovery of external sign-ins, with broken files beside valid ones.

use std::fs;
use std::path::PathBuf;

use serde_json::json;
use usher_auth::{Advice, Discovery, ExternalPaths, ExternalProgram, ExternalReadError, discover};
use usher_domain::{ErrorCode, Plan, UnixTime};

use super::support::{
    Computer, GOOSE, LATER, MARK, NOW, OPENCODE, PI, access, cliproxyapi_file, codex_file, everything,
    goose_file, missy_file, opencode_file, pi_file,
};

#[test]
fn discover_on_empty_home_finds_nothing() {
    assert_eq!(Computer::new().find(), Discovery::default());
    assert_eq!(discover(&ExternalPaths::default(), NOW), Discovery::default());
}

#[test]
fn discover_returns_one_entry_per_account() {
    let computer = everything();
    let found = computer.find();
    assert_eq!(found.errors, []);
    let seen: Vec<_> = found.sign_ins.iter().map(|one| (one.program, one.email.as_deref())).collect();
    let person = |name| Some(name);
    assert_eq!(
        seen,
        [
            (ExternalProgram::Codex, person("ada@example.com")),
            (ExternalProgram::Opencode, person("bo@example.com")),
            (ExternalProgram::Pi, None),
            (ExternalProgram::Missy, person("max@example.com")),
            (ExternalProgram::Missy, person("mia@example.com")),
            (ExternalProgram::CliProxyApi, person("cy@example.com")),
            (ExternalProgram::CliProxyApi, person("di@example.com")),
            (ExternalProgram::Goose, person("gil@example.com")),
        ]
    );
    for one in &found.sign_ins {
        let advice = if one.program == ExternalProgram::Codex { Advice::Link } else { Advice::SignIn };
        assert_eq!(
            (one.advice, one.expires_at, one.expired),
            (advice, Some(UnixTime(LATER)), false),
            "{one:?}"
        );
    }
}

#[test]
fn discovery_serializes_to_json() {
    let computer = Computer::new();
    computer.put_json(".missy/secrets/openai-oauth.json", &missy_file("mia"));
    computer.put(".cli-proxy-api/codex-cy.json", "broken");
    let found = computer.find();
    let (path, broken) = (&found.sign_ins[0].path, &found.errors[0].path);
    let mut written = serde_json::to_value(&found).unwrap();
    written["sign_ins"][0]["last_refresh"].take();
    let sign_in = json!({
        "program": "missy", "path": path, "email": "mia@example.com", "account_id": "acct-mia", "plan": "plus",
        "last_refresh": null, "expires_at": LATER, "expired": false, "advice": "sign_in",
    });
    let error = json!({
        "program": "cliproxyapi", "path": broken, "code": "malformed_answer",
        "why": "it is not what CLIProxyAPI writes; sign in to CLIProxyAPI again",
    });
    assert_eq!(written, json!({ "sign_ins": [sign_in], "troubles": [error] }));
}

#[test]
fn discover_token_claims_win_over_file() {
    let computer = Computer::new();
    let path = computer.put_json(".missy/secrets/openai-oauth.json", &missy_file("mia"));
    let one = computer.one();
    assert_eq!(one.path, path);
    assert_eq!(one.account_id.as_deref(), Some("acct-mia"), "not the subject that Missy falls back to");
    assert_eq!((one.email.as_deref(), one.plan), (Some("mia@example.com"), Some(Plan("plus".into()))));
    let written = fs::metadata(&path).unwrap().modified().unwrap();
    let written = written.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert_eq!(one.last_refresh.map(|time| time.0), i64::try_from(written).ok());
}

#[test]
fn discover_opaque_token_uses_file_fields() {
    let computer = Computer::new();
    computer.put_json(PI, &pi_file());
    let one = computer.one();
    assert_eq!(
        (one.account_id.as_deref(), one.plan, one.expires_at),
        (Some("acct-pi"), None, Some(UnixTime(LATER)))
    );

    let computer = Computer::new();
    computer.put_json(".cli-proxy-api/codex-cy.json", &cliproxyapi_file("cy"));
    let one = computer.one();
    assert_eq!(one.last_refresh, Some(UnixTime(NOW.0 - 24 * 60 * 60)));
    assert_eq!(one.expires_at, Some(UnixTime(LATER)));
}

#[test]
fn discover_organization_id_is_not_an_account() {
    let computer = Computer::new();
    let entry = json!({ "type": "oauth", "access": "opaque", "refresh": MARK, "accountId": "org-x" });
    computer.put_json(OPENCODE, &json!({ "openai": entry }));
    assert_eq!(computer.one().account_id, None);
}

#[test]
fn discover_expired_sign_in_is_marked_expired() {
    let computer = Computer::new();
    computer.put_json(".codex/auth.json", &codex_file("ada", NOW.0));
    let one = computer.one();
    assert!(one.expired);
    assert_eq!((one.advice, one.last_refresh), (Advice::Link, Some(UnixTime(NOW.0 - 24 * 60 * 60))));
}

#[test]
fn discover_ignores_api_keys() {
    let computer = Computer::new();
    computer.put_json(OPENCODE, &json!({ "openai": { "type": "api", "key": MARK } }));
    computer.put_json(PI, &json!({ "openai": { "type": "api_key", "key": MARK }, "openai-codex": { "type": "api_key", "key": MARK } }));
    computer.put_json(".cli-proxy-api/claude-x.json", &json!({ "type": "claude", "access_token": MARK }));
    computer.put_json(".missy/secrets/anthropic-oauth.json", &json!({ "access_token": MARK }));
    assert_eq!(computer.find(), Discovery::default());
    // For Codex, which could be linked, the error names the method and what to do instead.
    computer.put_json(".codex/auth.json", &json!({ "auth_mode": "apikey", "OPENAI_API_KEY": MARK }));
    let Discovery { sign_ins, errors, .. } = computer.find();
    assert_eq!((sign_ins.len(), errors.len()), (0, 1));
    let ExternalReadError { program, code, cause, .. } = &errors[0];
    assert_eq!((*program, *code), (ExternalProgram::Codex, ErrorCode::SignInRequired));
    assert!(
        cause.contains("an API key") && cause.contains("--api-key-stdin") && !cause.contains(MARK),
        "{cause}"
    );
}

#[test]
fn discover_with_invalid_file_still_returns_others() {
    let computer = everything();
    let half = codex_file("ada", LATER).to_string();
    let broken = [
        computer.put(".codex/auth.json", &half[..half.len() / 2]),
        computer.put(OPENCODE, "[]"),
        computer.put(PI, format!("{{\"openai-codex\":{{\"type\":\"oauth\",\"refresh\":\"{MARK}\"}}}}")),
        computer.put(".missy/secrets/openai-oauth-work.json", "{}"),
        computer.put(".cli-proxy-api/codex-cy@example.com.json", "{\"type\":\"claude\"}"),
        computer.put(GOOSE, ""),
    ];
    let found = computer.find();
    assert_eq!(found.sign_ins.len(), 2, "{found:?}");
    let errors: Vec<_> = found.errors.iter().map(|one| one.path.clone()).collect();
    assert_eq!(errors, broken);
    for error in &found.errors {
        assert_eq!(error.code, ErrorCode::MalformedAnswer);
        assert!(error.to_string().contains(error.path.to_str().unwrap()), "{error}");
    }
}

#[test]
fn discover_non_file_or_large_file_is_an_error() {
    let computer = Computer::new();
    fs::create_dir_all(computer.home.path().join(OPENCODE)).unwrap();
    let mut large = missy_file("mia");
    large["padding"] = json!("x".repeat(1024 * 1024));
    computer.put_json(".missy/secrets/openai-oauth.json", &large);
    let found = computer.find();
    let whys: Vec<_> = found.errors.iter().map(|one| one.cause.as_str()).collect();
    assert_eq!(whys, ["it is not a file", "it is larger than 1 MiB"]);
}

#[test]
fn discover_uses_configured_folders() {
    let computer = Computer::new();
    computer.put_json("data/opencode/auth.json", &opencode_file());
    computer.put_json("agent/auth.json", &pi_file());
    computer.put_json("config/goose/chatgpt_codex/tokens.json", &goose_file());
    computer.put_json("codex/auth.json", &codex_file("ada", LATER));
    let at = |name: &str| Some(computer.home.path().join(name));
    // The default paths are not read then.
    computer.put(".codex/auth.json", "broken");
    let paths = ExternalPaths {
        data: at("data"),
        config: at("config"),
        pi_agent: at("agent"),
        codex_home: at("codex"),
        ..computer.paths.clone()
    };
    let found = discover(&paths, NOW);
    let expected = if cfg!(windows) { 3 } else { 4 };
    assert_eq!((found.sign_ins.len(), found.errors.len()), (expected, 0), "{found:?}");
    let empty = ExternalPaths { codex_home: Some(PathBuf::new()), ..computer.paths.clone() };
    assert_eq!(discover(&empty, NOW).errors.len(), 1, "a variable that is set to nothing is not set");
}

/// Versions of these programs differ: a field of another kind takes nothing else with it.
#[test]
fn optional_fields_of_another_kind_are_left_out_alone() {
    let computer = everything();
    let mut files = [
        (OPENCODE, opencode_file()),
        (PI, pi_file()),
        (".missy/secrets/openai-oauth.json", missy_file("mia")),
        (".cli-proxy-api/codex-cy@example.com.json", cliproxyapi_file("cy")),
        (GOOSE, goose_file()),
        (".codex/auth.json", codex_file("ada", LATER)),
    ];
    files[0].1["openai"]["access"] = json!("");
    files[0].1["openai"]["expires"] = json!("2027-01-01T00:00:00Z");
    files[0].1["openai"]["accountId"] = json!("acct-bo");
    files[1].1["openai-codex"]["expires"] = json!(LATER.to_string());
    files[2].1["expires_at"] = json!("2027-01-01T00:00:00Z");
    files[2].1["email"] = json!(7);
    files[3].1["expired"] = json!(LATER);
    files[3].1["last_refresh"] = json!({});
    files[4].1["expires_at"] = json!(LATER);
    files[4].1["account_id"] = json!(7);
    files[5].1["last_refresh"] = json!(1_795_168_800_123_i64);
    files[5].1["tokens"]["account_id"] = json!(7);
    for (path, content) in &files {
        computer.put_json(path, content);
    }
    let found = computer.find();
    assert_eq!(found.errors, []);
    assert_eq!(found.sign_ins.len(), everything().find().sign_ins.len());
    let of = |program| found.sign_ins.iter().find(|one| one.program == program).unwrap();
    assert_eq!(of(ExternalProgram::Opencode).account_id.as_deref(), Some("acct-bo"));
    for program in [ExternalProgram::Opencode, ExternalProgram::Missy] {
        assert!(of(program).expires_at.is_some() && !of(program).expired, "{program}");
    }
    for program in [ExternalProgram::Pi, ExternalProgram::CliProxyApi, ExternalProgram::Goose] {
        assert_eq!(of(program).expires_at, Some(UnixTime(LATER)), "{program}");
    }
    let codex = of(ExternalProgram::Codex);
    assert_eq!(codex.account_id.as_deref(), Some("acct-ada"));
    assert_eq!(codex.last_refresh, Some(UnixTime(1_795_168_800)));
}

#[test]
fn thousands_of_broken_files_are_bounded_and_counted() {
    let computer = Computer::new();
    for count in 0..1200 {
        computer.put(&format!(".cli-proxy-api/codex-{count}.json"), "broken");
    }
    let began = std::time::Instant::now();
    let errors = computer.find().errors;
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
    let causes: Vec<_> = errors.iter().rev().take(2).map(|error| error.cause.as_str()).collect();
    assert_eq!(causes, ["200 more files were not looked at", "980 more files could not be read"]);
    assert_eq!(errors.len(), 22);
}

/// A copy is recognized by its access token, whatever else its file has; a sign-in of its own is none, also of the same account.
#[test]
fn discover_notes_which_programs_hold_the_same_sign_in() {
    let computer = Computer::new();
    let entry =
        |access: &str| json!({ "openai": { "type": "oauth", "access": access, "accountId": "acct-1" } });
    let copied = access("ada", LATER);
    let opencode = computer.put_json(OPENCODE, &entry(&copied));
    computer.put_json(
        PI,
        &json!({ "openai-codex": { "type": "oauth", "access": copied, "accountId": "acct-1" } }),
    );
    let same = || computer.find().sign_ins.into_iter().map(|one| one.same_as).collect::<Vec<_>>();
    assert_eq!(same(), [None, Some(opencode)]);
    computer.put_json(OPENCODE, &entry(&access("ada", LATER + 1)));
    assert_eq!(same(), [None, None]);
}
