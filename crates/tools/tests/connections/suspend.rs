//! Files that are restored while the gateway does not answer.

use usher_tools::{ConnectionState, LocalDisk};

use crate::fixture::{Fixture, SECRET};

const CODEX: &str = ".codex/config.toml";
const BEFORE: &str = "# mine\nmodel_provider = \"other\"\n";

fn suspended() -> (Fixture, String) {
    let fixture = Fixture::new();
    fixture.put(CODEX, BEFORE);
    fixture.connect("codex", &fixture.setup()).unwrap();
    let connected = fixture.text(CODEX).unwrap();
    assert_eq!(fixture.suspend_on(&LocalDisk, "codex").unwrap(), Vec::<String>::new());
    assert_eq!(fixture.text(CODEX).as_deref(), Some(BEFORE));
    (fixture, connected)
}

#[test]
fn files_come_back_and_go_again() {
    let (fixture, connected) = suspended();
    assert_eq!(fixture.state(), Some(ConnectionState::Suspended));
    // Twice is once.
    assert_eq!(fixture.suspend_on(&LocalDisk, "codex").unwrap(), Vec::<String>::new());
    assert_eq!(fixture.connect_again_on(&LocalDisk, "codex").unwrap(), Vec::<String>::new());
    assert_eq!(fixture.text(CODEX).unwrap(), connected);
    assert_eq!(fixture.state(), Some(ConnectionState::Applied));
    fixture.undo("codex").unwrap();
    assert_eq!(fixture.text(CODEX).as_deref(), Some(BEFORE));
}

#[test]
fn pass_in_a_file_goes_and_comes_with_the_connection() {
    let fixture = Fixture::new();
    let setup = fixture.setup();
    for tool in ["opencode", "aider"] {
        fixture.connect(tool, &setup).unwrap();
        fixture.suspend_on(&LocalDisk, tool).unwrap();
        assert_eq!(fixture.files(), []);
        assert!(!std::path::Path::new(&setup.pass_file).exists());
        assert_eq!(fixture.connect_again_on(&LocalDisk, tool).unwrap(), Vec::<String>::new());
        assert!(!fixture.ledger().contains(SECRET));
        assert_eq!(fixture.files().len(), 1, "{tool}");
        fixture.undo(tool).unwrap();
        assert_eq!(fixture.files(), []);
    }
}

#[test]
fn key_that_somebody_changed_is_left_with_all_others() {
    let fixture = Fixture::new();
    fixture.put(CODEX, BEFORE);
    let mut setup = fixture.setup();
    setup.make_default = true;
    fixture.connect("codex", &setup).unwrap();
    let connected = fixture.text(CODEX).unwrap();
    // Another value, and the one from before: a person's choice either way.
    for (value, key) in [("third", "model_provider"), ("other", "model_provider")] {
        let text = connected.replace("model_provider = \"usher\"", &format!("model_provider = \"{value}\""));
        fixture.put(CODEX, &text);
        assert_eq!(fixture.suspend_on(&LocalDisk, "codex").unwrap(), [key]);
        assert_eq!(fixture.text(CODEX).unwrap(), text);
        assert_eq!(fixture.state(), Some(ConnectionState::Applied));
    }
    std::fs::remove_file(fixture.home.join(CODEX)).unwrap();
    assert_eq!(fixture.suspend_on(&LocalDisk, "codex").unwrap().len(), 1);
}

#[test]
fn other_edits_are_kept_by_both() {
    let (fixture, _) = suspended();
    fixture.put(CODEX, &format!("{BEFORE}[later]\nx = 1\n"));
    assert_eq!(fixture.connect_again_on(&LocalDisk, "codex").unwrap(), Vec::<String>::new());
    let text = fixture.text(CODEX).unwrap();
    fixture.put(CODEX, &text.replace("x = 1", "x = 2"));
    assert_eq!(fixture.suspend_on(&LocalDisk, "codex").unwrap(), Vec::<String>::new());
    assert_eq!(fixture.text(CODEX).unwrap(), format!("{BEFORE}[later]\nx = 2\n"));
}

#[test]
fn suspended_tool_is_not_connected_again_over_a_choice_of_somebody() {
    let (fixture, _) = suspended();
    let own = format!("{BEFORE}[model_providers.usher]\nname = \"mine\"\n");
    fixture.put(CODEX, &own);
    assert_eq!(fixture.connect_again_on(&LocalDisk, "codex").unwrap(), ["model_providers.usher.name"]);
    assert_eq!(fixture.text(CODEX).unwrap(), own);
    std::fs::remove_file(fixture.home.join(CODEX)).unwrap();
    assert_eq!(fixture.connect_again_on(&LocalDisk, "codex").unwrap().len(), 1);
    assert_eq!(fixture.text(CODEX), None);
    // Disconnected by hand, nothing is left that could be connected again.
    fixture.undo("codex").unwrap();
    assert_eq!(fixture.state(), None);
    assert_eq!(fixture.connect_again_on(&LocalDisk, "codex").err().map(|_| ()), Some(()));
    assert_eq!(fixture.text(CODEX), None);
}
