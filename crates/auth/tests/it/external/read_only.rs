//! How files are read: without waiting, and without changing anything.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use usher_auth::{Discovery, ExternalPaths, discover};
use usher_domain::ErrorCode;

use super::support::{Computer, GOOSE, LATER, NOW, codex_file, everything};
use crate::support::run_test_in_process;

#[test]
fn external_file_that_is_a_pipe_is_rejected_at_once() {
    let computer = Computer::new();
    let path = computer.put(".codex/auth.json", "");
    fs::remove_file(&path).unwrap();
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let began = Instant::now();
    assert_eq!(computer.find().errors[0].cause, "it is not a file");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn external_file_behind_symlink_is_read() {
    let computer = Computer::new();
    let path = computer.put_json("dotfiles/auth.json", &codex_file("ada", LATER));
    fs::create_dir(computer.home.path().join(".codex")).unwrap();
    symlink(path, computer.home.path().join(".codex/auth.json")).unwrap();
    assert_eq!(computer.one().email.as_deref(), Some("ada@example.com"));
    let dangling = Computer::new();
    fs::create_dir(dangling.home.path().join(".codex")).unwrap();
    symlink("nowhere", dangling.home.path().join(".codex/auth.json")).unwrap();
    assert_eq!(dangling.find(), Discovery::default());
}

#[test]
fn external_file_without_permission_is_an_error() {
    let computer = Computer::new();
    let path = computer.put_json(".codex/auth.json", &codex_file("ada", LATER));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&path).is_ok() {
        println!("not run: this user may read everything");
        return;
    }
    assert_eq!(computer.find().errors[0].code, ErrorCode::StoreUnavailable);
}

/// Returns everything about a folder that reading it could change.
fn state(folder: &Path) -> Vec<(PathBuf, u32, i64, i64, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let data = fs::metadata(&path).unwrap();
        let bytes = if data.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
        all.push((path.clone(), data.mode(), data.mtime(), data.mtime_nsec(), bytes));
        if data.is_dir() {
            all.extend(state(&path));
        }
    }
    all.sort();
    all
}

#[test]
fn discover_changes_no_file() {
    let computer = everything();
    computer.put(".codex/config.toml", "cli_auth_credentials_store = \"file\"\n");
    computer.put(GOOSE, "broken");
    let before = state(computer.home.path());
    computer.find();
    assert_eq!(state(computer.home.path()), before);
}

/// The variable with the folder that the next test has filled.
const FILLED: &str = "USHER_TEST_ELSEWHERE";

/// Run under strace by the next test.
#[test]
#[ignore = "a look whose system calls are watched"]
fn traced_discovery() {
    let Some(home) = std::env::var_os(FILLED).map(PathBuf::from) else { return };
    let config = Some(home.join(".config"));
    let found = discover(&ExternalPaths { home: Some(home), config, ..ExternalPaths::default() }, NOW);
    assert_eq!(found.sign_ins.len(), 8);
}

#[test]
fn discover_opens_files_read_only() {
    if Command::new("strace").arg("-V").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "strace is needed here");
        println!("not run: there is no strace");
        return;
    }
    let computer = everything();
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let through = ["strace", "-f", "-qq", "-e", "trace=%file", "-o", trace.to_str().unwrap()];
    let mut run = run_test_in_process(&through, "external::read_only::traced_discovery");
    let done = run.env(FILLED, computer.home.path()).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    let trace = fs::read_to_string(&trace).unwrap();
    let here = computer.home.path().to_str().unwrap();
    // The first line is the start of the program, with the folder in no argument of it.
    let calls: Vec<&str> = trace.lines().filter(|line| line.contains(here)).collect();
    assert!(calls.iter().filter(|line| line.contains("openat(")).count() >= 8, "{trace}");
    for call in calls {
        let reads = ["openat(", "statx(", "stat(", "newfstatat(", "readlink(", "access("];
        let read = reads.iter().any(|name| call.contains(name));
        let write = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].iter().any(|flag| call.contains(flag));
        assert!(read && !write, "{call}");
    }
}
