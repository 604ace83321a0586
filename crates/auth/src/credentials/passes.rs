//! Passes: created, listed, printed, revoked, and found by the secret that a program presents.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use usher_domain::ports::Clock;
use usher_domain::{ErrorCode, Failure, MAX_NAME_CHARS, Pass, PassRun, PassScope, PassSecret, UnixTime};

use super::run_locks::{RunLock, RunLocks};
use crate::platform::blocking::run_blocking;
use crate::platform::random::{new_id, random};
use crate::store::{PassRecord, Store, Vault};

/// 256 bits: too many to guess.
const SECRET_BYTES: usize = 32;

/// Limits the id of a model in a pass; the longest ids of services have about a hundred characters.
const MAX_MODEL_CHARS: usize = 256;
/// Limits an effort in a pass; the longest known one has seven characters.
const MAX_EFFORT_CHARS: usize = 64;
/// Limits the program in the name of a run's pass; longer names of programs are rare.
const MAX_PROGRAM_CHARS: usize = 40;
/// Limits the folder of a pass: the longest path of most systems.
const MAX_FOLDER_CHARS: usize = 4096;

/// The passes of one home.
pub struct Passes {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    runs: RunLocks,
}

/// The pass of a run, which ends with this, and with the process however that ends.
pub struct RunPass {
    /// The pass.
    pub pass: Arc<Pass>,
    /// Its secret.
    pub secret: Arc<PassSecret>,
    _lock: RunLock,
}

/// A snapshot of all passes, so that a lookup does not read the disk.
#[derive(Clone)]
pub struct KnownPasses {
    vault: Arc<Vault>,
    runs: RunLocks,
}

impl KnownPasses {
    /// Returns the pass with the secret `presented`, also one that has expired or whose run is over.
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

    /// Returns whether the run that `pass` was made for lasts. A pass that was made for none has no such end.
    ///
    /// Looks at a file of such a pass each time: its process can be killed at any moment.
    pub fn run_lasts(&self, pass: &Pass) -> Result<bool, Failure> {
        let Some(PassRun { of }) = &pass.run else { return Ok(true) };
        if of.as_ref().is_some_and(|of| !self.has(of)) {
            return Ok(false);
        }
        self.runs.is_held(&pass.id)
    }

    /// Returns the records without those of runs that are over. A run that cannot be checked counts as one that lasts.
    fn lasting(&self) -> impl Iterator<Item = &PassRecord> {
        self.vault.passes.iter().filter(|record| self.run_lasts(&record.pass).unwrap_or(true))
    }
}

impl Passes {
    /// Creates the passes of `store`.
    pub fn new(store: Arc<Store>, clock: Arc<dyn Clock>) -> Self {
        let runs = RunLocks::new(store.path().parent().unwrap_or(store.path()));
        Self { store, clock, runs }
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
        let named = move |pass: &mut Pass, others: &[&str]| {
            if others.contains(&name.as_str()) {
                return Err(name_taken(&name));
            }
            pass.name = name;
            Ok(())
        };
        let (record, ()) = self.save(scope, expires_at, None, named).await?;
        Ok((record.pass, record.secret))
    }

    /// Creates the pass of a run of `program`, which is over when what this returns is dropped or its process ends.
    ///
    /// With `of` it is valid only as long as the pass with that id is there.
    pub async fn create_for_run(
        &self,
        program: &str,
        scope: PassScope,
        expires_at: Option<UnixTime>,
        of: Option<String>,
    ) -> Result<RunPass, Failure> {
        let (runs, program) = (self.runs.clone(), program.to_owned());
        let (record, lock) = self
            .save(scope, expires_at, Some(PassRun { of }), move |pass, others| {
                pass.name = name_of_run(&program, others);
                runs.delete_free();
                // Before it is saved: nobody may see a pass of a run that seems to be over.
                runs.take(&pass.id)
            })
            .await?;
        Ok(RunPass { pass: record.pass, secret: record.secret, _lock: lock })
    }

    /// Saves a new pass, which `complete` names. It is given the names of the others, under the lock of the home.
    async fn save<T: Send + 'static>(
        &self,
        scope: PassScope,
        expires_at: Option<UnixTime>,
        run: Option<PassRun>,
        complete: impl FnOnce(&mut Pass, &[&str]) -> Result<T, Failure> + Send + 'static,
    ) -> Result<(PassRecord, T), Failure> {
        check_scope(&scope)?;
        let now = self.clock.now();
        let mut pass = Pass { id: new_id()?, name: String::new(), scope, created_at: now, expires_at, run };
        let secret = Arc::new(new_secret()?);
        let runs = self.runs.clone();
        self.store
            .change(move |vault| {
                // Those that let nobody in. Without this they would fill the store, and their names stay taken.
                vault.passes.retain(|other| {
                    let is_over = other.pass.run.is_some() && runs.is_held(&other.pass.id) == Ok(false);
                    !is_over && !other.pass.is_expired(now)
                });
                let others: Vec<&str> = vault.passes.iter().map(|other| other.pass.name.as_str()).collect();
                let made = complete(&mut pass, &others)?;
                let pass = Arc::new(pass);
                vault.passes.push(PassRecord { pass: Arc::clone(&pass), secret: Arc::clone(&secret) });
                Ok((PassRecord { pass, secret }, made))
            })
            .await?
    }

    /// Returns all passes in the order of their creation, without those of runs that are over.
    pub async fn list(&self) -> Result<Vec<Arc<Pass>>, Failure> {
        let known = self.read().await?;
        Ok(known.lasting().map(|record| Arc::clone(&record.pass)).collect())
    }

    /// Returns the secret of the pass `name`.
    pub async fn secret_of(&self, name: &str) -> Result<Arc<PassSecret>, Failure> {
        let known = self.read().await?;
        let found = known.lasting().find(|record| record.pass.name == name);
        found.map(|record| Arc::clone(&record.secret)).ok_or_else(|| unknown(name))
    }

    /// Changes what the pass with this id may be used for. Holds from its next request on.
    pub async fn change_scope(
        &self,
        id: &str,
        change: impl FnOnce(&mut PassScope) + Send + 'static,
    ) -> Result<Arc<Pass>, Failure> {
        let target = id.to_owned();
        let change = move |vault: &mut Vault| {
            let gone = || Failure::new(ErrorCode::BadUsage, "the pass was revoked");
            let record = vault.passes.iter_mut().find(|record| record.pass.id == target).ok_or_else(gone)?;
            let mut scope = record.pass.scope.clone();
            change(&mut scope);
            check_scope(&scope)?;
            Arc::make_mut(&mut record.pass).scope = scope;
            Ok(Arc::clone(&record.pass))
        };
        self.store.change(change).await?
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
        Ok(KnownPasses { vault: self.store.read()?, runs: self.runs.clone() })
    }

    async fn read(&self) -> Result<KnownPasses, Failure> {
        let (store, runs) = (Arc::clone(&self.store), self.runs.clone());
        run_blocking(move || Ok(KnownPasses { vault: store.read()?, runs })).await
    }

    /// Returns the ids of the passes whose runs last, sorted. Cheap enough to call several times a second.
    pub fn lasting_runs(&self) -> Vec<String> {
        self.runs.held()
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

/// Returns a name for the pass of a run of `program` that none of `others` has.
fn name_of_run(program: &str, others: &[&str]) -> String {
    let program: String = program.chars().filter(|one| !one.is_control()).take(MAX_PROGRAM_CHARS).collect();
    let name = format!("run: {}", program.trim());
    let numbered = (2..).map(|number: u32| format!("{name} {number}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    names.find(|name| !others.contains(&name.as_str())).unwrap_or(name)
}

fn name_taken(name: &str) -> Failure {
    Failure::new(ErrorCode::BadUsage, format!("a pass named {name} already exists; revoke it first"))
}

/// Checks the texts of a scope, of which every gateway keeps all passes in memory.
fn check_scope(scope: &PassScope) -> Result<(), Failure> {
    let texts = [("model", &scope.model, MAX_MODEL_CHARS), ("folder", &scope.folder, MAX_FOLDER_CHARS)];
    let of_roles = scope.roles.values().flat_map(|choice| {
        [("model", &choice.model, MAX_MODEL_CHARS), ("effort", &choice.effort, MAX_EFFORT_CHARS)]
    });
    for (what, text, most) in texts.into_iter().chain(of_roles) {
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
