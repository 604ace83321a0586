//! Places where a command can leave secrets: files, arguments and environments of processes.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::stat::Mode;
use tempfile::TempDir;
use usher_tests::{Home, Output, Running, Secrets};

/// The only file that may contain the store's key.
pub(crate) const KEY_FILE: &str = "secrets.key";

/// Reads every file below `folder` except the store's key, by relative path.
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
                // A temporary file may have been removed meanwhile.
                found.push((name, fs::read(path).unwrap_or_default()));
            }
        }
    }
    found
}

/// Returns a process and its running descendants.
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

/// Installs an `xdg-open` that writes its arguments and environment to a pipe.
pub(crate) fn recording_browser(home: &mut Home) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("opened");
    nix::unistd::mkfifo(&pipe, Mode::S_IRWXU).unwrap();
    let script = format!("#!/bin/sh\n{{ echo \"$@\"; /bin/cat /proc/$$/environ; }} >{}\n", pipe.display());
    let program = folder.path().join("xdg-open");
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    home.set("PATH", folder.path().to_str().unwrap());
    folder
}

/// Waits until the process has this file open, which it does right before it waits for the lock.
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

/// Everything that was left behind, with the location where it was seen first.
#[derive(Default)]
pub(crate) struct Left(HashMap<Vec<u8>, String>);

impl Left {
    pub(crate) fn note(&mut self, location: &str, what: impl Into<Vec<u8>>) {
        self.0.entry(what.into()).or_insert_with(|| location.to_owned());
    }

    fn note_files(&mut self, home: &Home, when: &str) {
        for (path, content) in files(home.path()) {
            self.note(&format!("{path}, {when}"), content);
        }
    }

    /// Adds the output of a command; `on_purpose` is printed for the user.
    pub(crate) fn note_ran(&mut self, home: &Home, command: &str, output: &Output, on_purpose: &str) {
        let stdout = output.stdout.replace(on_purpose, "");
        assert!(on_purpose.is_empty() || stdout != output.stdout, "it prints {on_purpose}: {output:?}");
        self.note(&format!("stdout of {command}"), stdout);
        self.note(&format!("stderr of {command}"), output.stderr.as_str());
        self.note_files(home, &format!("after {command}"));
    }

    /// Adds `process`, its children, and the files while it runs.
    pub(crate) fn note_running(&mut self, home: &Home, command: &str, process: &Running) {
        for id in with_children(process.id()) {
            for part in ["cmdline", "environ"] {
                let content = fs::read(format!("/proc/{id}/{part}")).unwrap_or_default();
                self.note(&format!("{part} of process {id} during {command}"), content);
            }
        }
        self.note_files(home, &format!("during {command}"));
    }

    /// Returns everything that was left.
    pub(crate) fn all(&self) -> impl Iterator<Item = &[u8]> {
        self.0.keys().map(Vec::as_slice)
    }

    pub(crate) fn assert_free_of(&self, secrets: &Secrets) {
        let leak = |(what, location): (&Vec<u8>, &String)| {
            Some(format!("a {} is in {location}", secrets.found_in(what)?))
        };
        let leaks: Vec<String> = self.0.iter().filter_map(leak).collect();
        assert!(leaks.is_empty(), "{leaks:#?}");
    }

    pub(crate) fn assert_log_was_on(&self) {
        let logged = |part: &str| self.all().any(|what| String::from_utf8_lossy(what).contains(part));
        assert!(logged("DEBUG usher_net::client: sending") && logged("TRACE "), "the log was on");
    }
}
