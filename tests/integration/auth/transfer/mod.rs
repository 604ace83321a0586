//! Moves of sign-ins between two homes of one sandbox, by the built `usher`.

mod kills;
mod moves;
mod odd_input;
mod races;

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use usher_sandbox::Sandbox;
use usher_tests::{Home, Output, signed_in};

const PASSPHRASE: &str = "seven lanterns over the bay";

/// Two computers, the folder in which files go from one to the other, and Ada's sign-in on the first.
struct Computers {
    sandbox: Sandbox,
    old: Home,
    new: Home,
    folder: TempDir,
}

impl Computers {
    async fn new() -> Self {
        let (sandbox, old) = signed_in().await;
        let new = Home::at(&sandbox);
        Self { sandbox, old, new, folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("transfer.json")
    }

    /// Returns the names of what is in the folder.
    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }
}

fn text(file: &Path) -> &str {
    file.to_str().unwrap()
}

fn export(file: &Path) -> [&str; 6] {
    ["transfer", "export", text(file), "--sign-ins", "--passphrase-stdin", "--yes"]
}

fn import(file: &Path) -> [&str; 5] {
    ["transfer", "import", text(file), "--passphrase-stdin", "--yes"]
}

async fn with_passphrase(home: &Home, arguments: &[&str]) -> Output {
    home.json_with_input(arguments, PASSPHRASE).await
}

/// Moves the sign-in of `home` into the file.
async fn sent(home: &Home, file: &Path) -> Value {
    with_passphrase(home, &export(file)).await.done()
}

/// Moves the sign-in of the file into `home`.
async fn received(home: &Home, file: &Path) -> Value {
    with_passphrase(home, &import(file)).await.done()
}

/// Returns whether `home` can use the sign-in. One that cannot says that it was moved, or that there is none.
async fn can_use(home: &Home) -> bool {
    let output = home.json(&["usage"]).await;
    if output.code == 0 {
        return true;
    }
    let code = output.error_code(3);
    assert!(["sign_in_moved", "sign_in_required"].contains(&code.as_str()), "{output:?}");
    false
}
