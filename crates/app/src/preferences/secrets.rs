//! Where secrets are kept: in the keyring, behind a passphrase, or with their key in a file.

use std::sync::Arc;

use usher_auth::{KeyLocation, KeyMove, KeyTarget, LOCK_TIMEOUT, VaultSummary};
use usher_domain::{ErrorCode, Failure, Passphrase};

use super::{Preferences, bad_usage};
use crate::background::unlock_background;
use crate::context::{Context, UNLOCK_TIMEOUT, blocking, run_blocking};
use crate::gateway::gateway_view;
use crate::view::{
    GatewayRunner, GatewayView, LeftOverKeyView, SecretsMoveView, SecretsPlace, SecretsView, shown_path,
};

/// Where secrets are to be kept.
pub enum SecretsTarget {
    /// Their key in the keyring.
    Keyring,
    /// Their key derived from this passphrase.
    Passphrase(Passphrase),
    /// Their key in a file beside them.
    File,
}

impl SecretsTarget {
    /// Returns the target at `place`, which needs a passphrase for one of them.
    pub fn at(place: SecretsPlace, passphrase: Option<Passphrase>) -> Result<Self, Failure> {
        match (place, passphrase) {
            (SecretsPlace::Keyring, _) => Ok(Self::Keyring),
            (SecretsPlace::File, _) => Ok(Self::File),
            (SecretsPlace::Passphrase, Some(passphrase)) => Ok(Self::Passphrase(passphrase)),
            (SecretsPlace::Passphrase, None) => Err(bad_usage("there is no passphrase".into())),
        }
    }
}

impl Preferences {
    /// Returns where secrets are kept, without calling a keyring.
    pub fn secrets(&self) -> SecretsView {
        let store = &self.context.store;
        let (place, exists) = blocking(|| (store.known_key_location(), store.path().exists()));
        SecretsView {
            place: place.map(SecretsPlace::from),
            file: shown_path(store.path()),
            exists,
            gateway: blocking(|| gateway_of_others(&self.context)),
        }
    }

    /// Waits until the person has unlocked the keyring, where it is locked. For a window, where somebody is there.
    pub(crate) async fn wait_for_keyring(&self) -> Result<(), Failure> {
        let store = Arc::clone(&self.context.store);
        run_blocking(move || store.probe_keyring(UNLOCK_TIMEOUT)).await
    }

    /// Returns whether the secrets cannot be opened before their passphrase is entered.
    pub async fn needs_passphrase(&self) -> Result<bool, Failure> {
        if self.secrets().place != Some(SecretsPlace::Passphrase) {
            return Ok(false);
        }
        let store = Arc::clone(&self.context.store);
        match run_blocking(move || VaultSummary::read(&store)).await {
            Ok(_) => Ok(false),
            Err(failure) if failure.code == ErrorCode::PassphraseNeeded => Ok(true),
            Err(failure) => Err(failure),
        }
    }

    /// Opens the secrets with their passphrase, in this process and in the background process, as long as these run.
    pub async fn unlock_secrets(&self, passphrase: Passphrase) -> Result<(), Failure> {
        let passphrase = Arc::new(passphrase);
        let (store, typed) = (Arc::clone(&self.context.store), Arc::clone(&passphrase));
        run_blocking(move || store.unlock_with(&typed)).await?;
        self.context.changed();
        unlock_background(&self.context, &passphrase).await
    }

    /// Moves the key of the secrets, or gives them another passphrase. Nothing of them is lost, whatever happens.
    ///
    /// Asked for a second time, it removes what is left over from the first.
    pub async fn move_secrets(&self, target: SecretsTarget) -> Result<SecretsMoveView, Failure> {
        let passphrase = match &target {
            SecretsTarget::Passphrase(passphrase) => Some(passphrase.duplicate()),
            _ => None,
        };
        let target = KeyTarget::from(target);
        let place = SecretsPlace::from(target.location());
        let store = Arc::clone(&self.context.store);
        let guard = store.lock().acquire(LOCK_TIMEOUT).await?;
        let KeyMove { from, is_moved, left_over } =
            run_blocking(move || store.move_key(&guard, &target)).await?;
        self.context.changed();
        let background = match passphrase {
            Some(passphrase) => unlock_background(&self.context, &passphrase).await.err(),
            None => None,
        };
        Ok(SecretsMoveView {
            from: from.map(SecretsPlace::from),
            place,
            moved: is_moved,
            left_over: left_over
                .into_iter()
                .map(|key| LeftOverKeyView { place: key.location.into(), reason: key.failure.cause })
                .collect(),
            background: background.map(|failure| failure.cause),
        })
    }
}

/// Returns the process of a gateway that is neither this one nor the background process, which are given a passphrase.
fn gateway_of_others(context: &Context) -> Option<u32> {
    let GatewayView { by, process, .. } = gateway_view(context);
    let is_given = matches!(by?, GatewayRunner::App | GatewayRunner::OtherVersion);
    process.filter(|process| !is_given && *process != std::process::id())
}

impl From<SecretsTarget> for KeyTarget {
    fn from(target: SecretsTarget) -> Self {
        match target {
            SecretsTarget::Keyring => Self::Keyring,
            SecretsTarget::Passphrase(passphrase) => Self::Passphrase(passphrase),
            SecretsTarget::File => Self::KeyFile,
        }
    }
}

impl From<KeyLocation> for SecretsPlace {
    fn from(location: KeyLocation) -> Self {
        match location {
            KeyLocation::Keyring => Self::Keyring,
            KeyLocation::Passphrase => Self::Passphrase,
            KeyLocation::KeyFile => Self::File,
        }
    }
}
