//! Does what is chosen in the menu, beside the loop that shows it: a choice may wait for the lock of the home.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc, watch};
use usher_app::{App, Target};
use usher_domain::Failure;
use usher_text::{Language, messages as m};

use crate::actions::TrayActions;
use crate::menu::Action;
use crate::panel::TrayPanel;

/// How many choices may wait for the ones before them.
const MAX_WAITING: usize = 16;

/// What was chosen: one choice is done after the other, but *Stop everything* and its end at once.
pub(crate) struct Choices {
    waiting: mpsc::Sender<Action>,
    /// Whether all passes are to be locked. The last choice counts.
    lock: watch::Sender<Option<bool>>,
    work: Arc<Work>,
}

impl Choices {
    /// Starts to do what will be chosen. `changed` is notified after each choice.
    pub(crate) fn new(app: Arc<App>, actions: Arc<dyn TrayActions>, changed: Arc<Notify>) -> Self {
        let (waiting, chosen) = mpsc::channel(MAX_WAITING);
        let (lock, locking) = watch::channel(None);
        let work = Arc::new(Work { app, actions, changed, failed: Mutex::default() });
        tokio::spawn(Arc::clone(&work).do_one_by_one(chosen));
        tokio::spawn(Arc::clone(&work).lock_at_once(locking));
        Self { waiting, lock, work }
    }

    /// Does it as soon as it is its turn. Dropped when too many wait before it.
    pub(crate) fn choose(&self, action: Action) {
        match action {
            Action::Lock => drop(self.lock.send_replace(Some(true))),
            Action::Unlock => drop(self.lock.send_replace(Some(false))),
            action => {
                if self.waiting.try_send(action).is_err() {
                    tracing::warn!("the tray is busy with what was chosen before");
                }
            }
        }
    }

    /// Returns what the last choice asked for and did not get.
    pub(crate) fn failed(&self) -> Option<String> {
        self.work.failed.lock().clone()
    }
}

struct Work {
    app: Arc<App>,
    actions: Arc<dyn TrayActions>,
    changed: Arc<Notify>,
    /// A failure is shown until the next choice.
    failed: Mutex<Option<String>>,
}

impl Work {
    async fn do_one_by_one(self: Arc<Self>, mut chosen: mpsc::Receiver<Action>) {
        while let Some(action) = chosen.recv().await {
            let (what, done) = self.choose(action, self.app.language.view().shown).await;
            self.done(what, done);
        }
    }

    async fn lock_at_once(self: Arc<Self>, mut locking: watch::Receiver<Option<bool>>) {
        while locking.changed().await.is_ok() {
            let Some(locked) = *locking.borrow_and_update() else { continue };
            let language = self.app.language.view().shown;
            if locked {
                self.done(m::tray_stop(language), self.app.pass_lock.lock());
            } else {
                self.done(m::gateway_locked_allow(language), self.app.pass_lock.unlock());
            }
        }
    }

    async fn choose(&self, action: Action, language: Language) -> (&'static str, Result<(), Failure>) {
        match action {
            Action::Open(panel) => {
                (m::tray_open(language), self.actions.open_window(panel.map(TrayPanel::link)))
            }
            Action::SwitchGateway(on) => {
                (m::tray_gateway(language), self.app.gateway.switch(on).await.map(drop))
            }
            Action::Lock | Action::Unlock => unreachable!("done at once"),
            Action::UseModel(id) => {
                let chosen = self.app.catalog.select_model(&Target::default(), Some(&id), None, None).await;
                (m::tray_model(language), chosen.map(drop))
            }
            Action::UseAccount(id) => (m::tray_account(language), self.app.accounts.make_active(id).await),
            Action::Quit => {
                self.actions.quit();
                (m::tray_quit(language), Ok(()))
            }
        }
    }

    fn done(&self, what: &str, done: Result<(), Failure>) {
        let language = self.app.language.view().shown;
        *self.failed.lock() = done.err().map(|failure| m::tray_failed(language, what, &failure.cause));
        self.changed.notify_one();
    }
}
