//! The programs of `BROWSER`, which editors and remote shells set where the system has no browser of its own.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use url::Url;

/// The time in which a program that cannot open a page is expected to end.
const FAILURE_TIMEOUT: Duration = Duration::from_millis(300);
const POLL_INTERVAL: Duration = Duration::from_millis(10);
/// More than anybody lists.
const MAX_PROGRAMS: usize = 8;

/// The programs of `BROWSER`, in the order in which they are tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BrowserVariable {
    /// Each with its arguments, of which `%s` stands for the address.
    commands: Vec<Vec<String>>,
    /// Variables of this process that the programs do not get.
    without: &'static [&'static str],
}

impl BrowserVariable {
    /// Parses programs separated by colons. An entry that is a file is one program, also with spaces in its path.
    pub(crate) fn parse(value: Option<OsString>) -> Self {
        let value = value.and_then(|value| value.into_string().ok()).unwrap_or_default();
        if !cfg!(unix) {
            return Self::default();
        }
        let words = |entry: &str| {
            if Path::new(entry).is_file() {
                return vec![entry.to_owned()];
            }
            entry.split_whitespace().map(ToOwned::to_owned).collect()
        };
        let commands = value.split(':').map(words).filter(|words: &Vec<String>| !words.is_empty());
        Self { commands: commands.take(MAX_PROGRAMS).collect(), without: &[] }
    }

    /// Keeps variables of this process from the programs.
    #[must_use]
    pub fn without(self, variables: &'static [&'static str]) -> Self {
        Self { without: variables, ..self }
    }

    /// Opens `url` with the first program that can. Returns whether there was one.
    pub fn open(&self, url: &Url) -> bool {
        let started = |words: &Vec<String>| {
            let mut command = command(words, url.as_str())?;
            for name in self.without {
                command.env_remove(name);
            }
            start_detached(command)
        };
        self.commands.iter().any(|words| match started(words) {
            Ok(opened) => opened,
            Err(error) => {
                tracing::info!(%error, "a program of BROWSER did not start");
                false
            }
        })
    }
}

/// Returns the command of the words, of which `%s` stands for the address; without it the address comes last.
fn command(words: &[String], url: &str) -> io::Result<Command> {
    let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let takes_url = arguments.iter().any(|word| word.contains("%s"));
    let mut command = Command::new(program);
    command.args(arguments.iter().map(|word| word.replace("%s", url)));
    command.args((!takes_url).then_some(OsStr::new(url)));
    Ok(command)
}

/// Starts a program apart from this one, to open a page or a file. Returns false if it ends at once with an error.
pub fn start_detached(mut command: Command) -> io::Result<bool> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Ctrl-C in the terminal ends Usher, not the browser.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn()?;
    let since = Instant::now();
    while since.elapsed() < FAILURE_TIMEOUT {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        std::thread::sleep(POLL_INTERVAL);
    }
    // It runs on; waited for, so that it does not stay in the list of processes after its end.
    std::thread::spawn(move || child.wait());
    Ok(true)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn first_program_that_works_gets_the_address() {
        let folder = tempfile::Builder::new().prefix("with space").tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        for (name, script) in
            [("fails", "exit 3".to_owned()), ("works", format!("echo \"$*\" >> '{}'", path("log")))]
        {
            fs::write(path(name), format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(path(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        let url = Url::parse("https://auth.openai.com/a?b=c").unwrap();
        let opens = |value: String| BrowserVariable::parse(Some(value.into())).open(&url);
        assert!(opens(format!("/nowhere/x:{}:{}", path("fails"), path("works"))));
        assert!(opens("sh -c true --new-tab".into()));
        assert!(opens(path("works")));
        assert_eq!(fs::read_to_string(path("log")).unwrap(), format!("{url}\n{url}\n"));
        for nothing in ["", ":", "/nowhere/x", &path("fails")] {
            assert!(!opens(nothing.to_owned()), "{nothing}");
        }
        assert!(!BrowserVariable::parse(None).open(&url));
    }

    #[test]
    fn placeholder_stands_for_the_address() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let url = Url::parse("https://auth.openai.com/").unwrap();
        let value = format!("ln -s %s {}", log.display());
        assert!(BrowserVariable::parse(Some(value.into())).open(&url));
        assert_eq!(fs::read_link(log).unwrap(), Path::new(url.as_str()));
    }
}
