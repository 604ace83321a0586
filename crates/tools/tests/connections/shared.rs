//! The Codex CLI and the Codex desktop app, which read the same keys.

use usher_tools::{ConflictKind, ConnectionState, LocalDisk};

use crate::fixture::{Fixture, SECRET};

const CONFIG: &str = ".codex/config.toml";
const MINE: &str = "# mine\nmodel = \"gpt-5.5\"\nmodel_provider = \"other\" # why\n";

#[test]
fn app_keeps_its_own_sign_in_and_sends_the_pass_in_a_header() {
    let fixture = Fixture::new();
    fixture.put(CONFIG, MINE);
    let preview = fixture.preview("codex-app", &fixture.setup());
    assert!(preview.files[0].becomes_private && !preview.files[0].diff.contains(SECRET), "{preview:?}");
    fixture.connect("codex-app", &fixture.setup()).unwrap();
    let expected = r#"# mine
model = "gpt-5.5"
model_provider = "usher" # why

[model_providers.usher]
name = "Usher"
base_url = "http://127.0.0.1:18740/v1"
wire_api = "responses"
requires_openai_auth = true
http_headers = { x-api-key = "usher_pass_wisteria" }
"#;
    assert_eq!(fixture.text(CONFIG).as_deref(), Some(expected));
    assert!(!fixture.ledger().contains(SECRET));
    fixture.undo("codex-app").unwrap();
    assert_eq!(fixture.text(CONFIG).as_deref(), Some(MINE));
}

#[test]
fn connection_of_the_app_takes_the_place_of_the_command_lines() {
    let alone = Fixture::new();
    alone.put(CONFIG, MINE);
    alone.connect("codex-app", &alone.setup()).unwrap();

    let fixture = Fixture::new();
    fixture.put(CONFIG, MINE);
    fixture.connect("codex", &fixture.setup()).unwrap();
    let with_command_line = fixture.text(CONFIG).unwrap();
    let preview = fixture.preview("codex-app", &fixture.setup());
    let conflict = &preview.conflicts[0];
    assert_eq!(
        (conflict.kind, conflict.subject.as_str(), conflict.detail.as_str()),
        (ConflictKind::Shared, "Codex CLI", "~/.codex/config.toml")
    );
    assert!(preview.files[0].diff.contains("-auth = ") && preview.files[0].diff.contains("+http_headers = "));
    fixture.connect("codex-app", &fixture.setup()).unwrap();
    assert_eq!(fixture.text(CONFIG), alone.text(CONFIG));

    // The other way round it would cost the app its sign-in.
    let refused = fixture.connect("codex", &fixture.setup()).unwrap_err();
    assert!(refused.cause.contains("Codex desktop app is connected"), "{refused}");
    assert_eq!(fixture.text(CONFIG), alone.text(CONFIG));

    // Whatever happens to the connection of the command line, the keys are those of the app.
    assert_eq!(fixture.suspend_on(&LocalDisk, "codex").unwrap(), Vec::<String>::new());
    assert_eq!(fixture.text(CONFIG), alone.text(CONFIG));
    fixture.undo("codex-app").unwrap();
    assert_eq!(fixture.text(CONFIG).as_deref(), Some(MINE));
    assert_eq!(fixture.state(), Some(ConnectionState::Suspended));
    assert_eq!(fixture.connect_again_on(&LocalDisk, "codex").unwrap(), Vec::<String>::new());
    assert_eq!(fixture.text(CONFIG), Some(with_command_line));
    fixture.undo("codex").unwrap();
    assert_eq!(fixture.text(CONFIG).as_deref(), Some(MINE));
}

#[test]
fn command_line_is_disconnected_while_the_app_stays() {
    let fixture = Fixture::new();
    fixture.put(CONFIG, MINE);
    fixture.connect("codex", &fixture.setup()).unwrap();
    fixture.connect("codex-app", &fixture.setup()).unwrap();
    let connected = fixture.text(CONFIG);
    assert_eq!(fixture.undo("codex").unwrap().unwrap().files, []);
    assert_eq!(fixture.text(CONFIG), connected);
    fixture.undo("codex-app").unwrap();
    assert_eq!(fixture.text(CONFIG).as_deref(), Some(MINE));
}
