//! The program ends, or the disk fails, between any two steps.
//!
//! The test starts itself again with the number of the step before which it is to die, as a program does that is killed.

use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use usher_tools::{ConnectionState, Content, Disk, LocalDisk};

use crate::fixture::Fixture;

const STEP: &str = "USHER_TOOLS_TEST_STEP";
const FOLDER: &str = "USHER_TOOLS_TEST_FOLDER";
const ACTION: &str = "USHER_TOOLS_TEST_ACTION";
const TOOLS: [(&str, &str, &str); 3] = [
    ("codex", ".codex/config.toml", "# mine\nmodel = \"gpt-5.5\"\n"),
    ("opencode", ".config/opencode/opencode.json", "{ \"theme\": \"system\" }"),
    ("llm", ".config/io.datasette.llm/keys.json", "{\"other\": \"x\"}"),
];

/// What happens at a step.
#[derive(Clone, Copy)]
enum End {
    /// The process dies; a file that is being written is there by half.
    Kill,
    /// The operation fails, as on a disk that is full.
    Fail,
}

/// The disk until one of its steps.
struct Until {
    left: AtomicUsize,
    end: End,
}

impl Until {
    fn step(&self) -> io::Result<()> {
        if self.left.fetch_sub(1, Ordering::SeqCst) != 0 {
            return Ok(());
        }
        match self.end {
            End::Kill => std::process::abort(),
            End::Fail => Err(io::Error::other("no space left on device")),
        }
    }
}

impl Disk for Until {
    fn read(&self, path: &Path) -> io::Result<Option<Content>> {
        LocalDisk.read(path)
    }
    fn create(&self, path: &Path, bytes: &[u8], mode: Option<u32>) -> io::Result<()> {
        self.step()?;
        LocalDisk.create(path, &bytes[..bytes.len() / 2], mode)?;
        self.step()?;
        LocalDisk.remove(path)?;
        LocalDisk.create(path, bytes, mode)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        LocalDisk.rename(from, to)
    }
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.step()?;
        LocalDisk.sync_folder(folder)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        LocalDisk.remove(path)
    }
    fn make_folder(&self, folder: &Path) -> io::Result<bool> {
        self.step()?;
        LocalDisk.make_folder(folder)
    }
    fn remove_folder(&self, folder: &Path) {
        // Nothing reports its failure.
        if self.step().is_ok() {
            LocalDisk.remove_folder(folder);
        }
    }
}

/// The child; by itself it does nothing.
#[test]
#[expect(clippy::disallowed_methods, reason = "the parent gives its child what to do")]
fn child() {
    let variable = |name: &str| std::env::var(name).ok();
    let (Some(step), Some(folder), Some(action)) = (variable(STEP), variable(FOLDER), variable(ACTION))
    else {
        return;
    };
    let disk = Until { left: AtomicUsize::new(step.parse().unwrap()), end: End::Kill };
    let fixture = Fixture::at(Path::new(&folder));
    let (what, tool) = action.split_once(' ').unwrap();
    match what {
        "connect" => fixture.connect_on(&disk, tool, &fixture.setup()).unwrap(),
        "suspend" => drop(fixture.suspend_on(&disk, tool).unwrap()),
        "connect-again" => drop(fixture.connect_again_on(&disk, tool).unwrap()),
        _ => drop(fixture.undo_on(&disk, tool).unwrap()),
    }
}

/// Runs an action in a child that dies before a step; returns whether it died.
fn dies(fixture: &Fixture, action: &str, step: usize) -> bool {
    let folder = fixture.home.parent().unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["kill::child", "--exact", "--nocapture"])
        .env(STEP, step.to_string())
        .env(FOLDER, folder)
        .env(ACTION, action)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status();
    !status.unwrap().success()
}

/// The home and its state with one tool.
fn home(tool: usize, is_connected: bool) -> (Fixture, Vec<(std::path::PathBuf, String)>) {
    let (tool, path, text) = TOOLS[tool];
    let fixture = Fixture::new();
    fixture.put(path, text);
    let before = fixture.files();
    if is_connected {
        fixture.connect(tool, &fixture.setup()).unwrap();
    }
    (fixture, before)
}

/// Each file of a home is an old or a new one.
fn assert_old_or_new(fixture: &Fixture, tool: &str, states: [&[(std::path::PathBuf, String)]; 2]) {
    let root = &fixture.home;
    for (path, text) in fixture.files() {
        if path.to_string_lossy().ends_with(".usher-new") {
            continue;
        }
        let name = path.strip_prefix(root).unwrap();
        let known = states.iter().flat_map(|state| state.iter()).filter(|(known, _)| known.ends_with(name));
        let pass_file = fixture.setup().pass_file;
        assert!(
            known.into_iter().any(|(_, known)| normal(known) == normal(&text).replace(&pass_file, "PASS")),
            "{tool}: {}\n{text}",
            path.display()
        );
    }
}

/// The path of the pass's file is another one in each home.
fn normal(text: &str) -> String {
    match (text.find("{file:"), text.find("tool-passes/tool}")) {
        (Some(start), Some(end)) => format!("{}PASS{}", &text[..start], &text[end + 17..]),
        _ => text.to_owned(),
    }
}

#[test]
fn killed_at_any_step_of_connecting_leaves_old_or_new_and_a_ledger_that_restores() {
    for (index, (tool, ..)) in TOOLS.into_iter().enumerate() {
        let (connected, before) = home(index, true);
        let after = connected.files();
        let mut step = 0;
        loop {
            let (fixture, own) = home(index, false);
            let died = dies(&fixture, &format!("connect {tool}"), step);
            assert_old_or_new(&fixture, tool, [&before, &after]);
            fixture.undo(tool).unwrap_or_else(|failure| panic!("{tool}, step {step}: {failure}"));
            assert_eq!(fixture.files(), own, "{tool}, step {step}");
            assert!(!Path::new(&fixture.setup().pass_file).exists(), "{tool}, step {step}");
            // And it can be connected afterwards.
            fixture.connect(tool, &fixture.setup()).unwrap();
            if !died {
                break;
            }
            step += 1;
        }
        assert!(step > 10, "{tool}: {step}");
    }
}

#[test]
fn killed_while_another_connection_takes_the_place_loses_nothing() {
    let mut step = 0;
    loop {
        let (fixture, _) = home(0, true);
        let died = dies(&fixture, "connect codex-app", step);
        for tool in ["codex-app", "codex"] {
            fixture.undo(tool).unwrap_or_else(|failure| panic!("{tool}, step {step}: {failure}"));
        }
        assert_eq!(fixture.text(TOOLS[0].1).as_deref(), Some(TOOLS[0].2), "step {step}");
        fixture.connect("codex-app", &fixture.setup()).unwrap();
        if !died {
            break;
        }
        step += 1;
    }
    assert!(step > 15, "{step}");
}

#[test]
fn killed_at_any_step_of_undoing_leaves_old_or_new_and_a_ledger_that_restores() {
    for (index, (tool, ..)) in TOOLS.into_iter().enumerate() {
        let (connected, before) = home(index, true);
        let after = connected.files();
        let mut step = 0;
        loop {
            let (fixture, own) = home(index, true);
            let died = dies(&fixture, &format!("undo {tool}"), step);
            assert_old_or_new(&fixture, tool, [&before, &after]);
            fixture.undo(tool).unwrap_or_else(|failure| panic!("{tool}, step {step}: {failure}"));
            assert_eq!(fixture.files(), own, "{tool}, step {step}");
            if !died {
                break;
            }
            step += 1;
        }
        assert!(step > 5, "{tool}: {step}");
    }
}

/// Whatever the step, the next check of a silent or of an answering gateway brings the files to where they belong.
#[test]
fn killed_at_any_step_of_a_check_is_made_good_by_the_next_one() {
    for (index, (tool, ..)) in TOOLS.into_iter().enumerate().skip(1).take(1) {
        let (connected, before) = home(index, true);
        let after = connected.files();
        for action in ["suspend", "connect-again"] {
            let mut step = 0;
            loop {
                for answers in [false, true] {
                    let (fixture, own) = home(index, true);
                    let own_after = fixture.files();
                    if action == "connect-again" {
                        assert_eq!(fixture.suspend_on(&LocalDisk, tool).unwrap(), Vec::<String>::new());
                        assert_eq!(fixture.files(), own);
                    }
                    let died = dies(&fixture, &format!("{action} {tool}"), step);
                    assert_old_or_new(&fixture, tool, [&before, &after]);
                    // As the check decides it.
                    let place = format!("{tool}, {action}, step {step}, answers {answers}");
                    match (fixture.state().unwrap(), answers) {
                        (ConnectionState::Suspended, true) => {
                            assert_eq!(
                                fixture.connect_again_on(&LocalDisk, tool).unwrap(),
                                Vec::<String>::new()
                            );
                        }
                        (_, false) => {
                            assert_eq!(fixture.suspend_on(&LocalDisk, tool).unwrap(), Vec::<String>::new());
                        }
                        (ConnectionState::Applied, true) => {}
                        (state, _) => panic!("{place}: {state:?}"),
                    }
                    assert_eq!(fixture.files(), if answers { own_after } else { own.clone() }, "{place}");
                    fixture.undo(tool).unwrap();
                    assert_eq!(fixture.files(), own, "{place}");
                    if !died {
                        step = usize::MAX;
                        break;
                    }
                }
                if step == usize::MAX {
                    break;
                }
                step += 1;
            }
        }
    }
}

#[test]
fn a_failure_at_any_step_loses_nothing() {
    for (index, (tool, ..)) in TOOLS.into_iter().enumerate() {
        for step in 0..60 {
            let (fixture, own) = home(index, false);
            let disk = Until { left: AtomicUsize::new(step), end: End::Fail };
            let connected = fixture.connect_on(&disk, tool, &fixture.setup());
            if connected.is_err() {
                fixture.undo(tool).unwrap();
                assert_eq!(fixture.files(), own, "{tool}, step {step}");
            }
        }
    }
}
