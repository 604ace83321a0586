//! Restores the files of tools once the gateway has not answered as long as a person chose, and connects them again once it
//! does.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;
use usher_auth::replace_locked_file;
use usher_domain::{ErrorCode, Failure, UnixTime};
use usher_net::{AllowedHosts, HttpClient, HttpRequest, NetworkConfig};
use usher_tools::{Base, Connection, ConnectionState, Place, RESTORE_SCRIPT, Tool};

use super::timer::{Check, Timer};
use super::{RestoreIfSilent, ToolConnections, ToolOptions, find};
use crate::connection::Target;
use crate::gateway::gateway_view;
use crate::view::{ToolCheckOutcome, ToolCheckView, ToolView};

/// For how many minutes the gateway may be silent before files come back.
pub const SILENCE_MINUTES: std::ops::RangeInclusive<u32> = 1..=1440;
/// How long the gateway has to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);
/// Limits what is read of its answer, which is `{"status":"ok"}`.
const MAX_ANSWER_BYTES: usize = 1024;
/// The longest time between two checks of one silence: a computer that slept did not listen meanwhile.
const MAX_GAP_SECONDS: i64 = 300;
/// Since when the gateway has been silent, and when that was seen last.
const FILE: &str = "silence.json";
/// Limits what is read of that file.
const MAX_FILE_BYTES: u64 = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Silence {
    since: UnixTime,
    seen_at: UnixTime,
}

#[derive(Deserialize)]
struct Health {
    status: String,
}

impl Silence {
    /// Goes on with an older silence, unless too much time is between them.
    fn after(older: Option<Self>, now: UnixTime) -> Self {
        let is_same = |older: &Self| {
            let gap = now.0 - older.seen_at.0;
            (0..=MAX_GAP_SECONDS).contains(&gap) && older.since.0 <= older.seen_at.0
        };
        Self { since: older.filter(is_same).map_or(now, |older| older.since), seen_at: now }
    }

    fn read(path: &Path) -> Option<Self> {
        let data = std::fs::metadata(path).ok()?;
        if !data.is_file() || data.len() > MAX_FILE_BYTES {
            return None;
        }
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }
}

impl ToolConnections {
    /// Restores the files of tools whose time of silence is over, or connects them again. Returns what was done.
    ///
    /// Every tool is tried; a failure of one is its outcome.
    pub async fn check(&self) -> Result<Vec<ToolCheckView>, Failure> {
        let answers = self.gateway_answers().await;
        let _lock = self.lock().await?;
        let watched = self.watched()?;
        if watched.is_empty() {
            self.remove_unneeded_timer().await;
            return Ok(Vec::new());
        }
        let silent_seconds = self.note_silence(answers)?;
        let connected = self.connected()?;
        let is_served =
            |one: &Connection| find(&one.tool).is_ok_and(|tool| tool.served_by(&connected).is_some());
        let mut done = Vec::new();
        for (connection, minutes) in watched.into_iter().filter(|(one, _)| !is_served(one)) {
            let outcome = match (connection.state, silent_seconds) {
                (ConnectionState::Suspended, None) => self.connect_again(&connection).await,
                (ConnectionState::Applied, Some(seconds)) if seconds >= i64::from(minutes) * 60 => {
                    self.suspend(&connection.tool)
                }
                // One that ended in the middle of it goes on here.
                (ConnectionState::Suspended, Some(_)) => match self.suspend(&connection.tool) {
                    Ok((ToolCheckOutcome::Restored, _)) => continue,
                    other => other,
                },
                _ => continue,
            };
            let (outcome, detail) =
                outcome.unwrap_or_else(|failure| (ToolCheckOutcome::Failed, vec![failure.cause]));
            done.push(ToolCheckView { tool: connection.tool, outcome, detail });
        }
        if !done.is_empty() {
            self.context.changed();
        }
        Ok(done)
    }

    fn suspend(&self, tool: &str) -> Result<(ToolCheckOutcome, Vec<String>), Failure> {
        let changed = self.files(|connections| connections.suspend(tool))?;
        let outcome = if changed.is_empty() { ToolCheckOutcome::Restored } else { ToolCheckOutcome::Left };
        Ok((outcome, changed))
    }

    pub(super) async fn connect_again(
        &self,
        connection: &Connection,
    ) -> Result<(ToolCheckOutcome, Vec<String>), Failure> {
        let tool = find(&connection.tool)?;
        let passes = self.passes.list().await?;
        let pass = passes.iter().find(|pass| pass.name == connection.pass);
        let pass = pass.ok_or_else(|| {
            Failure::new(ErrorCode::BadUsage, format!("the pass {} is revoked", connection.pass))
        })?;
        let target = Target {
            provider: pass.scope.provider.clone(),
            account: pass.scope.account.as_ref().map(ToString::to_string),
        };
        let options = ToolOptions { target, make_default: connection.make_default, ..ToolOptions::default() };
        let secret = self.passes.secret_of(&connection.pass).await?;
        let setup = self.setup(tool, &options).await?;
        let preview = self.preview_of(tool, &setup, &options).await?;
        let changed =
            self.files(|connections| connections.begin_again(tool, &setup, &preview, connection.at))?;
        if !changed.is_empty() {
            return Ok((ToolCheckOutcome::Left, changed));
        }
        self.files(|connections| connections.apply(tool, &setup, Some(&secret)))?;
        Ok((ToolCheckOutcome::Connected, Vec::new()))
    }

    /// Chooses after how many minutes without an answer of the gateway the files of a connected tool come back; `None` means
    /// that they never do.
    pub async fn restore_if_silent(&self, tool: &str, minutes: Option<u32>) -> Result<ToolView, Failure> {
        let tool = find(tool)?;
        let refused = |why: &str| Failure::new(ErrorCode::BadUsage, format!("{} {why}", tool.name));
        let _lock = self.lock().await?;
        let connected = self.connected()?;
        let connection = connected.iter().find(|one| one.tool == tool.id);
        let connection = connection.ok_or_else(|| refused("is not connected"))?;
        if connection.state == ConnectionState::Suspended {
            return Err(refused(
                "has its files back until the gateway answers again; disconnect it, or wait",
            ));
        }
        if let Some(minutes) = minutes {
            check_minutes(minutes)?;
            self.install_timer(minutes).await?;
        }
        self.files(|connections| connections.set_restore_after(tool.id, minutes))?;
        self.remove_unneeded_timer().await;
        self.context.changed();
        Ok(self.tool_view(tool, &self.connected()?, &self.passes.list_views().await?))
    }

    /// Returns after how many minutes the files of a tool come back once it is connected like this.
    pub(super) fn restore_after(&self, tool: &Tool, wanted: RestoreIfSilent) -> Result<Option<u32>, Failure> {
        match wanted {
            RestoreIfSilent::After(minutes) => check_minutes(minutes).map(|()| Some(minutes)),
            RestoreIfSilent::Never => Ok(None),
            RestoreIfSilent::Unchanged => {
                let connection = self.connected()?.into_iter().find(|one| one.tool == tool.id);
                Ok(connection.and_then(|one| one.restore_after))
            }
        }
    }

    /// Returns whether the gateway of this home answers: one of another home on its port has other passes.
    async fn gateway_answers(&self) -> bool {
        let Some(address) = gateway_view(&self.context).address else { return false };
        let ask = async {
            let base = Url::parse(&address).ok()?;
            // A client of its own: the gateway is no provider, and stays out of the list of their hosts.
            let hosts = AllowedHosts::from_urls([&base]);
            let http = HttpClient::new(&NetworkConfig::default(), hosts).ok()?;
            let request = HttpRequest::get(base.join("healthz").ok()?).with_timeout(ANSWER_TIMEOUT);
            http.send(request).await.ok()?.json::<Health>(MAX_ANSWER_BYTES).await.ok()
        };
        let answered = tokio::time::timeout(ANSWER_TIMEOUT, ask).await.ok().flatten();
        answered.is_some_and(|health| health.status == "ok")
    }

    /// Notes what the gateway did; returns for how many seconds it has been silent, `None` where it answers.
    fn note_silence(&self, answers: bool) -> Result<Option<i64>, Failure> {
        let path = self.silence_file();
        if answers {
            // The next silence begins by itself.
            let _ = std::fs::remove_file(path);
            return Ok(None);
        }
        let silence = Silence::after(Silence::read(&path), self.context.clock.now());
        let text = serde_json::to_vec(&silence).expect("two numbers are JSON");
        replace_locked_file(&path, &text, None).map_err(|error| {
            Failure::new(ErrorCode::StoreUnavailable, format!("{}: {error}", path.display()))
        })?;
        Ok(Some(silence.seen_at.0 - silence.since.0))
    }

    fn silence_file(&self) -> PathBuf {
        self.folder().join(FILE)
    }

    /// Returns the connections whose files are to come back by themselves, and after how many minutes.
    fn watched(&self) -> Result<Vec<(Connection, u32)>, Failure> {
        let connected = self.connected()?.into_iter();
        Ok(connected.filter_map(|one| one.restore_after.map(|minutes| (one, minutes))).collect())
    }

    /// Installs the timer for a tool that is about to be connected.
    pub(super) async fn install_timer(&self, minutes: u32) -> Result<(), Failure> {
        let others = self.watched()?.into_iter().map(|(_, minutes)| minutes);
        let home = &self.context.home;
        let own = home.portable.then(|| ("USHER_HOME".to_owned(), home.data.display().to_string()));
        let tools = self.context.tools.variables();
        let tools = tools.map(|(name, folder)| (name.to_owned(), folder.display().to_string()));
        let check = Check {
            program: self.program_path(),
            variables: own.into_iter().chain(tools).collect(),
            restore_script: home.data.join(RESTORE_SCRIPT),
            minutes: others.chain([minutes]).min().unwrap_or(minutes),
        };
        let installed = self.timer().install(&check).await;
        if installed.is_err() {
            self.remove_unneeded_timer().await;
        }
        installed
    }

    /// Removes the timer and what it noted, once no tool wants it.
    pub(super) async fn remove_unneeded_timer(&self) {
        if self.watched().is_ok_and(|watched| watched.is_empty()) {
            self.timer().remove().await;
            let _ = std::fs::remove_file(self.silence_file());
        }
    }

    fn timer(&self) -> Timer<'_> {
        let place = |base, folder| Place { variable: None, base, folder };
        let units = if cfg!(target_os = "macos") {
            place(Base::Home, "Library/LaunchAgents")
        } else {
            place(Base::Config, "systemd/user")
        };
        Timer {
            processes: self.context.processes.as_ref(),
            name: format!("usher-tools-{}", self.context.home.hash),
            units: self.context.tools.folder(&units),
            folder: self.folder(),
        }
    }
}

fn check_minutes(minutes: u32) -> Result<(), Failure> {
    if SILENCE_MINUTES.contains(&minutes) {
        return Ok(());
    }
    let (first, last) = (SILENCE_MINUTES.start(), SILENCE_MINUTES.end());
    Err(Failure::new(ErrorCode::BadUsage, format!("the gateway may be silent for {first} to {last} minutes")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_goes_on_but_not_over_a_sleep_or_a_changed_clock() {
        let silence = |since, seen_at| Silence { since: UnixTime(since), seen_at: UnixTime(seen_at) };
        let rows = [
            (None, 1000, silence(1000, 1000)),
            (Some(silence(1000, 1000)), 1060, silence(1000, 1060)),
            (Some(silence(1000, 1060)), 1360, silence(1000, 1360)),
            (Some(silence(1000, 1060)), 1361, silence(1361, 1361)),
            (Some(silence(1000, 1060)), 900, silence(900, 900)),
            (Some(silence(2000, 1060)), 1070, silence(1070, 1070)),
        ];
        for (older, now, expected) in rows {
            assert_eq!(Silence::after(older, UnixTime(now)), expected);
        }
    }
}
