//! An agent of launchd. Its form is that of launchd.plist(5); it was not tried on macOS.

use std::path::{Path, PathBuf};

use usher_domain::Failure;

use super::{Definition, MARKER};
use crate::platform::marked_file::text_of;
use crate::platform::unit_text::{PLIST_HEAD, plist_text};

/// The name of the agent.
const LABEL: &str = "app.usher.Usher.serve";

/// Returns where the agent is, below the home of the user.
pub(super) fn path(home: &Path) -> PathBuf {
    home.join("Library/LaunchAgents").join(format!("{LABEL}.plist"))
}

/// Returns the commands that start the agent.
pub(super) fn start_lines(path: &Path) -> Vec<String> {
    let path = usher_tools::Shell::Posix.word(&path.display().to_string());
    vec![
        format!("launchctl bootstrap gui/$(id -u) {path}"),
        format!("launchctl kickstart -k gui/$(id -u)/{LABEL}"),
    ]
}

/// Returns the command that ends the agent.
pub(super) fn stop_lines() -> Vec<String> {
    vec![format!("launchctl bootout gui/$(id -u)/{LABEL}")]
}

/// Returns the agent, whose messages go to a file in the folder `logs`.
pub(super) fn agent(definition: &Definition, logs: &Path) -> Result<String, Failure> {
    let program = plist_text(text_of(&definition.program)?);
    let log = logs.join("serve.err");
    let log = plist_text(text_of(&log)?);
    let environment = match &definition.home {
        Some(home) => format!(
            "\t<key>EnvironmentVariables</key>\n\t<dict>\n\t\t<key>USHER_HOME</key>\n\t\t<string>{}</string>\n\t</dict>\n",
            plist_text(text_of(home)?)
        ),
        None => String::new(),
    };
    Ok(format!(
        "{PLIST_HEAD}\
         <!-- {MARKER}, and replaced by the next one. `usher service remove` deletes it. -->\n\
         <plist version=\"1.0\">\n\
         <dict>\n\
         \t<key>Label</key>\n\
         \t<string>{LABEL}</string>\n\
         \t<key>ProgramArguments</key>\n\
         \t<array>\n\
         \t\t<string>{program}</string>\n\
         \t\t<string>serve</string>\n\
         \t</array>\n\
         {environment}\
         \t<key>RunAtLoad</key>\n\
         \t<true/>\n\
         \t<key>KeepAlive</key>\n\
         \t<dict>\n\
         \t\t<key>SuccessfulExit</key>\n\
         \t\t<false/>\n\
         \t</dict>\n\
         \t<key>ThrottleInterval</key>\n\
         \t<integer>10</integer>\n\
         \t<key>Umask</key>\n\
         \t<integer>63</integer>\n\
         \t<key>StandardErrorPath</key>\n\
         \t<string>{log}</string>\n\
         </dict>\n\
         </plist>\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agent_runs_usher_with_its_home_and_escapes_paths() {
        let home = Some(PathBuf::from("/Users/ada/a&b <c>"));
        let definition = Definition { program: "/opt/us&her".into(), home };
        let agent = agent(&definition, Path::new("/Users/ada/Library/Caches/logs")).unwrap();
        for part in [
            "\t\t<string>/opt/us&amp;her</string>\n\t\t<string>serve</string>\n",
            "\t\t<string>/Users/ada/a&amp;b &lt;c&gt;</string>\n",
            "<string>/Users/ada/Library/Caches/logs/serve.err</string>",
            MARKER,
        ] {
            assert!(agent.contains(part), "{part} in {agent}");
        }
        assert_eq!(agent.matches("<dict>").count(), agent.matches("</dict>").count());
        let none = Definition { program: "/opt/usher".into(), home: None };
        assert!(!super::agent(&none, Path::new("/l")).unwrap().contains("USHER_HOME"));
    }
}
