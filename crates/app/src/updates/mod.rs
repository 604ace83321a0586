//! New versions of the program: looks for them, and replaces the program when no request is being answered.
//!
//! Off until an address and a key are set. Nothing is asked before, and by itself only where the person switched that on.
//! Why the download is ours and the signature the plugin's: docs/adr/0021.

mod download;
mod installation;
mod installer;
mod source;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::oneshot;
use usher_domain::{ErrorCode, Failure, UnixTime, sanitize_for_terminal};

use crate::context::{Context, blocking, run_blocking};
use crate::view::{FoundUpdateView, UpdateProgress, UpdateWay, UpdatesView};

use download::Downloader;
pub use installation::OnUpdateProgress;
pub use installer::{UpdateInstaller, UpdateOffer, UpdateShell, replace_program};
pub use source::UpdateSource;

/// How long Usher waits between two looks of its own.
const AUTOMATIC_SECONDS: i64 = 24 * 60 * 60;

/// How often it is looked whether the person wants that.
const AUTOMATIC_POLL: Duration = Duration::from_secs(60 * 60);

/// The longest notes that are shown.
const MAX_NOTES_CHARS: usize = 4000;

/// Looks for new versions, and installs them.
pub struct Updates {
    context: Arc<Context>,
    /// What a window brings; a page in a browser has none.
    shell: Mutex<Option<Arc<UpdateShell>>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    found: Option<Found>,
    looked_at: Option<UnixTime>,
    progress: Option<UpdateProgress>,
    /// Cancels the installation that runs, by being dropped.
    cancel: Option<oneshot::Sender<()>>,
}

/// A newer version and where it came from: another source has to offer it again.
#[derive(Clone)]
struct Found {
    offer: UpdateOffer,
    source: UpdateSource,
}

impl Updates {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context, shell: Mutex::default(), state: Mutex::default() }
    }

    /// Notes what the window brings. Without it nothing can be installed.
    pub fn runs_in(&self, shell: UpdateShell) {
        *self.shell.lock() = Some(Arc::new(shell));
    }

    /// Returns this version, and how a newer one gets here. Never asks the network.
    pub fn view(&self) -> Result<UpdatesView, Failure> {
        let settings = blocking(|| self.context.read_settings())?;
        // A source that cannot be used is set up; why it cannot is reported when it is used.
        let is_set_up = UpdateSource::of(&settings).map_or(true, |source| source.is_some());
        let can_install = self.shell.lock().as_ref().is_some_and(|shell| shell.installer.can_install());
        let way = match (can_install, is_set_up) {
            (false, _) => UpdateWay::Package,
            (true, false) => UpdateWay::NotSetUp,
            (true, true) => UpdateWay::InPlace,
        };
        let state = self.state.lock();
        Ok(UpdatesView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            way,
            automatic: settings.automatic_updates(),
            found: state.found.as_ref().map(Found::view),
            checked: state.looked_at.is_some(),
            progress: state.progress.clone(),
        })
    }

    /// Chooses whether Usher looks for new versions by itself.
    pub async fn set_automatic(&self, on: bool) -> Result<(), Failure> {
        self.context.change_settings(move |settings| settings.set_automatic_updates(on)).await
    }

    /// Looks for a newer version.
    pub async fn check(&self) -> Result<(), Failure> {
        let (shell, source) = self.usable()?;
        let list = self.downloader(&source)?.list(&source).await?;
        let offer = match list {
            Some(list) => {
                let source = source.clone();
                run_blocking(move || shell.installer.read_list(&list, &source)).await?
            }
            None => None,
        };
        {
            let mut state = self.state.lock();
            state.found = offer.map(|offer| Found { offer, source });
            state.looked_at = Some(self.context.clock.now());
        }
        self.context.changed();
        Ok(())
    }

    /// Looks for newer versions once a day as long as the window is open, where the person wants that. Never ends.
    pub async fn check_forever(&self) {
        loop {
            if self.is_due()
                && let Err(failure) = self.check().await
            {
                tracing::info!(cause = %failure, "no newer version could be looked for");
                self.state.lock().looked_at = Some(self.context.clock.now());
            }
            tokio::time::sleep(AUTOMATIC_POLL).await;
        }
    }

    fn is_due(&self) -> bool {
        let wanted = self.view().is_ok_and(|view| view.automatic && view.way == UpdateWay::InPlace);
        let looked_at = self.state.lock().looked_at;
        let next = looked_at.map(|at| at.plus(AUTOMATIC_SECONDS));
        wanted && next.is_none_or(|next| next <= self.context.clock.now())
    }

    /// Returns what is needed to look for a version, or why there is none.
    fn usable(&self) -> Result<(Arc<UpdateShell>, UpdateSource), Failure> {
        let unusable = |why: &str| Failure::new(ErrorCode::BadUsage, why);
        let shell = self.shell.lock().clone().filter(|shell| shell.installer.can_install());
        let shell = shell.ok_or_else(|| unusable("this copy of Usher is updated by what installed it"))?;
        let settings = blocking(|| self.context.read_settings())?;
        let source = UpdateSource::of(&settings)?;
        Ok((shell, source.ok_or_else(|| unusable("no address and no key of updates are set"))?))
    }

    fn downloader(&self, source: &UpdateSource) -> Result<Downloader, Failure> {
        Downloader::new(&self.context.network_config()?, source)
    }
}

impl Found {
    fn view(&self) -> FoundUpdateView {
        let short =
            |notes: &String| sanitize_for_terminal(notes.trim()).chars().take(MAX_NOTES_CHARS).collect();
        let notes: Option<String> = self.offer.notes.as_ref().map(short);
        FoundUpdateView {
            version: self.offer.version.clone(),
            notes: notes.filter(|notes| !notes.is_empty()),
        }
    }
}
