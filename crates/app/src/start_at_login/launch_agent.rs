//! The agent of launchd, on macOS.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use usher_domain::Failure;

use super::{LoginCommand, MARKER};
use crate::platform::unit_text::{PLIST_HEAD, plist_text, text_of_plist};

/// Returns where the agent is.
pub(super) fn path(home: &Path, name: &str) -> PathBuf {
    home.join("Library/LaunchAgents").join(format!("{name}.login.plist"))
}

/// Returns the agent. It is loaded at the next login.
pub(super) fn agent(command: &LoginCommand, name: &str) -> Result<String, Failure> {
    let mut words = String::new();
    for word in command.words()? {
        _ = writeln!(words, "        <string>{}</string>", plist_text(word));
    }
    Ok(format!(
        "{PLIST_HEAD}<!-- {MARKER}, a switch of its Preferences. Switched off, it is deleted. -->\n\
         <plist version=\"1.0\">\n\
         <dict>\n    \
             <key>Label</key>\n    <string>{name}.login</string>\n    \
             <key>ProgramArguments</key>\n    <array>\n{words}    </array>\n    \
             <key>RunAtLoad</key>\n    <true/>\n\
         </dict>\n\
         </plist>\n"
    ))
}

/// Returns the program of an agent.
pub(super) fn program(agent: &str) -> Option<PathBuf> {
    let (_, words) = agent.split_once("<array>")?;
    let (first, _) = words.split_once("</string>")?;
    Some(text_of_plist(first.trim_start().strip_prefix("<string>")?).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_escaped_for_the_property_list() {
        let command = LoginCommand { program: "/Apps/A & B/usher-desktop".into(), home: Some("/a<b".into()) };
        let agent = agent(&command, "app.usher.Usher").unwrap();
        assert_eq!(program(&agent), Some("/Apps/A & B/usher-desktop".into()));
        assert!(agent.contains("<string>/Apps/A &amp; B/usher-desktop</string>"), "{agent}");
        assert!(agent.contains("<string>/a&lt;b</string>") && agent.contains(MARKER), "{agent}");
        assert!(agent.contains("<key>RunAtLoad</key>\n    <true/>"), "{agent}");
    }
}
