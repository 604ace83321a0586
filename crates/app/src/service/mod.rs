//! The gateway as a service of the user: `usher serve`, started by the system at each login and again when it fails.

mod launchd;
mod systemd;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use usher_domain::{ErrorCode, Failure};

use crate::context::{Context, blocking};
use crate::gateway::gateway_view;
use crate::platform::app_image::own_app_image;
use crate::platform::marked_file::{MarkedFile, unusable};
use crate::view::{ServiceFile, ServiceManager, ServiceView};

/// How long a command of the service manager may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
/// A line of every file that Usher writes. A file without it is somebody else's.
const MARKER: &str = "Written by `usher service install`";

/// The service that runs the gateway.
pub struct GatewayService {
    context: Arc<Context>,
}

/// What the file of a service is made of.
struct Definition {
    /// The absolute path of the command line.
    program: PathBuf,
    /// `USHER_HOME`, where it is set.
    home: Option<PathBuf>,
}

/// What installing would write.
pub struct ServicePlan {
    /// The file.
    pub path: PathBuf,
    /// Its content.
    pub content: String,
    /// There is one that Usher wrote, with another content.
    pub replaces: bool,
    manager: ServiceManager,
}

/// What became of the service after its file was written or deleted.
pub struct ServiceOutcome {
    /// The service, as it is now.
    pub service: ServiceView,
    /// The commands that a person has to run, because Usher could not or does not.
    pub commands: Vec<String>,
    /// Why a command of the service manager failed.
    pub failure: Option<String>,
}

impl GatewayService {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// Returns what installing would write. Nothing is changed.
    ///
    /// Refused where this system has no services that Usher knows, and where somebody else's file is in the way.
    pub fn plan(&self) -> Result<ServicePlan, Failure> {
        let manager = manager()?;
        let file = self.file(manager);
        let content = self.content(manager)?;
        let state = blocking(|| file.state());
        if state == ServiceFile::Foreign {
            let cause =
                format!("{} is there, and Usher did not write it; move it away first", file.path.display());
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        let replaces = state == ServiceFile::Own && blocking(|| file.read()).as_ref() != Some(&content);
        Ok(ServicePlan { path: file.path, content, replaces, manager })
    }

    /// Writes what `plan` says, and has the service started.
    pub async fn install(&self, plan: ServicePlan) -> Result<ServiceOutcome, Failure> {
        // Once more: another file may have come since.
        let plan = ServicePlan { replaces: plan.replaces, ..self.plan()? };
        blocking(|| self.file(plan.manager).write(&plan.content))?;
        let commands = match plan.manager {
            ServiceManager::Systemd if plan.replaces => {
                &[systemd::RELOAD, systemd::ENABLE, systemd::RESTART][..]
            }
            ServiceManager::Systemd => &[systemd::RELOAD, systemd::ENABLE],
            ServiceManager::Launchd => &[],
        };
        let failed = self.run_all(plan.manager, commands).await;
        let by_hand = match plan.manager {
            ServiceManager::Systemd => systemd::lines(&[systemd::RELOAD, systemd::ENABLE]),
            ServiceManager::Launchd => launchd::start_lines(&plan.path),
        };
        self.outcome(failed, by_hand).await
    }

    /// Stops the service and deletes its file, if Usher wrote it. Returns nothing where there is none.
    pub async fn remove(&self) -> Result<Option<ServiceOutcome>, Failure> {
        let manager = manager()?;
        let file = self.file(manager);
        match blocking(|| file.state()) {
            ServiceFile::Missing => return Ok(None),
            ServiceFile::Foreign => {
                let cause = format!("{} stays, because Usher did not write it", file.path.display());
                return Err(Failure::new(ErrorCode::BadUsage, cause));
            }
            ServiceFile::Own => {}
        }
        // Before the file is gone: then the manager no longer knows what to stop.
        let stopped = match manager {
            ServiceManager::Systemd => self.run_all(manager, &[systemd::DISABLE]).await,
            ServiceManager::Launchd => Ok(false),
        };
        blocking(|| file.remove())?;
        let reloaded = match manager {
            ServiceManager::Systemd => self.run_all(manager, &[systemd::RELOAD]).await,
            ServiceManager::Launchd => Ok(false),
        };
        let by_hand = match manager {
            ServiceManager::Systemd => systemd::lines(&[systemd::DISABLE, systemd::RELOAD]),
            ServiceManager::Launchd => launchd::stop_lines(),
        };
        self.outcome(stopped.and(reloaded), by_hand).await.map(Some)
    }

    /// Returns how it stands with the service. None is current where this program cannot be one.
    pub async fn status(&self) -> Result<ServiceView, Failure> {
        let manager = manager()?;
        let file = self.file(manager);
        let state = blocking(|| file.state());
        let asks =
            manager == ServiceManager::Systemd && state != ServiceFile::Missing && self.has_systemctl();
        let (enabled, active) = if asks {
            (self.answer(systemd::IS_ENABLED).await, self.answer(systemd::IS_ACTIVE).await)
        } else {
            (None, None)
        };
        let gateway = gateway_view(&self.context);
        Ok(ServiceView {
            manager,
            current: state == ServiceFile::Own && self.is_current(manager, &file),
            path: file.path.display().to_string(),
            file: state,
            enabled,
            active,
            gateway: gateway.address,
        })
    }

    fn is_current(&self, manager: ServiceManager, file: &MarkedFile) -> bool {
        self.content(manager).is_ok_and(|wanted| blocking(|| file.read()) == Some(wanted))
    }

    async fn outcome(
        &self,
        ran: Result<bool, String>,
        by_hand: Vec<String>,
    ) -> Result<ServiceOutcome, Failure> {
        let commands = if ran == Ok(true) { Vec::new() } else { by_hand };
        Ok(ServiceOutcome { service: self.status().await?, commands, failure: ran.err() })
    }

    /// Runs commands of the service manager one after another. Returns whether there is a program for them.
    async fn run_all(&self, manager: ServiceManager, commands: &[&[&str]]) -> Result<bool, String> {
        if manager != ServiceManager::Systemd || !self.has_systemctl() {
            return Ok(false);
        }
        for arguments in commands {
            self.systemctl(arguments).await?;
        }
        Ok(true)
    }

    /// Returns the first word that a question is answered with, whatever the exit code is.
    async fn answer(&self, arguments: &[&str]) -> Option<String> {
        let printed = match self.systemctl(arguments).await {
            Ok(printed) | Err(printed) => printed,
        };
        let word = printed.split_whitespace().next()?;
        word.chars().all(|one| one.is_ascii_lowercase() || one == '-').then(|| word.to_owned())
    }

    /// Runs `systemctl` and returns what it printed; as an error where it failed.
    async fn systemctl(&self, arguments: &[&str]) -> Result<String, String> {
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let printed = Arc::clone(&lines);
        let on_line = Arc::new(move |line: String| printed.lock().push(line));
        let running = self.context.processes.run(systemd::PROGRAM, arguments, on_line);
        let ended = tokio::time::timeout(COMMAND_TIMEOUT, running).await;
        let printed = lines.lock().join(" ");
        match ended {
            Ok(Ok(0)) => Ok(printed),
            Ok(Ok(code)) if printed.trim().is_empty() => Err(format!("systemctl exited with {code}")),
            Ok(Ok(_)) => Err(printed),
            Ok(Err(failure)) => Err(failure.cause),
            Err(_) => Err("systemctl did not end in time".to_owned()),
        }
    }

    fn has_systemctl(&self) -> bool {
        self.context.tools.program(systemd::PROGRAM).is_some()
    }

    fn file(&self, manager: ServiceManager) -> MarkedFile {
        let places = &self.context.places;
        let home = places.home.clone().unwrap_or_default();
        let path = match manager {
            ServiceManager::Systemd => {
                let config = places.config.clone().filter(|config| config.is_absolute());
                systemd::path(&config.unwrap_or_else(|| home.join(".config")))
            }
            ServiceManager::Launchd => launchd::path(&home),
        };
        MarkedFile { path, marker: MARKER }
    }

    fn content(&self, manager: ServiceManager) -> Result<String, Failure> {
        if let Some(image) = own_app_image() {
            let cause = format!(
                "this program runs from {}, and is there only while that runs; install a package for a service",
                image.display()
            );
            return Err(Failure::new(ErrorCode::ProgramMissing, cause));
        }
        let program = std::env::current_exe().map_err(|error| {
            Failure::new(ErrorCode::Internal, format!("the path of this program is not known: {error}"))
        })?;
        let home = &self.context.home;
        let home = home.portable.then(|| std::path::absolute(&home.data)).transpose();
        let home = home.map_err(|error| unusable(&self.context.home.data, &error))?;
        let definition = Definition { program, home };
        match manager {
            ServiceManager::Systemd => systemd::unit(&definition),
            ServiceManager::Launchd => launchd::agent(&definition, &self.context.home.logs),
        }
    }
}

/// Returns the service manager of this system.
fn manager() -> Result<ServiceManager, Failure> {
    if cfg!(target_os = "linux") {
        return Ok(ServiceManager::Systemd);
    }
    if cfg!(target_os = "macos") {
        return Ok(ServiceManager::Launchd);
    }
    let cause = "services are not available on this system; start `usher serve` at login by its own means, for example \
                 Task Scheduler on Windows";
    Err(Failure::new(ErrorCode::BadUsage, cause))
}
