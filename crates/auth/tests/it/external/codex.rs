//! The Codex CLI's own sign-in: where it is, every mode, and its errors.

use std::fs;

use serde_json::{Value, json};
use usher_auth::{CodexCli, CodexOtherMode, CodexSignIn, CodexState, ExternalPaths};
use usher_domain::{ErrorCode, Failure, UnixTime};

use super::support::{Computer, LATER, MARK, NOW, access, codex_file, token};

pub(crate) const AUTH: &str = ".codex/auth.json";
const CONFIG: &str = ".codex/config.toml";

pub(crate) fn read(computer: &Computer) -> Result<CodexState, Failure> {
    CodexCli::from_paths(&computer.paths).unwrap().read(NOW)
}

pub(crate) fn signed_in(computer: &Computer) -> CodexSignIn {
    match read(computer) {
        Ok(CodexState::SignedIn(sign_in)) => sign_in,
        other => panic!("{}", name(&other)),
    }
}

/// Returns the name of a state; the state itself has no `Debug`, because it contains a token.
pub(crate) fn name(state: &Result<CodexState, Failure>) -> String {
    match state {
        Ok(CodexState::Absent) => "absent".into(),
        Ok(CodexState::SignedOut) => "signed out".into(),
        Ok(CodexState::Other(other)) => format!("{other:?}"),
        Ok(CodexState::SignedIn(_)) => "signed in".into(),
        Ok(CodexState::Expired(_)) => "expired".into(),
        Err(failure) => format!("{failure:?}"),
    }
}

fn with_file(value: &Value) -> Computer {
    let computer = Computer::new();
    computer.put_json(AUTH, value);
    computer
}

/// Returns a computer with a ChatGPT sign-in in Codex's file and `config` in its settings.
pub(crate) fn with_config(config: &str) -> Computer {
    let computer = with_file(&codex_file("ada", LATER));
    computer.put(CONFIG, config);
    computer
}

#[test]
fn codex_sign_in_is_read_without_refresh_token() {
    let computer = with_file(&codex_file("ada", LATER));
    let sign_in = signed_in(&computer);
    assert_eq!(sign_in.account.id().0, "user-ada:acct-ada");
    assert_eq!(sign_in.account.email.as_deref(), Some("ada@example.com"));
    assert!(!sign_in.account.fedramp);
    assert_eq!(sign_in.access.expose(), access("ada", LATER));
    assert_eq!(sign_in.expires_at, Some(UnixTime(LATER)));
    assert_eq!(sign_in.last_refresh, Some(UnixTime(NOW.0 - 24 * 60 * 60)));
    assert_eq!(sign_in.issuer.as_deref(), Some("https://auth.openai.com"));
    assert_eq!(sign_in.path, computer.home.path().join(AUTH));
}

#[test]
fn codex_state_is_read_again_each_time() {
    let computer = with_file(&codex_file("ada", LATER));
    let codex = CodexCli::from_paths(&computer.paths).unwrap();
    assert!(matches!(codex.read(NOW), Ok(CodexState::SignedIn(_))));
    fs::remove_file(computer.home.path().join(AUTH)).unwrap();
    assert!(matches!(codex.read(NOW), Ok(CodexState::SignedOut)));
    computer.put_json(AUTH, &codex_file("bo", LATER));
    assert_eq!(signed_in(&computer).account.user_id, "user-bo");
}

#[test]
fn codex_state_absent_signed_out_and_expired_are_distinguished() {
    let computer = Computer::new();
    assert_eq!(name(&read(&computer)), "absent");
    fs::create_dir(computer.home.path().join(".codex")).unwrap();
    assert_eq!(name(&read(&computer)), "signed out");
    for empty in [json!({}), json!({"OPENAI_API_KEY": null, "tokens": null}), json!({"auth_mode": "chatgpt"})]
    {
        assert_eq!(name(&read(&with_file(&empty))), "signed out");
    }
    assert_eq!(name(&read(&with_file(&codex_file("ada", NOW.0)))), "expired");
    assert_eq!(name(&read(&with_file(&codex_file("ada", NOW.0 + 1)))), "signed in");
    assert!(CodexCli::from_paths(&ExternalPaths::default()).is_none());
}

#[test]
fn codex_account_in_token_wins_over_file() {
    let mut file = codex_file("ada", LATER);
    file["tokens"]["account_id"] = json!("acct-of-the-file");
    assert_eq!(signed_in(&with_file(&file)).account.account_id, "acct-ada");
    let claims =
        json!({"https://api.openai.com/auth": {"user_id": "user-1", "chatgpt_account_is_fedramp": true}});
    file["tokens"]["access_token"] = json!(token(&claims));
    let account = signed_in(&with_file(&file)).account;
    assert_eq!((account.account_id.as_str(), account.fedramp), ("acct-of-the-file", true));
    file["tokens"]["account_id"] = json!("org-1");
    let failure = read(&with_file(&file)).err().unwrap();
    assert_eq!(failure.code, ErrorCode::MalformedAnswer);
    assert!(failure.cause.contains("auth.json") && failure.cause.contains("ChatGPT account"), "{failure}");
}

#[test]
fn codex_other_modes_have_description_and_suggestion() {
    let modes = [
        (json!({"auth_mode": "apikey", "OPENAI_API_KEY": MARK}), CodexOtherMode::ApiKey),
        (
            json!({"auth_mode": "chatgptAuthTokens", "tokens": {"access_token": MARK}}),
            CodexOtherMode::HostTokens,
        ),
        (json!({"auth_mode": "agentIdentity", "agent_identity": MARK}), CodexOtherMode::AgentIdentity),
        (
            json!({"auth_mode": "personalAccessToken", "personal_access_token": "at-x"}),
            CodexOtherMode::PersonalAccessToken,
        ),
        (
            json!({"auth_mode": "bedrockApiKey", "bedrock_api_key": {"key": MARK}}),
            CodexOtherMode::BedrockApiKey,
        ),
        (json!({"auth_mode": "of2030", "tokens": {"access_token": MARK}}), CodexOtherMode::Unknown),
        // Without a mode the first credential counts, in the order in which Codex looks.
        (
            json!({"personal_access_token": "at-x", "bedrock_api_key": {}, "OPENAI_API_KEY": MARK}),
            CodexOtherMode::PersonalAccessToken,
        ),
        (json!({"bedrock_api_key": {}, "OPENAI_API_KEY": MARK}), CodexOtherMode::BedrockApiKey),
        (json!({"OPENAI_API_KEY": MARK, "tokens": {"access_token": MARK}}), CodexOtherMode::ApiKey),
        (json!({"agent_identity": {"agent_private_key": MARK}}), CodexOtherMode::AgentIdentity),
    ];
    for (file, expected) in modes {
        let state = read(&with_file(&file));
        assert_eq!(name(&state), format!("{expected:?}"), "{file}");
        assert!(expected.description().starts_with("Codex ") && !expected.suggestion().is_empty());
    }
    let mut file = codex_file("ada", LATER);
    file.as_object_mut().unwrap().remove("auth_mode");
    signed_in(&with_file(&file));
}

#[test]
fn codex_invalid_file_error_has_path_and_no_content() {
    let half = codex_file("ada", LATER).to_string();
    for text in [&half[..half.len() - 9], "", "[]", "\"text\"", "{\"tokens\":7}", "\u{0}\u{1}"] {
        let computer = Computer::new();
        let path = computer.put(AUTH, text);
        let failure = read(&computer).err().unwrap();
        assert_eq!(failure.code, ErrorCode::MalformedAnswer, "{text}");
        let debug = format!("{failure:?}");
        assert!(failure.cause.contains(path.to_str().unwrap()), "{debug}");
        assert!(!debug.contains(MARK) && !debug.contains("eyJ") && !debug.contains("column"), "{debug}");
    }
}

#[test]
fn codex_config_selects_credential_store() {
    for config in ["", "model = \"gpt-6-sol\"\n[profiles.x]\ncli_auth_credentials_store = \"ephemeral\"\n"] {
        signed_in(&with_config(config));
    }
    signed_in(&with_config("cli_auth_credentials_store = \"file\""));
    assert_eq!(name(&read(&with_config("cli_auth_credentials_store = \"ephemeral\""))), "Ephemeral");
    for odd in ["cli_auth_credentials_store = \"of2030\"", "cli_auth_credentials_store = 7", "token = \"rt_x"]
    {
        let failure = read(&with_config(odd)).err().unwrap();
        assert_eq!(failure.code, ErrorCode::MalformedAnswer, "{odd}");
        assert!(failure.cause.contains("config.toml") && !failure.cause.contains("rt_x"), "{failure}");
    }
}

/// An empty key is none (protocol §6: the first credential that is there counts).
#[test]
fn codex_with_empty_keys_is_signed_in_with_its_tokens() {
    for empty in [json!(""), json!(" "), Value::Null] {
        let mut file = codex_file("ada", LATER);
        file.as_object_mut().unwrap().remove("auth_mode");
        for name in ["OPENAI_API_KEY", "personal_access_token", "bedrock_api_key"] {
            file[name] = empty.clone();
        }
        assert_eq!(signed_in(&with_file(&file)).account.account_id, "acct-ada", "{empty}");
        file["OPENAI_API_KEY"] = json!("sk-1");
        assert_eq!(name(&read(&with_file(&file))), "ApiKey");
    }
}
