//! Passes: created, listed, printed, revoked, and found by the secret that a program presents.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use usher_domain::ports::Clock;
use usher_domain::{ErrorCode, Failure, MAX_NAME_CHARS, Pass, PassScope, PassSecret, UnixTime};

use crate::platform::blocking::run_blocking;
use crate::platform::random::{new_id, random};
use crate::store::{PassRecord, Store, Vault};

/// 256 bits: too many to guess.
const SECRET_BYTES: usize = 32;

/// Limits the id of a model in a pass; the longest ids of services have about a hundred characters.
const MAX_MODEL_CHARS: usize = 256;
/// Limits the project folder of a pass: the longest path of most systems.
const MAX_PROJECT_CHARS: usize = 4096;

/// The passes of one home.
pub struct Passes {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
}

/// A snapshot of all passes, so that a lookup does not read the disk.
#[derive(Clone)]
pub struct KnownPasses {
    vault: Arc<Vault>,
}

impl KnownPasses {
    /// Returns the pass with the secret `presented`, expired or not.
    ///
    /// Compares every pass, each in constant time, so that the time of a lookup reveals nothing about a secret.
    pub fn find(&self, presented: &str) -> Option<Arc<Pass>> {
        let presented = PassSecret::new(presented);
        let mut found = None;
        for record in &self.vault.passes {
            if record.secret.matches(&presented) {
                found = Some(Arc::clone(&record.pass));
            }
        }
        found
    }

    /// Returns whether the pass `id` still exists.
    pub fn has(&self, id: &str) -> bool {
        self.vault.passes.iter().any(|record| record.pass.id == id)
    }
}

impl Passes {
    /// Creates the passes of `store`.
    pub fn new(store: Arc<Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Creates a pass.
    ///
    /// [`secret_of`](Self::secret_of) returns its secret again.
    pub async fn create(
        &self,
        name: &str,
        scope: PassScope,
        expires_at: Option<UnixTime>,
    ) -> Result<(Arc<Pass>, Arc<PassSecret>), Failure> {
        let name = checked_name(name)?;
        check_scope(&scope)?;
        let now = self.clock.now();
        let pass = Arc::new(Pass { id: new_id()?, name, scope, created_at: now, expires_at });
        let secret = Arc::new(new_secret()?);
        let record = PassRecord { pass: Arc::clone(&pass), secret: Arc::clone(&secret) };
        self.store
            .change(move |vault| {
                // Expired passes let nobody in. Without this they would fill the store, and their names stay taken.
                vault.passes.retain(|other| !other.pass.is_expired(now));
                if vault.passes.iter().any(|other| other.pass.name == record.pass.name) {
                    let cause = format!("a pass named {} already exists; revoke it first", record.pass.name);
                    return Err(Failure::new(ErrorCode::BadUsage, cause));
                }
                vault.passes.push(record);
                Ok(())
            })
            .await??;
        Ok((pass, secret))
    }

    /// Returns all passes in the order of their creation.
    pub async fn list(&self) -> Result<Vec<Arc<Pass>>, Failure> {
        let vault = self.read().await?;
        Ok(vault.passes.iter().map(|record| Arc::clone(&record.pass)).collect())
    }

    /// Returns the secret of the pass `name`.
    pub async fn secret_of(&self, name: &str) -> Result<Arc<PassSecret>, Failure> {
        let vault = self.read().await?;
        let found = vault.passes.iter().find(|record| record.pass.name == name);
        found.map(|record| Arc::clone(&record.secret)).ok_or_else(|| unknown(name))
    }

    /// Revokes the pass `name`, for every process of this home.
    pub async fn revoke(&self, name: &str) -> Result<(), Failure> {
        let target = name.to_owned();
        let removed = self.remove(move |pass| pass.name == target).await?;
        if removed { Ok(()) } else { Err(unknown(name)) }
    }

    /// Revokes a pass by its id, so that a newer one of the same name stays. A missing pass is no failure.
    pub async fn revoke_id(&self, id: &str) -> Result<(), Failure> {
        let target = id.to_owned();
        self.remove(move |pass| pass.id == target).await.map(drop)
    }

    /// Removes the passes that match. Returns whether there were any.
    async fn remove(&self, matches: impl Fn(&Pass) -> bool + Send + 'static) -> Result<bool, Failure> {
        let change = move |vault: &mut Vault| {
            let before = vault.passes.len();
            vault.passes.retain(|record| !matches(&record.pass));
            vault.passes.len() < before
        };
        self.store.change(change).await
    }

    /// Returns a snapshot of all passes.
    ///
    /// May wait for a keyring, so it must not be called from async code.
    pub fn known(&self) -> Result<KnownPasses, Failure> {
        Ok(KnownPasses { vault: self.store.read()? })
    }

    async fn read(&self) -> Result<Arc<Vault>, Failure> {
        let store = Arc::clone(&self.store);
        run_blocking(move || store.read()).await
    }
}

fn new_secret() -> Result<PassSecret, Failure> {
    let bytes = zeroize::Zeroizing::new(random::<SECRET_BYTES>()?);
    let text = zeroize::Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes));
    Ok(PassSecret::new(format!("{}{}", Pass::PREFIX, &*text)))
}

/// Checks the name of a pass, which is shown in lists and typed in commands.
fn checked_name(name: &str) -> Result<String, Failure> {
    let name = name.trim();
    let fits =
        !name.is_empty() && name.chars().count() <= MAX_NAME_CHARS && !name.chars().any(char::is_control);
    if fits {
        return Ok(name.to_owned());
    }
    let cause = format!("a pass name has 1 to {MAX_NAME_CHARS} characters, without control characters");
    Err(Failure::new(ErrorCode::BadUsage, cause))
}

/// Checks the texts of a scope, of which every gateway keeps all passes in memory.
fn check_scope(scope: &PassScope) -> Result<(), Failure> {
    let texts = [("model", &scope.model, MAX_MODEL_CHARS), ("project", &scope.project, MAX_PROJECT_CHARS)];
    for (what, text, most) in texts {
        if text.as_ref().is_some_and(|text| text.chars().nth(most).is_some()) {
            let cause = format!("the {what} of a pass has at most {most} characters");
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
    }
    Ok(())
}

fn unknown(name: &str) -> Failure {
    let cause =
        format!("there is no pass named {}; `usher pass list` shows them", usher_domain::redact(name));
    Failure::new(ErrorCode::BadUsage, cause)
}
