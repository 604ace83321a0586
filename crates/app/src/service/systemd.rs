//! A unit of systemd's user manager.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use usher_domain::{ErrorCode, Failure};

use super::{Definition, MARKER};
use crate::platform::marked_file::text_of;
use crate::platform::unit_text::systemd_word;

/// The program that speaks to the manager.
pub(super) const PROGRAM: &str = "systemctl";
pub(super) const RELOAD: &[&str] = &["--user", "daemon-reload"];
pub(super) const ENABLE: &[&str] = &["--user", "enable", "--now", "usher.service"];
pub(super) const RESTART: &[&str] = &["--user", "restart", "usher.service"];
pub(super) const DISABLE: &[&str] = &["--user", "disable", "--now", "usher.service"];
pub(super) const IS_ENABLED: &[&str] = &["--user", "is-enabled", "usher.service"];
pub(super) const IS_ACTIVE: &[&str] = &["--user", "is-active", "usher.service"];

/// Returns where the unit is, below the folder of configuration.
pub(super) fn path(config: &Path) -> PathBuf {
    config.join("systemd/user/usher.service")
}

/// Returns commands as a person types them.
pub(super) fn lines(commands: &[&[&str]]) -> Vec<String> {
    commands.iter().map(|arguments| format!("{PROGRAM} {}", arguments.join(" "))).collect()
}

/// Returns the unit.
///
/// It is restarted for ever: while the window or `usher run` has the gateway, the service waits for its turn. What is
/// forbidden to it are those things that a user manager can forbid without namespaces of its own. Without the program, as after
/// a removal of the package, it is not started.
pub(super) fn unit(definition: &Definition) -> Result<String, Failure> {
    let program = text_of(&definition.program)?;
    // systemd takes no unit with such a program, however it is quoted.
    if let Some(wrong) = program.chars().find(|one| ['$', '"', '\'', '\\'].contains(one)) {
        let cause =
            format!("{program} has a {wrong}, which a service cannot have; install Usher somewhere else");
        return Err(Failure::new(ErrorCode::BadUsage, cause));
    }
    let mut unit = format!(
        "# {MARKER}, and replaced by the next one. `usher service remove` deletes it.\n\
         [Unit]\n\
         Description=Usher gateway: your OpenAI sign-in for the tools on this computer\n\
         ConditionFileIsExecutable={}\n\
         StartLimitIntervalSec=0\n\
         \n\
         [Service]\n\
         ExecStart={} serve\n",
        // Not quoted: it is the rest of the line.
        program.replace('%', "%%"),
        systemd_word(program)
    );
    if let Some(home) = &definition.home {
        let variable = systemd_word(&format!("USHER_HOME={}", text_of(home)?));
        _ = writeln!(unit, "Environment={variable}");
    }
    unit.push_str(
        "Restart=on-failure\n\
         RestartSec=10\n\
         UMask=0077\n\
         NoNewPrivileges=yes\n\
         LockPersonality=yes\n\
         MemoryDenyWriteExecute=yes\n\
         RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\n\
         RestrictRealtime=yes\n\
         RestrictSUIDSGID=yes\n\
         SystemCallArchitectures=native\n\
         \n\
         [Install]\n\
         WantedBy=default.target\n",
    );
    Ok(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(program: &str, home: Option<&str>) -> Result<String, Failure> {
        unit(&Definition { program: program.into(), home: home.map(PathBuf::from) })
    }

    #[test]
    fn paths_are_quoted_for_systemd() {
        let unit = of("/opt/a b/100%/usher", Some("/home/ada/my \"home\\%")).unwrap();
        assert!(unit.contains("ExecStart=\"/opt/a b/100%%/usher\" serve\n"), "{unit}");
        assert!(unit.contains("Environment=\"USHER_HOME=/home/ada/my \\\"home\\\\%%\"\n"), "{unit}");
        assert!(!of("/usr/bin/usher", None).unwrap().contains("Environment"));
        for wrong in [
            "/opt/$x/usher",
            "/opt/a\"b/usher",
            "/opt/a'b/usher",
            "/opt/a\\b/usher",
            "/opt/a\nExecStartPre=/bin/sh/usher",
        ] {
            assert_eq!(of(wrong, None).unwrap_err().code, ErrorCode::BadUsage, "{wrong}");
        }
        assert!(of("/usr/bin/usher", Some("/a\nb")).is_err());
    }
}
