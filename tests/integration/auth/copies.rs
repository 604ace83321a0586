//! Which programs hold a sign-in, and whether two renew the same one.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use usher_tests::signed_in;

use super::external_sign_ins::{CODEX, OPENCODE, PI, Person, with_every_program};

fn field<'a>(copy: &'a Value, name: &str) -> &'a str {
    copy[name].as_str().unwrap_or("-")
}

fn copies(document: &Value) -> Vec<&Value> {
    document["copies"].as_array().unwrap().iter().collect()
}

fn opencode(tokens: &usher_sandbox::TokenSet) -> Value {
    json!({ "type": "oauth", "refresh": tokens.refresh_token, "access": tokens.access_token, "expires": 1 })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_program_has_its_place_and_sign_ins_of_their_own_are_one_writer_each() {
    let person = with_every_program().await;
    fs::create_dir(person.folder.join(".cc-switch")).unwrap();
    let document = person.json(&["tools", "--copies"]).await.done();
    assert_eq!(document["one_writer"], true);
    assert_eq!(document["not_looked_at"], json!(["cc-switch"]));
    let seen: Vec<_> = copies(&document)
        .into_iter()
        .map(|one| (field(one, "program"), field(one, "place"), field(one, "tool")))
        .collect();
    assert_eq!(
        seen,
        [
            ("codex", "~/.codex/auth.json", "codex"),
            ("opencode", "~/.local/share/opencode/auth.json", "opencode"),
            ("pi", "~/.pi/agent/auth.json", "pi"),
            ("missy", "~/.missy/secrets/openai-oauth-work.json", "-"),
            ("missy", "~/.missy/secrets/openai-oauth.json", "-"),
            ("cli-proxy-api", "~/.cli-proxy-api/codex-pia@example.com.json", "-"),
            ("goose", "~/.config/goose/chatgpt_codex/tokens.json", "goose"),
        ]
    );
    let text = person.run(&["tools", "--copies"]).await.stdout;
    assert!(text.starts_with("One writer: no two programs renew the same sign-in.\n"), "{text}");
    assert!(text.contains("Not looked at, because their files are not documented: cc-switch."), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copy_of_a_sign_in_is_named_with_both_programs() {
    let mut person = Person::new().await;
    let tokens = person.issue("ben");
    person.put(OPENCODE, json!({ "openai": opencode(&tokens) }).to_string());
    person.put(PI, json!({ "openai-codex": opencode(&tokens) }).to_string());
    let document = person.json(&["tools", "--copies"]).await.done();
    assert_eq!(document["one_writer"], false);
    let same: Vec<&str> = copies(&document).into_iter().map(|one| field(one, "same_as")).collect();
    assert_eq!(same, ["-", "~/.local/share/opencode/auth.json"]);
    let text = person.run(&["tools", "--copies"]).await.stdout;
    assert!(text.starts_with("Two programs renew the same sign-in: opencode and pi. "), "{text}");
    // The same account with a sign-in of its own is no copy.
    let other = person.issue("ben");
    person.put(PI, json!({ "openai-codex": opencode(&other) }).to_string());
    assert_eq!(person.json(&["tools", "--copies"]).await.done()["one_writer"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_of_usher_is_recognized_and_the_last_renewal_marked() {
    let (sandbox, home) = signed_in().await;
    let status = home.json(&["status"]).await.done();
    let tokens = sandbox.issue("ada");
    let put = |path: &str, text: String| {
        let path = home.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let file = json!({
        "auth_mode": "chatgpt", "OPENAI_API_KEY": null, "last_refresh": "2020-01-01T00:00:00Z",
        "tokens": { "id_token": tokens.id_token, "access_token": tokens.access_token, "refresh_token": tokens.refresh_token },
    });
    put(CODEX, file.to_string());
    let document = home.json(&["tools", "--copies"]).await.done();
    let [own, codex] = copies(&document)[..] else { panic!("{document}") };
    assert_eq!((field(own, "program"), field(own, "place")), ("usher", "~/secrets.usher"));
    assert_eq!((&own["account"], &codex["account"]), (&status["account"]["id"], &status["account"]["id"]));
    assert_eq!((&own["renewed_last"], &codex["renewed_last"]), (&true.into(), &false.into()));
    assert_eq!((&document["one_writer"], &codex["connected"]), (&true.into(), &false.into()));
    let text = home.run(&["tools", "--copies"]).await.stdout;
    assert!(
        text.contains("with a sign-in of its own; a pass in its place: `usher tools move codex`"),
        "{text}"
    );

    // Moving it connects it as its default, and leaves its own sign-in alone.
    let before = fs::read(home.path().join(CODEX)).unwrap();
    let shown = home.json(&["tools", "move", "codex", "--dry-run"]).await.done();
    assert!(shown["preview"]["files"][0]["diff"].as_str().unwrap().contains("+model_provider = \"usher\""));
    assert_ne!(home.run(&["tools", "move", "codex"]).await.code, 0, "not without a yes");
    assert!(!home.path().join(".codex/config.toml").exists());
    let moved = home.json(&["tools", "move", "codex", "--yes"]).await.done();
    assert_eq!(field(&moved["copies"][0], "place"), "~/.codex/auth.json");
    assert!(home.read(".codex/config.toml").contains("model_provider = \"usher\""));
    assert_eq!(fs::read(home.path().join(CODEX)).unwrap(), before);
    let text = home.run(&["tools", "move", "codex", "--yes"]).await.stdout;
    assert!(
        text.contains("Its own sign-in stays in ~/.codex/auth.json.") && text.contains("`codex logout`"),
        "{text}"
    );
    let document = home.json(&["tools", "--copies"]).await.done();
    assert_eq!(copies(&document)[1]["connected"], true);
    for secret in [&tokens.access_token, &tokens.id_token] {
        assert!(!document.to_string().contains(&**secret) && !text.contains(&**secret));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_file_or_too_large_is_named_and_nothing_waits() {
    let person = Person::new().await;
    let text = person.run(&["tools", "--copies"]).await.stdout;
    assert_eq!(text, "No sign-in of OpenAI was found.\n");
    fs::create_dir_all(person.folder.join(".local/share/opencode")).unwrap();
    assert!(Command::new("/usr/bin/mkfifo").arg(person.folder.join(OPENCODE)).status().unwrap().success());
    person.put(PI, vec![b' '; 2 << 20]);
    let document = person.home.json(&["tools", "--copies"]).await.done();
    let problems: Vec<_> =
        copies(&document).into_iter().map(|one| (field(one, "program"), field(one, "problem"))).collect();
    assert_eq!(problems, [("opencode", "it is not a file"), ("pi", "it is larger than 1 MiB")]);
    let text = person.home.run(&["tools", "--copies"]).await.stdout;
    assert!(text.starts_with("One writer, as far as they could be read: "), "{text}");
}
