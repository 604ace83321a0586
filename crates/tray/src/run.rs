//! The loop of the tray: shows what changes, and does what is chosen.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use usher_app::{App, CHATGPT, Target};
use usher_domain::{Failure, UnixTime};
use usher_text::messages as m;

use crate::item::{ItemHandle, TrayEvent};
use crate::menu::Action;
use crate::panel::TrayPanel;
use crate::state::TrayState;

/// How often an opened menu may ask how much of the plan is used.
const USAGE_INTERVAL: Duration = Duration::from_secs(60);

/// How many choices may wait for the ones before them.
const MAX_WAITING: usize = 16;

/// What the process that has the tray does for it.
pub trait TrayActions: Send + Sync {
    /// Opens the window, or brings it forward, with what a link opens or as it was.
    fn open_window(&self, link: Option<&str>) -> Result<(), Failure>;
    /// Ends the process in order, and the gateway with it.
    fn quit(&self);
    /// Hears whether a tray shows the icon: at the beginning, and after each change of the home.
    fn set_shown(&self, shown: bool);
}

/// Shows the icon for as long as there is a session bus; returns at once where there is none.
///
/// Without a tray it waits for one. On macOS and Windows it needs `beside_main_thread`. `changed` is notified after each change
/// of the home, as [`HomeWatcher::watch`](usher_app::HomeWatcher::watch) reports them; between them nothing is done.
pub async fn run(app: Arc<App>, actions: Arc<dyn TrayActions>, changed: Arc<Notify>) {
    let (events, mut happened) = mpsc::channel(MAX_WAITING);
    let mut tray =
        TrayLoop { state: TrayState::read(&app).await, app, actions, asked_usage: None, shown: true };
    let handle = match ItemHandle::spawn(&tray.state, events).await {
        Ok(handle) => handle,
        Err(error) => {
            tracing::info!(%error, "there is no tray");
            return;
        }
    };
    // A tray that is missing was reported before this.
    while let Ok(event) = happened.try_recv() {
        tray.handle(event).await;
    }
    tray.actions.set_shown(tray.shown);
    while !handle.is_closed() {
        tokio::select! {
            event = happened.recv() => match event {
                Some(event) => tray.handle(event).await,
                None => break,
            },
            () = changed.notified() => {}
        }
        tray.actions.set_shown(tray.shown);
        tray.show(&handle).await;
    }
    tray.actions.set_shown(false);
}

struct TrayLoop {
    app: Arc<App>,
    actions: Arc<dyn TrayActions>,
    state: TrayState,
    /// When an opened menu last asked how much of the plan is used.
    asked_usage: Option<Instant>,
    shown: bool,
}

impl TrayLoop {
    /// Shows what stands now, if that is another state.
    async fn show(&mut self, handle: &ItemHandle) {
        let failed = self.state.failed.clone();
        let state = TrayState { failed, ..TrayState::read(&self.app).await };
        // The time alone shows nothing new before a menu is opened.
        let is_same = TrayState { now: state.now, ..self.state.clone() } == state;
        self.state = state.clone();
        if !is_same || self.state.failed.is_some() {
            handle.show(state).await;
        }
    }

    async fn handle(&mut self, event: TrayEvent) {
        match event {
            TrayEvent::Chosen(action) => self.choose(action).await,
            TrayEvent::Opened => self.refresh_usage(),
            #[cfg(target_os = "linux")]
            TrayEvent::Shown(shown) => self.shown = shown,
            #[cfg(not(target_os = "linux"))]
            TrayEvent::Link(link) => {
                if let Err(failure) = self.actions.open_window(Some(&link)) {
                    tracing::warn!(cause = %failure, "the window could not be opened for a link");
                }
            }
        }
    }

    /// Does what was chosen. A failure is shown until the next choice.
    async fn choose(&mut self, action: Action) {
        let language = self.state.language;
        let (what, done) = match action {
            Action::Open(panel) => {
                (m::tray_open(language), self.actions.open_window(panel.map(TrayPanel::link)))
            }
            Action::SwitchGateway(on) => {
                (m::tray_gateway(language), self.app.gateway.switch(on).await.map(drop))
            }
            Action::Lock => (m::tray_stop(language), self.app.pass_lock.lock()),
            Action::Unlock => (m::gateway_locked_allow(language), self.app.pass_lock.unlock()),
            Action::UseModel(id) => {
                let chosen = self.app.catalog.select_model(&Target::default(), Some(&id), None, None).await;
                (m::tray_model(language), chosen.map(drop))
            }
            Action::UseAccount(id) => (m::tray_account(language), self.app.accounts.make_active(id).await),
            Action::Quit => {
                self.actions.quit();
                (m::tray_quit(language), Ok(()))
            }
        };
        self.state.failed = done.err().map(|failure| m::tray_failed(language, what, &failure.cause));
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
