//! The timer that starts `usher tools check` every minute: of systemd, launchd, or the Task Scheduler.
//!
//! What it starts is a script, not `usher`: when the program is gone, the script runs the one beside the ledger, so that tools
//! do not keep pointing at nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use usher_auth::{make_private_folder, replace_locked_file};
use usher_domain::ports::ProcessRunner;
use usher_domain::{ErrorCode, Failure};
use usher_tools::Shell;

use crate::platform::unit_text::{PLIST_HEAD, plist_text, systemd_word};

/// The timer of one home.
pub(super) struct Timer<'a> {
    pub(super) processes: &'a dyn ProcessRunner,
    /// Names it; another home has another name.
    pub(super) name: String,
    /// Where the scheduler reads what to start.
    pub(super) units: PathBuf,
    /// Where the script lies that it starts.
    pub(super) folder: PathBuf,
}

/// What the timer starts.
pub(super) struct Check {
    /// The program `usher`.
    pub(super) program: PathBuf,
    /// Variables that it needs: the scheduler starts it without those of the person's shell.
    pub(super) variables: Vec<(String, String)>,
    /// The script that restores the files without `usher`.
    pub(super) restore_script: PathBuf,
    /// After how many minutes without the program that is run.
    pub(super) minutes: u32,
}

/// The name of the script that the timer starts.
const SCRIPT: &str = "check-gateway";
/// How often it is started.
const SECONDS: u32 = 60;

impl Timer<'_> {
    /// Installs the timer, or replaces it.
    pub(super) async fn install(&self, check: &Check) -> Result<(), Failure> {
        let script = self.folder.join(SCRIPT);
        if cfg!(windows) {
            let command = task_command(check);
            let arguments =
                ["/Create", "/F", "/SC", "MINUTE", "/MO", "1", "/TN", &self.name, "/TR", &command];
            return self.run("schtasks", &arguments).await;
        }
        let text = check_script(check, &self.folder.join("usher-gone"), &self.stop_line());
        write(&self.folder, SCRIPT, &text)?;
        if cfg!(target_os = "macos") {
            write(&self.units, &self.plist(), &launchd_agent(&self.name, &script))?;
            let agent = self.units.join(self.plist()).display().to_string();
            // One that is loaded keeps its old settings.
            let _ = self.run("launchctl", &["unload", "-w", &agent]).await;
            return self.run("launchctl", &["load", "-w", &agent]).await;
        }
        write(&self.units, &self.unit("service"), &systemd_service(&script))?;
        write(&self.units, &self.unit("timer"), SYSTEMD_TIMER)?;
        self.run("systemctl", &["--user", "daemon-reload"]).await?;
        self.run("systemctl", &["--user", "enable", "--now", &self.unit("timer")]).await
    }

    /// Removes the timer, if there is one.
    pub(super) async fn remove(&self) {
        let files: Vec<PathBuf> = if cfg!(target_os = "macos") {
            vec![self.units.join(self.plist())]
        } else {
            ["timer", "service"].map(|kind| self.units.join(self.unit(kind))).into()
        };
        let files = files.into_iter().chain([self.folder.join(SCRIPT), self.folder.join("usher-gone")]);
        let files: Vec<PathBuf> = files.filter(|path| path.exists()).collect();
        if files.is_empty() {
            return;
        }
        let stopped = if cfg!(windows) {
            self.run("schtasks", &["/Delete", "/F", "/TN", &self.name]).await
        } else if cfg!(target_os = "macos") {
            let agent = self.units.join(self.plist()).display().to_string();
            self.run("launchctl", &["unload", "-w", &agent]).await
        } else {
            self.run("systemctl", &["--user", "disable", "--now", &self.unit("timer")]).await
        };
        if let Err(failure) = stopped {
            // Without its files it does not come back with the next session, and what it starts is not there.
            tracing::info!(cause = %failure, "the timer of the tools could not be stopped");
        }
        for path in files {
            if let Err(error) = std::fs::remove_file(&path) {
                tracing::warn!(path = %path.display(), %error, "a file of the timer of the tools stays");
            }
        }
        if cfg!(target_os = "linux") {
            let _ = self.run("systemctl", &["--user", "daemon-reload"]).await;
        }
    }

    async fn run(&self, program: &str, arguments: &[&str]) -> Result<(), Failure> {
        let failed = |why: String| {
            let cause = format!("{why}, so files cannot be put back by themselves; connect without that");
            Failure::new(ErrorCode::ProgramMissing, cause)
        };
        let status =
            self.processes.run(program, arguments, Arc::new(|line| tracing::info!(line, "timer"))).await;
        match status {
            Ok(0) => Ok(()),
            Ok(status) => Err(failed(format!("`{program}` could not set the timer (status {status})"))),
            Err(failure) => Err(failed(failure.cause)),
        }
    }

    fn unit(&self, kind: &str) -> String {
        format!("{}.{kind}", self.name)
    }

    fn plist(&self) -> String {
        format!("{}.plist", self.name)
    }

    /// Returns the line that stops the timer for good.
    fn stop_line(&self) -> String {
        if cfg!(target_os = "macos") {
            let agent = self.units.join(self.plist()).display().to_string();
            Shell::Posix.line("launchctl", &["unload".to_owned(), "-w".to_owned(), agent])
        } else {
            format!("systemctl --user disable --now {}", self.unit("timer"))
        }
    }
}

/// The caller holds the lock of the connections.
fn write(folder: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let path = folder.join(name);
    let made = if folder.is_dir() { Ok(()) } else { make_private_folder(folder) };
    made.and_then(|()| replace_locked_file(&path, text.as_bytes(), None))
        .map_err(|error| Failure::new(ErrorCode::StoreUnavailable, format!("{}: {error}", path.display())))
}

/// Returns the script that the timer starts. `gone` is there while the program is not; `stop` ends the timer.
fn check_script(check: &Check, gone: &Path, stop: &str) -> String {
    let word = |path: &Path| Shell::Posix.word(&path.display().to_string());
    let variables: Vec<String> =
        check.variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let arguments = [check.program.display().to_string(), "tools".to_owned(), "check".to_owned()];
    let run = Shell::Posix.line("env", &[variables, arguments.to_vec()].concat());
    let (program, script, gone) = (word(&check.program), word(&check.restore_script), word(gone));
    let minutes = check.minutes.saturating_sub(1);
    format!(
        "#!/bin/sh\n\
         # Started every minute while a tool is connected with --restore-if-silent. Usher writes it, and removes it with the last\n\
         # of these tools.\n\
         if [ -x {program} ]; then\n    rm -f {gone}\n    exec {run} >/dev/null\nfi\n\
         # Usher is not there any more. It may be replaced at this moment, so this waits as long as for the gateway.\n\
         [ -f {script} ] || exit 0\n\
         [ -e {gone} ] || : >{gone}\n\
         [ -n \"$(find {gone} -mmin +{minutes})\" ] || exit 0\n\
         sh {script} --unattended && rm -f {gone} && {stop}\n"
    )
}

const SYSTEMD_TIMER: &str = "[Unit]\n\
    Description=Usher: checks whether the gateway answers\n\n\
    [Timer]\n\
    OnActiveSec=60\n\
    OnUnitActiveSec=60\n\
    AccuracySec=10\n\n\
    [Install]\n\
    WantedBy=timers.target\n";

fn systemd_service(script: &Path) -> String {
    // systemd.service(5): a `$` would begin a variable.
    let path = systemd_word(&script.display().to_string()).replace('$', "$$");
    format!(
        "[Unit]\n\
         Description=Usher: puts files of tools back while the gateway does not answer\n\n\
         [Service]\n\
         Type=oneshot\n\
         ExecStart=/bin/sh {path}\n\
         TimeoutStartSec=50\n"
    )
}

fn launchd_agent(name: &str, script: &Path) -> String {
    let path = plist_text(&script.display().to_string());
    format!(
        "{PLIST_HEAD}\
         <plist version=\"1.0\">\n<dict>\n\
         <key>Label</key><string>{name}</string>\n\
         <key>ProgramArguments</key><array><string>/bin/sh</string><string>{path}</string></array>\n\
         <key>StartInterval</key><integer>{SECONDS}</integer>\n\
         <key>RunAtLoad</key><true/>\n\
         </dict>\n</plist>\n"
    )
}

/// Returns what the Task Scheduler starts. It has no script for a program that is gone.
fn task_command(check: &Check) -> String {
    let set = check.variables.iter().map(|(name, value)| format!("set \"{name}={value}\"&& "));
    format!("cmd /d /s /c \"{}\"{}\" tools check\"", set.collect::<String>(), check.program.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check() -> Check {
        Check {
            program: "/opt/it's here/usher".into(),
            variables: vec![("USHER_HOME".into(), "/home/a b".into())],
            restore_script: "/home/a b/usher-restore".into(),
            minutes: 5,
        }
    }

    #[test]
    fn script_runs_the_check_or_restores_without_usher() {
        let script =
            check_script(&check(), Path::new("/home/a b/tools/usher-gone"), "systemctl --user stop x");
        for line in [
            r"if [ -x '/opt/it'\''s here/usher' ]; then",
            r"    exec env 'USHER_HOME=/home/a b' '/opt/it'\''s here/usher' tools check >/dev/null",
            r#"[ -n "$(find '/home/a b/tools/usher-gone' -mmin +4)" ] || exit 0"#,
            "sh '/home/a b/usher-restore' --unattended && rm -f '/home/a b/tools/usher-gone' && systemctl --user stop x",
        ] {
            assert!(script.lines().any(|one| one == line), "{line}\n{script}");
        }
    }

    #[test]
    fn path_with_special_characters_is_one_word_for_each_scheduler() {
        let path = Path::new("/home/100% \"$a\" & <b>\\c/check");
        let service = systemd_service(path);
        assert!(
            service.contains("ExecStart=/bin/sh \"/home/100%% \\\"$$a\\\" & <b>\\\\c/check\"\n"),
            "{service}"
        );
        let agent = launchd_agent("app.usher.tools", path);
        assert!(agent.contains("<string>/home/100% \"$a\" &amp; &lt;b&gt;\\c/check</string>"), "{agent}");
        let task = task_command(&Check { program: r"C:\Program Files\usher.exe".into(), ..check() });
        assert_eq!(
            task,
            r#"cmd /d /s /c "set "USHER_HOME=/home/a b"&& "C:\Program Files\usher.exe" tools check""#
        );
    }
}
