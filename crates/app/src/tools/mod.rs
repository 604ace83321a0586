//! Tools of this computer: which there are, connecting them, and back.

mod copies;
mod silence;
mod timer;
mod trial;
mod views;

pub use self::silence::SILENCE_MINUTES;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use usher_auth::{HomeLock, LockGuard};
use usher_domain::{ErrorCode, Failure, is_loopback};
use usher_tools::{
    Conflict, ConflictKind, Connection, ConnectionState, Connections, Helper, LedgerFile, LocalDisk, Model,
    Preview, RESTORE_SCRIPT, Setup, Shell, Tool, catalog,
};

use crate::connection::Target;
use crate::context::{Context, blocking};
use crate::gateway::{GatewayPasses, PassRequest};
use crate::models::catalog::ModelCatalog;
use crate::providers::kinds::CHATGPT;
use crate::view::{
    ModelsView, PassView, RestoreScriptView, ToolConnectionView, ToolPreview, ToolUndone, ToolView,
};

/// How long a change waits for another process that changes files of tools.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);
/// The folder of the lock, and of passes that tools read from a file.
const FOLDER: &str = "tools";
/// The name of the command line's program.
const PROGRAM: &str = "usher";

/// How a tool is to be connected.
#[derive(Debug, Clone, Default)]
pub struct ToolOptions {
    /// The provider and the account of its pass; those in use where none is named.
    pub target: Target,
    /// The tool is to use Usher by itself from then on.
    pub make_default: bool,
    /// Whether the files of the tool come back by themselves while the gateway does not answer.
    pub restore_if_silent: RestoreIfSilent,
}

/// Whether the files of a tool come back by themselves while the gateway does not answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RestoreIfSilent {
    /// As before; not at all for a tool that is not connected.
    #[default]
    Unchanged,
    /// Not at all.
    Never,
    /// After so many minutes without an answer, until it answers again.
    After(u32),
}

/// Connects and disconnects tools.
pub struct ToolConnections {
    context: Arc<Context>,
    passes: Arc<GatewayPasses>,
    models: Arc<ModelCatalog>,
}

impl ToolConnections {
    pub(crate) fn new(context: Arc<Context>, passes: Arc<GatewayPasses>, models: Arc<ModelCatalog>) -> Self {
        Self { context, passes, models }
    }

    /// Returns all tools that Usher knows, in the catalog's order.
    pub async fn list(&self) -> Result<Vec<ToolView>, Failure> {
        let connected = self.connected()?;
        let passes = if connected.is_empty() { Vec::new() } else { self.passes.list_views().await? };
        let views = catalog::ALL.iter().map(|tool| self.tool_view(tool, &connected, &passes));
        Ok(blocking(|| views.collect()))
    }

    /// Shows what connecting a tool would change. Nothing is changed.
    pub async fn preview(&self, tool: &str, options: &ToolOptions) -> Result<ToolPreview, Failure> {
        let tool = find(tool)?;
        let setup = self.setup(tool, options).await?;
        let preview = self.preview_of(tool, &setup, options).await?;
        Ok(self.preview_view(tool, &setup, preview))
    }

    /// Connects a tool as the preview with this token showed it: its pass is made, then its files are changed.
    pub async fn connect(&self, tool: &str, options: &ToolOptions, token: &str) -> Result<ToolView, Failure> {
        let tool = find(tool)?;
        if !tool.is_automatic() {
            let cause = format!(
                "{} is connected by hand; `usher tools connect {} --dry-run` has the lines",
                tool.name, tool.id
            );
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        let _lock = self.lock().await?;
        let setup = self.setup(tool, options).await?;
        let preview = self.preview_of(tool, &setup, options).await?;
        if preview.fingerprint() != token {
            let cause = format!("a file of {} was changed meanwhile; look at the changes again", tool.name);
            return Err(Failure::new(ErrorCode::ToolFileUnusable, cause));
        }
        let request = PassRequest {
            name: setup.pass.clone(),
            target: options.target.clone(),
            ..PassRequest::default()
        };
        // Without a provider to use there is nothing to connect to, and nothing is changed.
        self.passes.binding(&request).await?;
        if let Some(minutes) = setup.restore_after {
            self.install_timer(minutes).await?;
        }
        let now = self.context.clock.now();
        self.files(|connections| connections.begin(tool, &setup, &preview, now))?;
        self.revoke_if_there(&setup.pass).await?;
        let made = match self.passes.create(request).await {
            Ok((_, secret)) => self.files(|connections| connections.apply(tool, &setup, Some(&secret))),
            Err(failure) => Err(failure),
        };
        if let Err(failure) = made {
            // What cannot be undone now stays in the ledger.
            let _ = self.undo(tool.id).await;
            self.connect_served(tool).await;
            return Err(failure);
        }
        // One of an earlier connection that is not wanted any more.
        self.remove_unneeded_timer().await;
        self.context.changed();
        let connected = self.connected()?;
        Ok(self.tool_view(tool, &connected, &self.passes.list_views().await?))
    }

    /// Restores the files of a tool and revokes its pass.
    pub async fn disconnect(&self, tool: &str) -> Result<ToolUndone, Failure> {
        let _lock = self.lock().await?;
        let undone = self.undo(tool).await?;
        if let (Some(_), Some(tool)) = (&undone, Tool::find(tool)) {
            self.connect_served(tool).await;
        }
        undone.ok_or_else(|| {
            let cause = match Tool::find(tool) {
                Some(tool) => format!("{} is not connected", tool.name),
                None => unknown(tool),
            };
            Failure::new(ErrorCode::BadUsage, cause)
        })
    }

    /// Restores the files of all tools and revokes their passes. Those that can be are, also when one fails.
    pub async fn restore(&self) -> Result<Vec<ToolUndone>, Failure> {
        let _lock = self.lock().await?;
        let (mut undone, mut failed) = (Vec::new(), None);
        for connection in self.connected()? {
            match self.undo(&connection.tool).await {
                Ok(one) => undone.extend(one),
                Err(failure) => failed = Some(failure),
            }
        }
        failed.map_or(Ok(undone), Err)
    }

    /// Returns the script that puts the files back without Usher. There is none where nothing is connected.
    pub fn restore_script(&self) -> Option<RestoreScriptView> {
        let path = self.context.home.data.join(RESTORE_SCRIPT);
        let path = path.is_file().then(|| path.display().to_string())?;
        let shell = Shell::of_this_system();
        let command = match shell {
            Shell::Posix => shell.line("sh", std::slice::from_ref(&path)),
            Shell::PowerShell => {
                let arguments = ["-ExecutionPolicy", "Bypass", "-File", &path].map(str::to_owned);
                shell.line("powershell", &arguments)
            }
        };
        Some(RestoreScriptView { path, command })
    }

    async fn undo(&self, tool: &str) -> Result<Option<ToolUndone>, Failure> {
        let Some(undone) = self.files(|connections| connections.restore(tool))? else { return Ok(None) };
        let pass_revoked = self.revoke_if_there(&undone.pass).await?;
        // Only now: a program that ends before knows its pass the next time.
        self.files(|connections| connections.finish(tool))?;
        self.remove_unneeded_timer().await;
        self.context.changed();
        let surroundings = &self.context.tools;
        let files = undone.files.into_iter().map(|file| views::outcome(file, surroundings)).collect();
        Ok(Some(ToolUndone { tool: undone.tool, files, pass_revoked }))
    }

    /// Connects the tool again that the connection of this one served, which is undone.
    async fn connect_served(&self, tool: &Tool) {
        let Some(served) = tool.served_tool() else { return };
        let connection =
            self.connected().ok().and_then(|all| all.into_iter().find(|one| one.tool == served.id));
        let Some(connection) = connection.filter(|one| one.state == ConnectionState::Suspended) else {
            return;
        };
        match self.connect_again(&connection).await {
            Ok((_, changed)) if changed.is_empty() => {}
            outcome => {
                tracing::warn!(tool = served.id, ?outcome, "a tool could not be connected again");
                let _ = self.undo(served.id).await;
            }
        }
        self.context.changed();
    }

    async fn revoke_if_there(&self, pass: &str) -> Result<bool, Failure> {
        let there = self.passes.list().await?.iter().any(|one| one.name == pass);
        if there {
            self.passes.revoke(pass).await?;
        }
        Ok(there)
    }

    async fn lock(&self) -> Result<LockGuard, Failure> {
        HomeLock::new(&self.folder()).acquire(LOCK_TIMEOUT).await
    }

    fn folder(&self) -> PathBuf {
        self.context.home.data.join(FOLDER)
    }

    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method itself has one lifetime only")]
    fn connected(&self) -> Result<Vec<Connection>, Failure> {
        self.files(|connections| connections.connected())
    }

    /// Works on files and ledger, which is in its file and in the database.
    fn files<T>(&self, work: impl FnOnce(&Connections<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        blocking(|| {
            let disk = LocalDisk;
            let ledger = LedgerFile::new(&self.context.home.data, &disk, Some(self.context.state.as_ref()));
            work(&Connections { surroundings: &self.context.tools, disk: &disk, ledger: &ledger })
        })
    }

    async fn setup(&self, tool: &Tool, options: &ToolOptions) -> Result<Setup, Failure> {
        let listed = self.models.models(&options.target, false).await;
        let (models, model) = match listed {
            Ok(list) => models_of(&list),
            Err(failure) if tool.needs_models => return Err(failure),
            Err(_) => (Vec::new(), None),
        };
        let pass = self.pass_name(tool).await?;
        let home = &self.context.home;
        let own_home = home.portable.then(|| home.data.display().to_string());
        Ok(Setup {
            address: self.passes.gateway_address(),
            helper: Helper::new(&self.program(), own_home.as_deref(), &pass),
            pass_file: self.folder().join("passes").join(tool.id).display().to_string(),
            pass,
            models,
            model,
            make_default: options.make_default,
            restore_after: self.restore_after(tool, options.restore_if_silent)?,
        })
    }

    /// Returns the name of the tool's pass: the one that it has, else its id, with a number if somebody has that. The person
    /// makes the pass of a tool that is connected by hand, so its name stays the same once there is one.
    async fn pass_name(&self, tool: &Tool) -> Result<String, Failure> {
        if !tool.is_automatic() {
            return Ok(tool.id.to_owned());
        }
        let connected = self.connected()?;
        if let Some(connection) = connected.into_iter().find(|one| one.tool == tool.id) {
            return Ok(connection.pass);
        }
        let passes = self.passes.list().await?;
        let is_free = |name: &String| passes.iter().all(|pass| pass.name != *name);
        let numbered = (2..).map(|number| format!("{}-{number}", tool.id));
        Ok(std::iter::once(tool.id.to_owned()).chain(numbered).find(is_free).unwrap_or_default())
    }

    /// Returns the command line's program as tools call it: by its name where that is found, else by its path.
    fn program(&self) -> String {
        match self.context.tools.program(PROGRAM) {
            Some(_) => PROGRAM.to_owned(),
            None => self.program_path().display().to_string(),
        }
    }

    /// Returns where the command line's program is: on the search path, else beside this one.
    fn program_path(&self) -> PathBuf {
        let beside = || std::env::current_exe().ok().map(|own| own.with_file_name(PROGRAM));
        let found = self.context.tools.program(PROGRAM).or_else(|| beside().filter(|path| path.is_file()));
        found.unwrap_or_else(|| PathBuf::from(PROGRAM))
    }

    async fn preview_of(
        &self,
        tool: &Tool,
        setup: &Setup,
        options: &ToolOptions,
    ) -> Result<Preview, Failure> {
        let detected = blocking(|| self.context.tools.detect(tool));
        let mut preview = self.files(|connections| connections.preview(tool, setup, &detected))?;
        preview.conflicts.extend(self.own_address(setup, options).await);
        Ok(preview)
    }

    /// Finds a provider whose address is the gateway's own, which would be asked without end.
    async fn own_address(&self, setup: &Setup, options: &ToolOptions) -> Option<Conflict> {
        let request = PassRequest { target: options.target.clone(), ..PassRequest::default() };
        let (provider, _) = self.passes.binding(&request).await.ok()?;
        let provider = provider.unwrap_or(CHATGPT);
        let endpoint = self.context.read_settings().ok()?.endpoint(&provider).ok()?;
        let base = endpoint.base_url?;
        let gateway = url::Url::parse(&setup.address).ok()?;
        let is_own = is_loopback(base.url()) && base.url().port() == gateway.port();
        is_own.then(|| Conflict {
            kind: ConflictKind::Loop,
            subject: provider.to_string(),
            detail: base.url().to_string(),
        })
    }

    fn preview_view(&self, tool: &Tool, setup: &Setup, preview: Preview) -> ToolPreview {
        let token = preview.fingerprint();
        let surroundings = &self.context.tools;
        ToolPreview {
            tool: tool.id.to_owned(),
            name: tool.name.to_owned(),
            pass: setup.pass.clone(),
            blocked: preview.conflicts.iter().any(|conflict| conflict.kind.blocks()),
            files: preview.files.into_iter().map(|file| views::file(file, surroundings)).collect(),
            conflicts: preview.conflicts.into_iter().map(views::conflict).collect(),
            takes_over: tool.takes_over(setup),
            has_default: tool.has_default(setup),
            usage: tool.usage.map(|usage| usage(setup)),
            trial: trial::command_of(tool, setup),
            lines: (!tool.is_automatic()).then(|| tool.lines(setup)),
            token,
        }
    }

    fn tool_view(&self, tool: &Tool, connected: &[Connection], passes: &[PassView]) -> ToolView {
        let connection = connected.iter().find(|one| one.tool == tool.id);
        let served_by = tool.served_by(connected).map(|other| other.name.to_owned());
        let detected = self.context.tools.detect(tool);
        let used: HashMap<&str, _> =
            passes.iter().map(|pass| (pass.name.as_str(), pass.last_used_at)).collect();
        let shown = |path: &String| self.context.tools.shown(Path::new(path));
        ToolView {
            id: tool.id.to_owned(),
            name: tool.name.to_owned(),
            found: detected.is_found(),
            version: detected.version,
            automatic: tool.is_automatic(),
            own_sign_in: tool.own_sign_in,
            pass_method: views::pass_method(tool.pass),
            connection: connection.map(|one| ToolConnectionView {
                pass: one.pass.clone(),
                at: one.at,
                interrupted: one.state == ConnectionState::Planned,
                suspended: one.state == ConnectionState::Suspended && served_by.is_none(),
                served_by,
                restore_after_minutes: one.restore_after,
                last_used_at: used.get(one.pass.as_str()).copied().flatten(),
                files: one.files.iter().map(|file| shown(&file.path)).collect(),
            }),
        }
    }
}

fn find(tool: &str) -> Result<&'static Tool, Failure> {
    Tool::find(tool).ok_or_else(|| Failure::new(ErrorCode::BadUsage, unknown(tool)))
}

fn unknown(tool: &str) -> String {
    format!("there is no tool named {tool}; `usher tools` lists them")
}

/// Returns the models that generate text, and the one in use.
fn models_of(list: &ModelsView) -> (Vec<Model>, Option<String>) {
    let models = list.models.iter().filter(|one| one.model.text).map(|one| Model {
        id: one.model.id.clone(),
        name: one.model.name.clone(),
        context_window: one.model.context_window.and_then(|window| window.try_into().ok()),
    });
    let chosen = list.models.iter().find(|one| one.chosen).map(|one| one.model.id.clone());
    (models.collect(), chosen)
}
