//! The loop of the tray: shows what changes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use usher_app::{App, CHATGPT, Target};
use usher_domain::UnixTime;

use crate::actions::TrayActions;
use crate::choices::Choices;
use crate::item::{ItemHandle, TrayEvent, TrayEvents};
use crate::state::TrayState;

/// How often an opened menu may ask how much of the plan is used.
const USAGE_INTERVAL: Duration = Duration::from_secs(60);

/// How long no session bus is looked for after there was none, unless the home changes.
const RETRY_INTERVAL: Duration = Duration::from_secs(60);

/// How long an icon that waits for a tray may take to come into the one that is there.
const SHOWN_WITHIN: Duration = Duration::from_secs(1);

/// How many events may wait while the state is read.
const MAX_WAITING: usize = 16;

/// Shows the icon whenever there is a session bus. Never returns.
///
/// Without a tray it waits for one. On macOS and Windows it needs `beside_main_thread`. `changed` is notified after each change
/// of the home, as [`HomeWatcher::watch`](usher_app::HomeWatcher::watch) reports them; between them nothing is done, but that a
/// session bus is looked for once a minute where there is none.
pub async fn run(app: Arc<App>, actions: Arc<dyn TrayActions>, changed: Arc<Notify>) {
    let choices = Arc::new(Choices::new(Arc::clone(&app), Arc::clone(&actions), Arc::clone(&changed)));
    let state = TrayState::read(&app).await;
    let mut tray = TrayLoop { state, app, actions, choices, changed, asked_usage: None, shown: true };
    loop {
        if let Err(error) = tray.show_icon().await {
            tracing::debug!(%error, "there is no tray");
        }
        tray.actions.set_shown(false);
        // A change of the home may come with the desktop, and the icon has to show it anyway.
        let _ = tokio::time::timeout(RETRY_INTERVAL, tray.changed.notified()).await;
    }
}

struct TrayLoop {
    app: Arc<App>,
    actions: Arc<dyn TrayActions>,
    choices: Arc<Choices>,
    changed: Arc<Notify>,
    state: TrayState,
    /// When an opened menu last asked how much of the plan is used.
    asked_usage: Option<Instant>,
    shown: bool,
}

impl TrayLoop {
    /// Shows the icon for as long as there is a session bus.
    async fn show_icon(&mut self) -> Result<(), String> {
        let (mut handle, mut happened) = self.spawn().await?;
        if !self.shown && handle.has_tray().await && !self.is_shown_soon(&mut happened).await {
            // It came after the icon looked for it, and before that waited for it.
            drop(handle);
            (handle, happened) = self.spawn().await?;
        }
        self.actions.set_shown(self.shown);
        // The time before this may have been one without a bus.
        self.show(&handle).await;
        loop {
            tokio::select! {
                event = happened.recv() => match event {
                    Some(event) => self.handle(&event),
                    None => return Ok(()),
                },
                () = self.changed.notified() => {}
                () = handle.closed() => return Ok(()),
            }
            self.actions.set_shown(self.shown);
            self.show(&handle).await;
        }
    }

    async fn spawn(&mut self) -> Result<(ItemHandle, mpsc::Receiver<TrayEvent>), String> {
        let (events, mut happened) = mpsc::channel(MAX_WAITING);
        let events = TrayEvents { events, choices: Arc::clone(&self.choices) };
        self.shown = true;
        let handle = ItemHandle::spawn(&self.state, events).await?;
        // A tray that is missing was reported before this.
        while let Ok(event) = happened.try_recv() {
            self.handle(&event);
        }
        Ok((handle, happened))
    }

    /// Returns whether the icon, which waits for a tray, comes into the one that is there.
    async fn is_shown_soon(&mut self, happened: &mut mpsc::Receiver<TrayEvent>) -> bool {
        let shown = async {
            while !self.shown {
                let Some(event) = happened.recv().await else { return };
                self.handle(&event);
            }
        };
        let _ = tokio::time::timeout(SHOWN_WITHIN, shown).await;
        self.shown
    }

    /// Shows what stands now, if that is another state.
    async fn show(&mut self, handle: &ItemHandle) {
        let state = TrayState { failed: self.choices.failed(), ..TrayState::read(&self.app).await };
        // The time alone shows nothing new before a menu is opened.
        let is_same = TrayState { now: state.now, ..self.state.clone() } == state;
        self.state = state.clone();
        if !is_same || self.state.failed.is_some() {
            handle.show(state).await;
        }
    }

    fn handle(&mut self, event: &TrayEvent) {
        match event {
            TrayEvent::Opened => self.refresh_usage(),
            #[cfg(target_os = "linux")]
            TrayEvent::Shown(shown) => self.shown = *shown,
            #[cfg(not(target_os = "linux"))]
            TrayEvent::Link(link) => {
                if let Err(failure) = self.actions.open_window(Some(link)) {
                    tracing::warn!(cause = %failure, "the window could not be opened for a link");
                }
            }
        }
    }

    /// Asks how much of the plan in use is used, unless that was done or seen less than a minute ago.
    fn refresh_usage(&mut self) {
        let is_early = self.asked_usage.is_some_and(|at| at.elapsed() < USAGE_INTERVAL);
        let now = self.app.now();
        let is_fresh = |at: UnixTime| now.since(at) < USAGE_INTERVAL.as_secs().cast_signed();
        let account = self.state.active().filter(|account| !account.is_only_for_usher);
        let account = account.filter(|account| !account.seen_at.is_some_and(is_fresh));
        let Some(account) = account.filter(|_| !is_early && self.state.other_payer.is_none()) else { return };
        self.asked_usage = Some(Instant::now());
        let target = Target { provider: Some(CHATGPT), account: Some(account.id.0.clone()) };
        let app = Arc::clone(&self.app);
        // Beside the loop: a menu does not wait for the network. What comes is a change of the home.
        tokio::spawn(async move {
            if let Err(failure) = app.usage.read(&target).await {
                tracing::info!(cause = %failure, "how much of the plan is used could not be asked");
            }
        });
    }
}
