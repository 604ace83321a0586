//! `usher service`, with a `systemctl` that records its arguments.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use usher_sandbox::{Options, Sandbox};
use usher_tests::{Home, Output, usher};

struct Computer {
    home: Home,
    _sandbox: Sandbox,
}

impl Computer {
    /// A computer with these lines as its `systemctl`.
    async fn new(systemctl: Option<&str>) -> Self {
        let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
        let mut home = Home::at(&sandbox);
        let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
        let (config, programs, log) = (path("config home"), path("programs"), path("systemctl.log"));
        fs::create_dir(&programs).unwrap();
        if let Some(lines) = systemctl {
            let program = Path::new(&programs).join("systemctl");
            fs::write(&program, format!("#!/bin/sh\necho \"$*\" >> '{log}'\n{lines}\n")).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        }
        home.set("XDG_CONFIG_HOME", &config);
        // A shell is found without it.
        home.set("PATH", &programs);
        Self { home, _sandbox: sandbox }
    }

    fn unit(&self) -> PathBuf {
        self.home.path().join("config home/systemd/user/usher.service")
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        self.home.run(&[&["service"], arguments].concat()).await
    }

    /// Returns what `systemctl` was called with since the last time.
    fn calls(&self) -> Vec<String> {
        let log = self.home.path().join("systemctl.log");
        let calls = fs::read_to_string(&log).unwrap_or_default();
        let _ = fs::remove_file(log);
        calls.lines().map(str::to_owned).collect()
    }
}

const ANSWERS: &str = "case \"$2\" in is-enabled) echo enabled;; is-active) echo active;; esac";

#[tokio::test]
async fn service_is_installed_shown_and_removed() {
    let computer = Computer::new(Some(ANSWERS)).await;
    let before = computer.home.json(&["service", "status"]).await.done();
    assert_eq!((&before["service"]["file"], &before["service"]["enabled"]), (&"missing".into(), &().into()));

    let unasked = computer.run(&["install"]).await;
    assert_eq!(unasked.code, 2, "{unasked:?}");
    assert!(unasked.stdout.contains("ExecStart=") && unasked.stderr.contains("--yes"), "{unasked:?}");
    assert!(!computer.unit().exists() && computer.calls().is_empty());

    let installed = computer.run(&["install", "--yes"]).await;
    assert_eq!(installed.code, 0, "{installed:?}");
    let unit = fs::read_to_string(computer.unit()).unwrap();
    assert!(
        unit.contains(&format!("ExecStart=\"{}\" serve\n", usher().canonicalize().unwrap().display())),
        "{unit}"
    );
    assert!(
        unit.contains(&format!("Environment=\"USHER_HOME={}\"\n", computer.home.path().display())),
        "{unit}"
    );
    assert!(unit.contains("Restart=on-failure\n") && unit.contains("NoNewPrivileges=yes\n"), "{unit}");
    assert_eq!(fs::metadata(computer.unit()).unwrap().permissions().mode() & 0o777, 0o644);
    assert_eq!(computer.calls()[..2], ["--user daemon-reload", "--user enable --now usher.service"]);

    let status = computer.home.json(&["service", "status"]).await.done();
    let service = &status["service"];
    assert_eq!(
        (&service["file"], &service["current"], &service["manager"]),
        (&"own".into(), &true.into(), &"systemd".into())
    );
    assert_eq!((&service["enabled"], &service["active"]), (&"enabled".into(), &"active".into()));
    assert_eq!(service["path"], computer.unit().to_str().unwrap());
    computer.calls();

    // One of an older version is replaced, and the service started with the new one.
    fs::write(computer.unit(), unit.replace("RestartSec=10", "RestartSec=99")).unwrap();
    assert_eq!(computer.home.json(&["service", "status"]).await.done()["service"]["current"], false);
    computer.calls();
    let again = computer.run(&["install", "--yes"]).await;
    assert!(again.code == 0 && again.stdout.starts_with("Replaces "), "{again:?}");
    assert_eq!(fs::read_to_string(computer.unit()).unwrap(), unit);
    assert!(computer.calls().contains(&"--user restart usher.service".to_owned()));

    let removed = computer.home.json(&["service", "remove"]).await.done();
    assert_eq!(
        (&removed["service"]["file"], &removed["commands"]),
        (&"missing".into(), &serde_json::json!([]))
    );
    assert_eq!(computer.calls()[..2], ["--user disable --now usher.service", "--user daemon-reload"]);
    assert!(!computer.unit().exists());
    let left: Vec<_> = fs::read_dir(computer.unit().parent().unwrap()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(computer.run(&["remove"]).await.code, 0, "there is none");
    assert!(computer.calls().is_empty());
}

#[tokio::test]
async fn unit_of_somebody_else_is_not_touched() {
    let computer = Computer::new(Some(ANSWERS)).await;
    let unit = computer.unit();
    fs::create_dir_all(unit.parent().unwrap()).unwrap();
    let own = "[Service]\nExecStart=/usr/bin/true\n";
    let target = computer.home.path().join("target");
    fs::write(&target, "# Written by `usher service install`\n").unwrap();
    for link in [false, true] {
        if link {
            fs::remove_file(&unit).unwrap();
            std::os::unix::fs::symlink(&target, &unit).unwrap();
        } else {
            fs::write(&unit, own).unwrap();
        }
        let before = fs::read_to_string(&unit).unwrap();
        for arguments in [&["install", "--yes"][..], &["remove"]] {
            let refused = computer.run(arguments).await;
            assert!(refused.code == 2 && refused.stderr.contains("did not write it"), "{refused:?}");
        }
        assert_eq!(fs::read_to_string(&unit).unwrap(), before);
        assert!(fs::symlink_metadata(&unit).unwrap().is_symlink() == link && computer.calls().is_empty());
        assert_eq!(computer.home.json(&["service", "status"]).await.done()["service"]["file"], "foreign");
        computer.calls();
    }
}

#[tokio::test]
async fn commands_are_printed_where_there_is_no_systemctl() {
    let computer = Computer::new(None).await;
    let installed = computer.home.json(&["service", "install", "--yes"]).await.done();
    assert!(computer.unit().exists());
    assert_eq!(
        installed["commands"],
        serde_json::json!(["systemctl --user daemon-reload", "systemctl --user enable --now usher.service"])
    );
    assert_eq!(installed["service"]["active"], serde_json::Value::Null);
    let removed = computer.run(&["remove"]).await;
    assert!(
        removed.code == 0 && removed.stdout.contains("systemctl --user disable --now usher.service"),
        "{removed:?}"
    );
}

/// A service of a package that was installed before.
#[tokio::test]
async fn service_is_shown_and_removed_from_an_app_image() {
    let mut computer = Computer::new(Some(ANSWERS)).await;
    assert_eq!(computer.run(&["install", "--yes"]).await.code, 0);
    let image = computer.home.path().join("Usher.AppImage");
    fs::write(&image, "").unwrap();
    let folder = usher().canonicalize().unwrap().parent().unwrap().to_owned();
    computer.home.set("APPIMAGE", image.to_str().unwrap());
    computer.home.set("APPDIR", folder.to_str().unwrap());
    let refused = computer.run(&["install", "--yes"]).await;
    assert!(refused.code == 1 && refused.stderr.contains("install a package"), "{refused:?}");

    let status = computer.home.json(&["service", "status"]).await.done();
    let service = &status["service"];
    assert_eq!((&service["file"], &service["current"]), (&"own".into(), &false.into()), "{service}");
    assert_eq!(service["active"], "active");
    computer.calls();
    let removed = computer.home.json(&["service", "remove"]).await.done();
    assert_eq!(removed["service"]["file"], "missing");
    assert_eq!(computer.calls()[..2], ["--user disable --now usher.service", "--user daemon-reload"]);
    assert!(!computer.unit().exists());
}

#[tokio::test]
async fn failure_of_systemctl_is_reported() {
    let computer = Computer::new(Some("echo 'Failed to connect to bus: No medium found' >&2; exit 1")).await;
    let failed = computer.home.json(&["service", "install", "--yes"]).await;
    assert_eq!(failed.error_code(1), "service_failed");
    assert!(
        failed.stderr.contains("No medium found") && failed.stderr.contains("systemctl --user enable"),
        "{failed:?}"
    );
    assert!(computer.unit().exists(), "it is there for the commands");
    let status = computer.home.json(&["service", "status"]).await.done();
    assert_eq!(status["service"]["active"], serde_json::Value::Null, "{status}");
}

/// With the real program, where it is installed; paths have what systemd reads in another way.
#[tokio::test]
async fn unit_is_one_that_systemd_takes() {
    let analyze = Path::new("/usr/bin/systemd-analyze");
    if !analyze.exists() {
        return;
    }
    let mut computer = Computer::new(None).await;
    let odd = computer.home.path().join("100% of my programs");
    fs::create_dir(&odd).unwrap();
    let program = odd.join("usher");
    if fs::hard_link(usher(), &program).is_err() {
        fs::copy(usher(), &program).unwrap();
    }
    let home = odd.join("my \"home\" \\ %h $HOME");
    computer.home.set("USHER_HOME", home.to_str().unwrap());
    let mut command = computer.home.command(&program, &["service", "install", "--yes"]);
    let installed = command.output().await.unwrap();
    assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
    let unit = computer.unit();
    let mut command =
        computer.home.command(analyze, &["--user", "--man=no", "verify", unit.to_str().unwrap()]);
    let verified = command.env("XDG_RUNTIME_DIR", computer.home.path()).output().await.unwrap();
    let messages = String::from_utf8_lossy(&verified.stderr);
    assert!(verified.status.success() && !messages.contains("usher.service"), "{messages}");
}
