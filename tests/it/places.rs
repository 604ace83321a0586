//! Where a command can leave something: files, arguments and environments of processes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::stat::Mode;
use tempfile::TempDir;
use usher_tests::Home;

/// The store's own key lies in this file and nowhere else.
pub(crate) const KEY_FILE: &str = "secrets.key";

/// Every file below `folder` but the store's key, by its path from there.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("it can be listed").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with(KEY_FILE) {
                let name = path.strip_prefix(folder).expect("it lies there").display().to_string();
                // A temporary file may have gone meanwhile.
                found.push((name, fs::read(path).unwrap_or_default()));
            }
        }
    }
    found
}

/// A process and all that it has started and that still run.
pub(crate) fn with_children(process: u32) -> Vec<u32> {
    let mut all = vec![process];
    let stats = fs::read_dir("/proc").expect("a Linux system").flatten();
    let parents: Vec<(u32, u32)> = stats
        .filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let parent = stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()?;
            Some((id, parent))
        })
        .collect();
    let mut at = 0;
    while let Some(&parent) = all.get(at) {
        all.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(id, _)| *id));
        at += 1;
    }
    all
}

/// An `xdg-open` that tells what it was given and what it sees of the environment, to whoever reads its pipe.
pub(crate) fn telling_browser(home: &mut Home) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("told");
    nix::unistd::mkfifo(&pipe, Mode::S_IRWXU).unwrap();
    let script = format!("#!/bin/sh\n{{ echo \"$@\"; /bin/cat /proc/$$/environ; }} >{}\n", pipe.display());
    let program = folder.path().join("xdg-open");
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    home.set("PATH", folder.path().to_str().unwrap());
    folder
}

/// Until the process has this file open, which it does right before it waits for its lock.
pub(crate) async fn until_it_waits_at(process: u32, file: &str) {
    let began = Instant::now();
    let is_open = || {
        let open = fs::read_dir(format!("/proc/{process}/fd")).expect("it runs").flatten();
        open.filter_map(|one| fs::read_link(one.path()).ok()).any(|path| path.ends_with(file))
    };
    while !is_open() {
        assert!(began.elapsed() < Duration::from_secs(30), "process {process} never opens {file}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
