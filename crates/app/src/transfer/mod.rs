//! Moves settings, and if asked the sign-ins, to another computer, by a file that is sealed with a passphrase.

mod names;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use usher_auth::{TransferRequest, Transfers};
use usher_domain::{ErrorCode, Failure, Passphrase};

use self::names::Names;
use crate::context::Context;
use crate::preferences::{Preferences, SettingsImport};
use crate::view::{
    FailureView, InterruptedTransferView, TransferContentsView, TransferPreviewView, TransferReceivedView,
    TransferSentView, shown_path,
};

/// The name of a transfer file, to begin with.
pub const TRANSFER_FILE: &str = "usher-transfer.json";

/// Moves settings and sign-ins between computers.
pub struct TransferFiles {
    context: Arc<Context>,
    preferences: Arc<Preferences>,
    transfers: Arc<Transfers>,
    /// The file that the person chose.
    chosen: Mutex<Option<PathBuf>>,
    /// The file that the person looks at before it is taken over.
    opened: Mutex<Option<OpenedTransfer>>,
}

/// A transfer file that was looked at. It is still anybody's.
#[derive(Clone)]
pub struct OpenedTransfer {
    file: PathBuf,
    passphrase: Arc<Passphrase>,
    /// The settings, or why they cannot be taken over here. The sign-ins can be, all the same.
    settings: Result<SettingsImport, Failure>,
    /// What is in it.
    pub view: TransferContentsView,
}

impl TransferFiles {
    pub(crate) fn new(context: Arc<Context>, preferences: Arc<Preferences>) -> Self {
        let (store, clock) = (Arc::clone(&context.store), Arc::clone(&context.clock));
        let transfers = Transfers::new(store, context.provider.endpoints.clone(), clock);
        Self {
            context,
            preferences,
            transfers: Arc::new(transfers),
            chosen: Mutex::default(),
            opened: Mutex::default(),
        }
    }

    /// Returns what would leave this computer with a transfer file, and what would stay.
    pub async fn preview(&self) -> Result<TransferPreviewView, Failure> {
        let names = self.names().await?;
        let sent = self.transfers.preview().await?;
        let interrupted = self.transfers.interrupted().await?.map(|one| InterruptedTransferView {
            file: shown_path(&one.file),
            at: one.at,
            accounts: names.accounts(&one.accounts),
        });
        Ok(TransferPreviewView {
            accounts: names.accounts(&sent.accounts),
            keys: sent.keys,
            stays: names.staying(&sent.stays),
            interrupted,
        })
    }

    /// Writes a transfer file with the settings; `with_sign_ins` also moves sign-ins and keys there and retires them here.
    ///
    /// Where a move with the same file was interrupted, this ends it; then the passphrase is not needed.
    pub async fn send(
        &self,
        file: &Path,
        passphrase: Passphrase,
        with_sign_ins: bool,
    ) -> Result<TransferSentView, Failure> {
        let names = self.names().await?;
        let request = TransferRequest {
            file: file.to_owned(),
            passphrase: Arc::new(passphrase),
            settings: self.preferences.exported()?,
            with_sign_ins,
        };
        let sent = self.transfers.send(request).await;
        // Also after a failure: something may be frozen.
        self.context.changed();
        let sent = sent?;
        Ok(TransferSentView {
            file: shown_path(file),
            accounts: names.accounts(&sent.accounts),
            keys: sent.keys,
            stays: names.staying(&sent.stays),
        })
    }

    /// Ends a move that was interrupted, whose file was written.
    pub async fn end_interrupted(&self) -> Result<TransferSentView, Failure> {
        let interrupted = self.transfers.interrupted().await?;
        let one = interrupted.ok_or_else(|| bad_usage("no move to another computer was interrupted here"))?;
        self.send(&one.file, Passphrase::new(""), true).await
    }

    /// Takes back the sign-ins of a move that was interrupted. Returns how many.
    ///
    /// Where the file cannot be found, only if `confirmed`: another computer may have it.
    pub async fn cancel(&self, confirmed: bool) -> Result<u32, Failure> {
        let count = self.transfers.take_back(confirmed).await;
        self.context.changed();
        count.map(|count| u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Opens a file to see what is in it and what it would change here. Changes nothing.
    pub async fn open(&self, file: &Path, passphrase: Passphrase) -> Result<OpenedTransfer, Failure> {
        let passphrase = Arc::new(passphrase);
        let contents = self.transfers.inspect(file.to_owned(), Arc::clone(&passphrase)).await?;
        let names = self.names().await?;
        let settings = self.preferences.read_import_text(&contents.settings, &shown_path(file));
        let replaced = names.accounts(&contents.replaces_accounts).into_iter().map(|account| account.name);
        let view = TransferContentsView {
            file: shown_path(file),
            made_at: contents.made_at,
            accounts: names.accounts(&contents.accounts),
            replaces: replaced.chain(contents.replaces_keys.iter().map(ToString::to_string)).collect(),
            keys: contents.keys,
            settings: settings.as_ref().map(|import| import.view.clone()).unwrap_or_default(),
            settings_failure: settings.as_ref().err().cloned().map(FailureView::from),
        };
        Ok(OpenedTransfer { file: file.to_owned(), passphrase, settings, view })
    }

    /// Takes over what is in a file that was looked at: the file is this home's then, and opens nowhere any more.
    ///
    /// Stopped at any moment, the same goes on with the same file. The settings come before the sign-ins are used.
    pub async fn take_over(
        &self,
        opened: OpenedTransfer,
        with_settings: bool,
        replace: bool,
    ) -> Result<TransferReceivedView, Failure> {
        let OpenedTransfer { file, passphrase, settings, view } = opened;
        let settings = if with_settings { Some(settings?) } else { None };
        if !replace && !view.replaces.is_empty() {
            let names = view.replaces.join(", ");
            return Err(bad_usage(&format!(
                "{names}: here already, and nothing was replaced; add --replace"
            )));
        }
        let received = self.transfers.receive(file, passphrase, replace).await?;
        let settings = settings.filter(|import| !import.view.changes.is_empty());
        let changes = settings.as_ref().map_or(0, |import| import.view.changes.len());
        if let Some(import) = settings {
            self.preferences.import(import).await?;
        }
        self.transfers.finish(&received).await?;
        self.context.changed();
        Ok(TransferReceivedView {
            accounts: view.accounts,
            keys: received.keys,
            settings_changed: u32::try_from(changes).unwrap_or(u32::MAX),
            left_file: received.left_file.as_deref().map(shown_path),
        })
    }

    /// Keeps the file that a person chose, for [`Self::open_kept`].
    pub(crate) fn keep_chosen(&self, file: PathBuf) {
        *self.chosen.lock() = Some(file);
    }

    /// Opens the chosen file for a person to look at, and keeps it for [`Self::take_over_kept`].
    pub(crate) async fn open_kept(&self, passphrase: Passphrase) -> Result<TransferContentsView, Failure> {
        let file = self.chosen.lock().clone().ok_or_else(|| bad_usage("no transfer file was chosen"))?;
        let opened = self.open(&file, passphrase).await?;
        let view = opened.view.clone();
        *self.opened.lock() = Some(opened);
        Ok(view)
    }

    /// Takes over what the person looked at last, with what it replaces.
    pub(crate) async fn take_over_kept(&self, with_settings: bool) -> Result<TransferReceivedView, Failure> {
        let opened = self.opened.lock().clone().ok_or_else(|| bad_usage("no transfer file was looked at"))?;
        // What came after the look is not replaced.
        let replace = !opened.view.replaces.is_empty();
        let received = self.take_over(opened, with_settings, replace).await?;
        *self.opened.lock() = None;
        Ok(received)
    }

    async fn names(&self) -> Result<Names, Failure> {
        Ok(Names::of(&self.context.vault().await?, self.context.hides_names()))
    }
}

fn bad_usage(cause: &str) -> Failure {
    Failure::new(ErrorCode::BadUsage, cause)
}
