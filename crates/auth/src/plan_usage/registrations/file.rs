//! `registrations.toml`: a plain file, so that a lost keyring does not register Usher a second time.
//!
//! There is no secret in it, but the person's e-mail address: only this user can read it. It is replaced completely or
//! not at all, under the lock of the home. Comments and fields that this version does not know are kept; a file of a
//! later format, or one that is damaged, is refused and never overwritten, because what is lost with it is an app in the
//! person's account that nobody knows any more.

use std::path::{Path, PathBuf};

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};
use usher_domain::{ErrorCode, Failure};

use super::client_id::IssuedClientId;
use super::host_id::HostId;
use super::record::Registration;
use crate::platform::atomic_file::remove_temporaries;
use crate::store::file;
use crate::store::lock::LockGuard;

const FILE: &str = "registrations.toml";
/// A registration has at most a kilobyte.
const MAX_BYTES: usize = 1024 * 1024;
/// The format that is written. A higher one was written by a later version of Usher.
const VERSION: i64 = 1;

const VERSION_KEY: &str = "version";
const HOST_ID: &str = "host_id";
const MACHINE: &str = "machine";
const REGISTRATION: &str = "registration";

const HEAD: &str = "\
# How ChatGPT knows this installation of Usher. No secret is in here.
# Keep this file: without it, the next sign-in adds Usher to the ChatGPT account a second time.
";

/// The file with the host id and the registrations.
#[derive(Debug)]
pub struct RegistrationFile {
    path: PathBuf,
    machine_id: Option<String>,
}

impl RegistrationFile {
    /// Returns the file in `folder`, that of the settings. Nothing is read or written yet.
    ///
    /// `machine_id` identifies the computer; without one, a copy on another computer is not recognized.
    pub fn new(folder: &Path, machine_id: Option<String>) -> Self {
        Self { path: folder.join(FILE), machine_id: machine_id.filter(|id| !id.trim().is_empty()) }
    }

    /// Returns where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the registrations, oldest first. Needs no lock, because the file is replaced as one.
    pub fn read(&self) -> Result<Vec<Registration>, Failure> {
        Ok(self.load()?.registrations)
    }

    /// Returns the host id, which is made and saved first if there is none, or if it is another computer's.
    ///
    /// A copied home would otherwise be the same host on two computers (siwc §2). Its registrations stay: one may be used
    /// from several hosts of the person.
    pub fn host_id(&self, guard: &LockGuard) -> Result<HostId, Failure> {
        let Content { mut document, host_id, machine, .. } = self.load()?;
        let hash_here = |host_id: &HostId| self.machine_id.as_deref().map(|id| host_id.machine_hash(id));
        if let Some(known) = host_id {
            match (&machine, hash_here(&known)) {
                // Saved where the computer could not be identified: it is the first one that can.
                (None, Some(here)) => {
                    document[MACHINE] = value(here);
                    self.save(guard, &document)?;
                    return Ok(known);
                }
                (_, None) => return Ok(known),
                (Some(saved), Some(here)) if *saved == here => return Ok(known),
                (Some(_), Some(_)) => {}
            }
        }
        let made = HostId::generate()?;
        document[HOST_ID] = value(made.to_urn());
        match hash_here(&made) {
            Some(hash) => document[MACHINE] = value(hash),
            None => drop(document.remove(MACHINE)),
        }
        self.save(guard, &document)?;
        Ok(made)
    }

    /// Saves a registration; one whose client id is known stays as it is.
    ///
    /// Called before the code is exchanged: if that fails, the next attempt has to use the issued id (siwc §2).
    pub fn add(&self, guard: &LockGuard, registration: &Registration) -> Result<(), Failure> {
        let Content { mut document, registrations, .. } = self.load()?;
        if registrations.iter().any(|known| known.client_id == registration.client_id) {
            return Ok(());
        }
        let mut table = Table::new();
        registration.write(&mut table);
        let tables = document.entry(REGISTRATION).or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        let tables = tables.as_array_of_tables_mut().ok_or_else(|| self.damaged(REGISTRATION))?;
        tables.push(table);
        self.save(guard, &document)
    }

    /// Removes a registration of which no ID token was verified; any other one stays.
    pub(in crate::plan_usage) fn remove_unconfirmed(
        &self,
        guard: &LockGuard,
        client_id: &IssuedClientId,
    ) -> Result<(), Failure> {
        let Content { mut document, registrations, .. } = self.load()?;
        let is_meant = |one: &Registration| one.client_id == *client_id && one.subject.is_none();
        let position = registrations.iter().position(is_meant);
        let tables = document.get_mut(REGISTRATION).and_then(Item::as_array_of_tables_mut);
        let Some((position, tables)) = position.zip(tables) else { return Ok(()) };
        tables.remove(position);
        self.save(guard, &document)
    }

    /// Saves whose registration it is, after an ID token was verified. `email` is a label.
    ///
    /// Fails with [`ErrorCode::OtherAccount`], and saves nothing, if it is another person's already.
    pub fn set_person(
        &self,
        guard: &LockGuard,
        client_id: &IssuedClientId,
        subject: &str,
        email: Option<String>,
    ) -> Result<(), Failure> {
        self.change(guard, client_id, |registration| registration.set_person(subject, email))
    }

    /// Saves that the user was shown that the plan is used (siwc §13).
    pub fn set_welcome_shown(&self, guard: &LockGuard, client_id: &IssuedClientId) -> Result<(), Failure> {
        self.change(guard, client_id, |registration| {
            Ok(!std::mem::replace(&mut registration.welcome_shown, true))
        })
    }

    /// Changes a registration; `change` returns whether there is something to save.
    fn change(
        &self,
        guard: &LockGuard,
        client_id: &IssuedClientId,
        change: impl FnOnce(&mut Registration) -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        let Content { mut document, mut registrations, .. } = self.load()?;
        let position = registrations.iter().position(|known| known.client_id == *client_id);
        let tables = document.get_mut(REGISTRATION).and_then(Item::as_array_of_tables_mut);
        let place = position.zip(tables).and_then(|(position, tables)| {
            Some((registrations.get_mut(position)?, tables.get_mut(position)?))
        });
        let Some((registration, table)) = place else {
            let cause = format!("{} has no registration {client_id}", self.path.display());
            return Err(Failure::new(ErrorCode::StoreUnavailable, cause));
        };
        if change(registration)? {
            registration.write(table);
            self.save(guard, &document)?;
        }
        Ok(())
    }

    /// Reads all that this version knows, so that a file with damage anywhere is refused for every use.
    fn load(&self) -> Result<Content, Failure> {
        let document = self.parse()?;
        let text = |name| match document.get(name) {
            None => Ok(None),
            Some(item) => item.as_str().map(Some).ok_or_else(|| self.damaged(name)),
        };
        let host_id = text(HOST_ID)?.map(|text| HostId::parse(text).ok_or_else(|| self.damaged(HOST_ID)));
        let registrations = match document.get(REGISTRATION).map(Item::as_array_of_tables) {
            None => Some(Vec::new()),
            Some(tables) => tables.and_then(|tables| tables.iter().map(Registration::read).collect()),
        };
        Ok(Content {
            host_id: host_id.transpose()?,
            machine: text(MACHINE)?.map(str::to_owned),
            registrations: registrations.ok_or_else(|| self.damaged(REGISTRATION))?,
            document,
        })
    }

    fn parse(&self) -> Result<DocumentMut, Failure> {
        let Some(bytes) = file::read(&self.path, MAX_BYTES)? else { return Ok(empty()) };
        let text = String::from_utf8(bytes).map_err(|_| self.damaged("text"))?;
        let document: DocumentMut = text.parse().map_err(|_| self.damaged("TOML"))?;
        match document.get(VERSION_KEY).and_then(Item::as_integer) {
            Some(VERSION) => Ok(document),
            Some(version) if version > VERSION => Err(self.refused("a later version of Usher wrote it")),
            _ => Err(self.damaged(VERSION_KEY)),
        }
    }

    fn save(&self, _guard: &LockGuard, document: &DocumentMut) -> Result<(), Failure> {
        remove_temporaries(&self.path);
        self.path.parent().map_or(Ok(()), file::make_folder)?;
        file::replace(&self.path, document.to_string().as_bytes())
    }

    fn damaged(&self, what: &str) -> Failure {
        self.refused(&format!("it is damaged (at: {what}); correct it, or put a copy back"))
    }

    fn refused(&self, why: &str) -> Failure {
        let cause = format!("{} is not used, because {why}. Nothing was changed", self.path.display());
        Failure::new(ErrorCode::StoreUnavailable, cause)
    }
}

/// What the file has.
struct Content {
    document: DocumentMut,
    host_id: Option<HostId>,
    machine: Option<String>,
    registrations: Vec<Registration>,
}

fn empty() -> DocumentMut {
    format!("{HEAD}{VERSION_KEY} = {VERSION}\n").parse().expect("comments and a number are TOML")
}
