//! The gateway of the background process, as a window shows and switches it.

mod state;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use serde::de::DeserializeOwned;
use tokio::sync::{Notify, oneshot, watch};
use tokio::time::Instant;
use usher_domain::ports::BoxFuture;
use usher_domain::{ErrorCode, Failure};

use crate::background::client::{Connection, connect};
use crate::background::gateway::state::State;
use crate::background::lock::{running, was_ended};
use crate::background::protocol::{News, Quit, Request};
use crate::background::start::{BackgroundProgram, start};
use crate::context::{Context, blocking};
use crate::gateway::{GatewayControl, OnRequestUpdate, gateway_port, gateway_view};
use crate::view::{FailureView, GatewayRunner, GatewayStatus, GatewayView, RequestUpdate};

/// How often a process of another version is asked whether it can end.
const REPLACE_INTERVAL: Duration = Duration::from_secs(5);

/// The pause after a process that has the lock but could not be reached: it was starting slowly, or ending.
const REACH_RETRY_DELAY: Duration = Duration::from_secs(1);

/// How many times a process is started when another one has the lock and ends meanwhile.
const START_ATTEMPTS: u32 = 3;

/// The background process of a window: found or started when the gateway is to run, and followed until it ends.
pub struct BackgroundGateway {
    pub(super) context: Arc<Context>,
    program: BackgroundProgram,
    /// Taken while the process is looked for, replaced or started.
    pub(super) reaching: tokio::sync::Mutex<()>,
    pub(super) state: Mutex<State>,
    /// This window ended the process, to replace the program; none is started by itself meanwhile.
    pub(super) ended_for_update: AtomicBool,
    /// This window has followed a process, or seen a newer one: a mark of an end is of that one or of a later one.
    pub(super) followed: AtomicBool,
    /// Whether the window is connected to it.
    connected: watch::Sender<bool>,
    recheck: Notify,
    /// Ends whoever watches the requests, by being dropped.
    watching: Mutex<Option<oneshot::Sender<()>>>,
}

impl BackgroundGateway {
    pub(super) fn new(context: Arc<Context>, program: BackgroundProgram) -> Self {
        Self {
            context,
            program,
            reaching: tokio::sync::Mutex::default(),
            state: Mutex::default(),
            ended_for_update: AtomicBool::new(false),
            followed: AtomicBool::new(false),
            connected: watch::Sender::new(false),
            recheck: Notify::new(),
            watching: Mutex::default(),
        }
    }

    /// Follows the background process while the window is open, and starts it when the settings have the gateway on.
    /// Needs [`recheck`](Self::recheck) after each change of the home. Never ends.
    pub async fn run_forever(&self) {
        loop {
            let reached = self.reach(false).await;
            let retry_delay = self.retry_delay(reached.as_ref().err());
            if let Ok(Some(connection)) = reached {
                self.stay(connection).await;
                continue;
            }
            tokio::select! {
                () = self.recheck.notified() => {}
                () = async { tokio::time::sleep(retry_delay.unwrap_or_default()).await }, if retry_delay.is_some() => {}
            }
        }
    }

    /// Returns when to look again for a process that no change of the home announces.
    fn retry_delay(&self, failure: Option<&Failure>) -> Option<Duration> {
        let state = self.state.lock();
        if state.is_other_version {
            return Some(REPLACE_INTERVAL);
        }
        // One that could not be started waits for the person.
        failure.filter(|_| state.failed.is_none()).map(|_| REACH_RETRY_DELAY)
    }

    /// Looks again whether there is a background process, or has to be one.
    pub fn recheck(&self) {
        self.recheck.notify_one();
    }

    /// Returns whether the background process runs the gateway, without waiting.
    pub fn runs(&self) -> bool {
        let gateway = blocking(|| gateway_view(&self.context)).process;
        gateway.is_some() && gateway == running(&self.context).map(|holder| holder.process)
    }

    /// Returns whether the window is connected to the background process, and so learns why it ends.
    pub fn is_connected(&self) -> bool {
        *self.connected.borrow()
    }

    /// Returns whether a tray shows the icon of the background process, by which the person knows of it.
    pub fn has_tray(&self) -> bool {
        self.state.lock().has_tray
    }

    /// Ends the background process in order, without waiting for its end.
    pub async fn quit(&self) -> Result<(), Failure> {
        self.state.lock().ended = true;
        if let Some(connection) = connect(&self.context).await? {
            connection.ask::<Quit>(&Request::Quit { if_idle: false }).await?;
        }
        Ok(())
    }

    /// Has the background process stay while the window is open, and follows it to its end.
    async fn stay(&self, connection: Connection) {
        let began = Instant::now();
        let Ok(mut conversation) = connection.begin(&Request::Stay).await else { return };
        while let Ok(news) = conversation.next::<News>().await {
            {
                let mut state = self.state.lock();
                state.failed = None;
                (state.ended, state.has_tray) = (news.ends, news.tray);
            }
            self.followed.store(true, Ordering::Relaxed);
            self.connected.send_replace(true);
            self.context.changed();
        }
        {
            let mut state = self.state.lock();
            state.has_tray = false;
            state.count_end(began.elapsed());
        }
        self.connected.send_replace(false);
        self.context.changed();
    }

    /// Returns a connection to the background process of this version. Starts one when there is none and `starts`, or the
    /// settings have the gateway on; otherwise returns `None`, also while an older one answers requests, or a newer one runs.
    async fn reach(&self, starts: bool) -> Result<Option<Connection>, Failure> {
        let _one_at_a_time = self.reaching.lock().await;
        if let Some(connection) = connect(&self.context).await? {
            if connection.other_version().is_none() {
                self.note_other_version(false);
                return Ok(Some(connection));
            }
            if connection.is_newer() {
                self.note_newer();
                return Ok(None);
            }
            if self.state.lock().ended || !self.replaced(connection).await? {
                return Ok(None);
            }
        } else if !starts {
            self.note_end();
        }
        self.note_other_version(false);
        if !starts && !self.starts_by_itself() {
            return Ok(None);
        }
        let started = self.start().await;
        match &started {
            Ok(Some(_)) => {}
            // A window that was open while Usher was replaced.
            Ok(None) => self.note_newer(),
            Err(failure) => {
                self.state.lock().failed = Some(failure.clone());
                self.context.changed();
            }
        }
        started
    }

    /// Notes that no process runs. One that this window was not connected to may have ended, on purpose or early.
    fn note_end(&self) {
        let on_purpose = self.followed.load(Ordering::Relaxed) && was_ended(&self.context);
        let mut state = self.state.lock();
        state.ended |= on_purpose;
        state.note_none();
    }

    /// Notes that a process of a newer version runs. It is asked for nothing, but its end counts.
    fn note_newer(&self) {
        self.followed.store(true, Ordering::Relaxed);
        self.state.lock().note_newer();
        self.note_other_version(true);
    }

    /// Returns whether the gateway is to run by the settings, and nothing speaks against starting it.
    pub(super) fn starts_by_itself(&self) -> bool {
        let state = self.state.lock();
        let wanted =
            blocking(|| self.context.read_settings()).is_ok_and(|settings| settings.gateway_enabled());
        wanted && state.failed.is_none() && !state.ended && !self.ended_for_update.load(Ordering::Relaxed)
    }

    /// Starts the process and connects to it; `None` when it is of a newer version.
    async fn start(&self) -> Result<Option<Connection>, Failure> {
        for _ in 0..START_ATTEMPTS {
            match start(&self.program, &self.context.home.logs).await {
                // Another program has started one meanwhile.
                Err(failure) if failure.code == ErrorCode::PortBusy => {}
                started => started?,
            }
            if let Some(connection) = connect(&self.context).await? {
                return match connection.other_version() {
                    None => Ok(Some(connection)),
                    Some(_) if connection.is_newer() => Ok(None),
                    Some(version) => {
                        let why = format!("`usher` is of version {version}, and this window of another");
                        Err(Failure::new(ErrorCode::Internal, why))
                    }
                };
            }
        }
        Err(Failure::new(ErrorCode::Internal, "the background process ends each time that it is started"))
    }

    /// Asks a process of another version to end, and waits for that. Returns whether it did: not while it answers requests.
    async fn replaced(&self, connection: Connection) -> Result<bool, Failure> {
        let quit = connection.quit(true).await?;
        if !quit.ends {
            tracing::info!(requests = quit.running, "a background process of another version goes on");
            self.note_other_version(true);
        }
        Ok(quit.ends)
    }

    fn note_other_version(&self, is_other_version: bool) {
        let before = {
            let mut state = self.state.lock();
            if !is_other_version {
                state.newer = None;
            }
            std::mem::replace(&mut state.is_other_version, is_other_version)
        };
        if before != is_other_version {
            self.context.changed();
        }
    }

    /// Asks the background process; `None` where there is none.
    async fn ask<T: DeserializeOwned>(&self, request: Request, starts: bool) -> Result<Option<T>, Failure> {
        match self.reach(starts).await? {
            Some(connection) => connection.ask(&request).await.map(Some),
            None => Ok(None),
        }
    }

    /// Asks the background process, which is started where there is none.
    async fn change(&self, request: Request) -> Result<GatewayStatus, Failure> {
        // The person has decided again.
        self.state.lock().forget_ends();
        self.followed.store(false, Ordering::Relaxed);
        let status = self.ask(request, true).await?;
        self.recheck();
        status.ok_or_else(|| {
            let why = "another version of Usher runs in the background: close this window and open it again, or try again \
                       when its requests have ended";
            Failure::new(ErrorCode::Internal, why)
        })
    }

    async fn current(&self) -> Result<GatewayStatus, Failure> {
        match self.ask(Request::Status, false).await {
            Ok(Some(status)) => Ok(status),
            Ok(None) => Ok(self.status_without()),
            Err(failure) => Ok(self.status_of_others().unwrap_or_else(|| self.failed(failure))),
        }
    }

    async fn switch_to(&self, on: bool) -> Result<GatewayStatus, Failure> {
        if on {
            return self.change(Request::Switch { on }).await;
        }
        // Off is written down also where no process can be reached: whoever runs the gateway sees it there.
        if let Ok(Some(status)) = self.ask(Request::Switch { on }, false).await {
            return Ok(status);
        }
        let _nothing_is_started = self.reaching.lock().await;
        self.context.change_settings(|settings| settings.set_gateway_enabled(false)).await?;
        self.state.lock().failed = None;
        Ok(self.status_without())
    }

    /// Returns the status while there is no background process of this version.
    fn status_without(&self) -> GatewayStatus {
        let failed = self.state.lock().failed.clone();
        self.status_of_others().unwrap_or_else(|| match failed {
            Some(failure) => self.failed(failure),
            None => GatewayStatus::Off { port: gateway_port(&self.context) },
        })
    }

    /// Returns the status of a gateway that another process runs.
    fn status_of_others(&self) -> Option<GatewayStatus> {
        let GatewayView { address, by, process, .. } = blocking(|| gateway_view(&self.context));
        let is_other_version = self.state.lock().is_other_version;
        let by = if is_other_version { GatewayRunner::OtherVersion } else { by? };
        Some(GatewayStatus::Elsewhere { address: address?, by, process: process? })
    }

    fn failed(&self, failure: Failure) -> GatewayStatus {
        GatewayStatus::Failed { failure: FailureView::from(failure), port: gateway_port(&self.context) }
    }

    /// Reports the requests of each background process that the window is connected to.
    async fn follow_requests(&self, on_update: &OnRequestUpdate) {
        let mut connected = self.connected.subscribe();
        loop {
            if *connected.borrow_and_update() {
                let _ = self.report_requests(on_update).await;
            }
            // What it had is over.
            on_update(RequestUpdate { requests: Vec::new(), whole: true });
            if connected.changed().await.is_err() {
                return;
            }
        }
    }

    /// Reports requests until the connection ends.
    async fn report_requests(&self, on_update: &OnRequestUpdate) -> Result<(), Failure> {
        let Some(connection) = connect(&self.context).await? else { return Ok(()) };
        let mut feed = connection.begin(&Request::WatchRequests).await?;
        loop {
            on_update(feed.next().await?);
        }
    }
}

impl GatewayControl for BackgroundGateway {
    fn status(&self) -> BoxFuture<'_, Result<GatewayStatus, Failure>> {
        Box::pin(self.current())
    }

    fn switch(&self, on: bool) -> BoxFuture<'_, Result<GatewayStatus, Failure>> {
        Box::pin(self.switch_to(on))
    }

    fn set_port(&self, port: u16) -> BoxFuture<'_, Result<GatewayStatus, Failure>> {
        Box::pin(self.change(Request::SetPort { port }))
    }

    fn watch_requests(&self, on_update: OnRequestUpdate) -> BoxFuture<'_, ()> {
        let (stop, stopped) = oneshot::channel();
        *self.watching.lock() = Some(stop);
        Box::pin(async move {
            tokio::select! {
                _ = stopped => {}
                () = self.follow_requests(&on_update) => {}
            }
        })
    }

    fn stop_watching_requests(&self) {
        *self.watching.lock() = None;
    }
}

#[cfg(all(test, unix))]
mod tests;
