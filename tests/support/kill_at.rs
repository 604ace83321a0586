//! Kills a program before one of its changes of the disk, by their number.
//!
//! A library that is loaded before the C library counts renames and deletions, which is where the steps of Usher's writes
//! end. So a test meets every moment between two of them, instead of some moments in time.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

const SOURCE: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_int changes;

static void count(void) {
    const char *at = getenv("KILL_AT");
    if (at && atomic_fetch_add(&changes, 1) + 1 == atoi(at)) kill(getpid(), SIGKILL);
}

int rename(const char *from, const char *to) {
    count();
    return ((int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename"))(from, to);
}

int unlink(const char *path) {
    count();
    return ((int (*)(const char *))dlsym(RTLD_NEXT, "unlink"))(path);
}
"#;

/// The library, compiled.
pub struct KillAt {
    folder: TempDir,
}

impl KillAt {
    /// Compiles the library with the compiler that Rust links with.
    pub fn compile() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let source = folder.path().join("kill_at.c");
        std::fs::write(&source, SOURCE).expect("it can be written");
        let library = folder.path().join("kill_at.so");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source).arg("-ldl");
        let done = compiler.output().expect("there is a C compiler, with which Rust links");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        Self { folder }
    }

    /// Returns the variables that kill a program before its change number `change`, counted from one.
    pub fn variables(&self, change: u32) -> [(&'static str, String); 2] {
        let library: PathBuf = self.folder.path().join("kill_at.so");
        [("LD_PRELOAD", library.display().to_string()), ("KILL_AT", change.to_string())]
    }
}
