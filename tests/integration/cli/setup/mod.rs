//! `usher setup` on a terminal.
#![cfg(target_os = "linux")]

mod cancel;
mod known;
mod problems;
mod walk;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use usher_sandbox::browser::Browser;
use usher_sandbox::{Options, Sandbox};
use usher_tests::{Home, Terminal, sign_in};

const ENTER: &str = "\r";
const DOWN: &str = "\u{1b}[B";
const ESCAPE: &str = "\u{1b}";
const CTRL_C: &str = "\u{3}";
const CTRL_D: &str = "\u{4}";

const CODEX: &str = "# mine\nmodel = \"gpt-5.5\"   # the good one\n";

/// A home with the configuration of the Codex CLI, in which nobody is signed in.
async fn new_home() -> (Sandbox, Home) {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    fs::create_dir(home.path().join(".codex")).unwrap();
    home.write(".codex/config.toml", CODEX);
    (sandbox, home)
}

/// The same, with Ada signed in and her models loaded.
async fn signed_in_home() -> (Sandbox, Home) {
    let (sandbox, home) = new_home().await;
    sign_in(&home, &sandbox, "ada").await;
    (sandbox, home)
}

/// All files of the home but the cache and its lock, with their bytes.
fn files(home: &Home) -> BTreeMap<PathBuf, Vec<u8>> {
    fn collect(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if !path.file_name().unwrap().to_string_lossy().starts_with("state.db") {
                found.insert(path.clone(), fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(home.path(), &mut found);
    found
}

/// Signs in by pasting, from the question of how to sign in on. The keys choose that method.
async fn paste(terminal: &mut Terminal, keys: &str, approve: bool) {
    terminal.shows("How do you want to sign in?").await;
    terminal.shows("paste the address").await;
    terminal.types(keys).await;
    terminal.shows("Open this page to sign in:").await;
    let url = terminal.shows("Waiting until").await;
    let browser = Browser::new();
    let landing = if approve {
        browser.approve(url.trim(), "ada").await
    } else {
        browser.deny(url.trim(), "ada").await
    };
    terminal.shows("Address that the browser ends at:").await;
    terminal.types(&format!("{}{ENTER}", landing.url)).await;
}

/// Goes to the end of the model step with what there is.
async fn keep_account_and_model(terminal: &mut Terminal) {
    terminal.shows("Which provider do you want to use?").await;
    terminal.types(ENTER).await;
    terminal.shows("Which account do you want to use?").await;
    terminal.types(ENTER).await;
    terminal.shows("Which model do you want to use?").await;
    terminal.types(ENTER).await;
    terminal.shows("Test it now?").await;
}
