//! What can be handed to others for help: the checks, without who, where and with which secrets.

use std::fmt::Write as _;
use std::path::PathBuf;

use usher_domain::{ErrorCode, Failure, redact};

use crate::app::App;
use crate::view::{Checkup, Verdict};

const FILE: &str = "diagnostics.txt";

impl App {
    /// Writes `checkup` to a file beside the logs, for the person to read before they share it.
    pub fn export_diagnostics(&self, checkup: &Checkup) -> Result<PathBuf, Failure> {
        let path = self.home.logs.join(FILE);
        let failed = |error: std::io::Error| {
            Failure::new(ErrorCode::StoreUnavailable, format!("could not write {}: {error}", path.display()))
        };
        std::fs::create_dir_all(&self.home.logs).map_err(failed)?;
        std::fs::write(&path, report(checkup)).map_err(failed)?;
        Ok(path)
    }
}

fn report(checkup: &Checkup) -> String {
    let mut text = format!(
        "Usher {} on {} {}\n\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    );
    for check in &checkup.checks {
        let verdict = match check.verdict {
            Verdict::Good => "ok",
            Verdict::Note => "note",
            Verdict::Bad => "bad",
        };
        writeln!(text, "{:<28}{verdict:<6}{}", check.check, blacked_out(&check.found))
            .expect("a String takes any text");
    }
    text
}

/// Takes out e-mail addresses and paths, and what looks like a secret.
fn blacked_out(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let bare = word.trim_matches(|one: char| !one.is_alphanumeric() && one != '/' && one != '~');
        let is_address = bare.contains('@') && bare.contains('.');
        let is_path =
            bare.starts_with('/') || bare.starts_with("~/") || bare.contains(":\\") || word.contains('\\');
        match (is_address, is_path) {
            (true, _) => "[e-mail]".to_owned(),
            (_, true) => "[path]".to_owned(),
            _ => word.to_owned(),
        }
    });
    redact(&words.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_and_where_are_blacked_out() {
        let text = blacked_out(
            "key in /home/ada/.local/usher, of <ada@example.com>; sk-abcdefghijklmnopqrst in C:\\Users\\ada",
        );
        for part in ["ada", "home", "abcdefghij"] {
            assert!(!text.contains(part), "{text}");
        }
        assert!(blacked_out("https://api.groq.com answers, in 12 ms").contains("api.groq.com"));
    }
}
