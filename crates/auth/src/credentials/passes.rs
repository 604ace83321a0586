//! Passes: made, listed, printed, revoked, and known again when one is presented.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use usher_domain::ports::Clock;
use usher_domain::{ErrorCode, Failure, MAX_NAME_CHARS, Pass, PassScope, PassSecret, UnixTime};

use crate::platform::blocking::run_blocking;
use crate::platform::random::{new_id, random};
use crate::store::{PassRecord, Store, Vault};

/// 256 bits: nobody finds one by trying.
const SECRET_BYTES: usize = 32;

/// The passes of one home.
pub struct Passes {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
}

/// All passes as they stood at one time; asking it costs no look at the disk.
#[derive(Clone)]
pub struct KnownPasses {
    vault: Arc<Vault>,
}

impl KnownPasses {
    /// The pass whose secret `presented` is, expired or not. Each is compared, and each in time that does not depend
    /// on where it differs.
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

    /// Whether there still is a pass `id`.
    pub fn has(&self, id: &str) -> bool {
        self.vault.passes.iter().any(|record| record.pass.id == id)
    }
}

impl Passes {
    /// Those that `store` keeps.
    pub fn new(store: Arc<Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Makes a pass. Its secret can be had again by [`secret_of`](Self::secret_of).
    pub async fn create(
        &self,
        name: &str,
        scope: PassScope,
        expires_at: Option<UnixTime>,
    ) -> Result<(Arc<Pass>, Arc<PassSecret>), Failure> {
        let name = checked(name)?;
        let now = self.clock.now();
        let pass = Arc::new(Pass { id: new_id()?, name, scope, created_at: now, expires_at });
        let secret = Arc::new(new_secret()?);
        let record = PassRecord { pass: Arc::clone(&pass), secret: Arc::clone(&secret) };
        self.store
            .change(move |vault| {
                // One that has ended is no reason to refuse its name to a new one.
                vault
                    .passes
                    .retain(|other| other.pass.name != record.pass.name || !other.pass.is_expired(now));
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

    /// All of them, in the order in which they were made.
    pub async fn list(&self) -> Result<Vec<Arc<Pass>>, Failure> {
        let vault = self.read().await?;
        Ok(vault.passes.iter().map(|record| Arc::clone(&record.pass)).collect())
    }

    /// The secret of the pass `name`.
    pub async fn secret_of(&self, name: &str) -> Result<Arc<PassSecret>, Failure> {
        let vault = self.read().await?;
        let found = vault.passes.iter().find(|record| record.pass.name == name);
        found.map(|record| Arc::clone(&record.secret)).ok_or_else(|| unknown(name))
    }

    /// Revokes the pass `name`. It is refused from now on, by every process of this home.
    pub async fn revoke(&self, name: &str) -> Result<(), Failure> {
        let wanted = name.to_owned();
        let gone = self.remove(move |pass| pass.name == wanted).await?;
        if gone { Ok(()) } else { Err(unknown(name)) }
    }

    /// The same by the pass's id: not one of the same name that was made since. One that has gone already is fine.
    pub async fn revoke_id(&self, id: &str) -> Result<(), Failure> {
        let wanted = id.to_owned();
        self.remove(move |pass| pass.id == wanted).await.map(drop)
    }

    /// Whether there was such a one.
    async fn remove(&self, is_it: impl Fn(&Pass) -> bool + Send + 'static) -> Result<bool, Failure> {
        let change = move |vault: &mut Vault| {
            let before = vault.passes.len();
            vault.passes.retain(|record| !is_it(&record.pass));
            vault.passes.len() < before
        };
        self.store.change(change).await
    }

    /// All of them as they stand now. May wait for a keyring, so not for async code.
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

/// A name is shown in lists and typed in commands.
fn checked(name: &str) -> Result<String, Failure> {
    let name = name.trim();
    let fits =
        !name.is_empty() && name.chars().count() <= MAX_NAME_CHARS && !name.chars().any(char::is_control);
    if fits {
        return Ok(name.to_owned());
    }
    let cause = format!("a pass name has 1 to {MAX_NAME_CHARS} characters, without control characters");
    Err(Failure::new(ErrorCode::BadUsage, cause))
}

fn unknown(name: &str) -> Failure {
    let cause =
        format!("there is no pass named {}; `usher pass list` shows them", usher_domain::redact(name));
    Failure::new(ErrorCode::BadUsage, cause)
}
