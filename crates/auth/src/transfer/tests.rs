//! What is moved and what is not, files of somebody else, and moves that were interrupted.

use std::time::Duration;

use tempfile::TempDir;
use usher_domain::{AccountId, RefreshToken, SignInRoute};

use super::file::seal;
use super::payload::PayloadOf;
use super::*;
use crate::store::key::passphrase::PassphraseSeal;
use crate::store::{Attempt, Ended, KeyStorage, SignIn, StoreConfig, sign_in};

const NOON: UnixTime = UnixTime(43_200);

fn passphrase() -> Arc<Passphrase> {
    Arc::new(Passphrase::new("seven lanterns over the bay"))
}

fn endpoints() -> Endpoints {
    Endpoints::parse(Endpoints::ISSUER, Endpoints::BACKEND).unwrap()
}

/// A home, with the folder in which files come and go.
struct Computer {
    folder: TempDir,
    transfers: Arc<Transfers>,
}

impl Computer {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = StoreConfig { storage: KeyStorage::File, passphrase: None };
        let store = Arc::new(Store::new(folder.path(), "home", config, Arc::new(|| NOON)));
        Self { transfers: Arc::new(Transfers::new(store, endpoints(), Arc::new(|| NOON))), folder }
    }

    fn with(sign_ins: Vec<SignIn>) -> Self {
        let computer = Self::new();
        computer.change(|vault| {
            for sign_in in sign_ins {
                drop(vault.put(sign_in));
            }
        });
        computer
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vault) -> T) -> T {
        let guard = self.transfers.store.lock().acquire_blocking(Duration::ZERO).unwrap();
        self.transfers.store.update(&guard, change).unwrap()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn send(&self, file: &Path) -> Result<Sent, Failure> {
        let request = TransferRequest {
            file: file.to_owned(),
            passphrase: passphrase(),
            settings: "language = \"de\"\n".into(),
            with_sign_ins: true,
        };
        self.transfers.send(request).await
    }

    async fn receive(&self, file: &Path) -> Result<(), Failure> {
        let received = self.transfers.receive(file.to_owned(), passphrase(), false).await?;
        self.transfers.finish(&received).await
    }

    /// Returns whether a sign-in can be used here, and whether its refresh token is here.
    fn uses(&self, account: &AccountId) -> (bool, bool) {
        let vault = self.transfers.store.read().unwrap();
        let sign_in = vault.sign_in(account);
        (sign_in.is_some_and(|one| one.ended.is_none()), sign_in.is_some_and(|one| one.refresh.is_some()))
    }
}

fn user(name: &str) -> SignIn {
    let mut one = sign_in(name);
    one.refresh = Some(RefreshToken::new(format!("refresh of {name}")));
    one
}

/// A file that somebody made with a program of their own.
fn forged(path: &Path, sign_ins: Vec<&SignIn>) {
    let payload =
        PayloadOf { id: "forged", made_at: UnixTime(1), settings: "", active: None, sign_ins, keys: vec![] };
    let key = PassphraseSeal::new(&passphrase()).unwrap();
    std::fs::write(path, seal(&key, "forged", &payload.to_bytes()).unwrap()).unwrap();
}

#[tokio::test]
async fn only_sign_ins_that_another_computer_can_use_leave() {
    use StaysBecause as Why;
    let moved = user("moved");
    let mut plan = user("plan");
    plan.account.route = SignInRoute::PlanUsage;
    let mut ended = user("ended");
    ended.ended = Some(Ended { code: ErrorCode::SignInExpired, cause: String::new() });
    let mut interrupted = user("interrupted");
    interrupted.attempt = Some(Attempt { at: UnixTime(1) });
    let mut other = user("other");
    other.endpoints = Endpoints::parse("https://other.example", Endpoints::BACKEND).unwrap();
    let ids = [&plan, &ended, &interrupted, &other].map(|one| one.account.id());
    let gone = moved.account.id();
    let old = Computer::with(vec![moved, plan, ended, interrupted, other]);
    let file = old.file("transfer.json");
    let sent = old.send(&file).await.unwrap();
    assert_eq!(sent.accounts.iter().map(Account::id).collect::<Vec<_>>(), std::slice::from_ref(&gone));
    let stays: Vec<_> = sent.stays.iter().map(|(account, why)| (account.id(), *why)).collect();
    let reasons = [Why::OfThisComputer, Why::Ended, Why::RefreshInterrupted, Why::OtherAddress];
    assert_eq!(stays, ids.clone().into_iter().zip(reasons).collect::<Vec<_>>());
    assert_eq!(old.uses(&gone), (false, false), "it is erased");
    assert!(ids.iter().all(|id| old.uses(id).1), "what stays is as it was");
    let new = Computer::new();
    new.receive(&file).await.unwrap();
    assert_eq!(new.uses(&gone), (true, true));
}

#[tokio::test]
async fn forged_file_is_refused_and_stays_as_it_is() {
    let computer = Computer::new();
    let file = computer.file("forged.json");
    let mut foreign = user("ada");
    foreign.endpoints = Endpoints::parse(Endpoints::ISSUER, "https://other.example/api").unwrap();
    let mut plan = user("ada");
    plan.account.route = SignInRoute::PlanUsage;
    let mut ended = user("ada");
    ended.ended = Some(Ended { code: ErrorCode::SignInMoved, cause: String::new() });
    let (first, second) = (user("ada"), user("ada"));
    for sign_ins in [vec![&foreign], vec![&plan], vec![&ended], vec![&first, &second]] {
        forged(&file, sign_ins);
        let refused = computer.receive(&file).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::TransferUnusable, "{refused}");
        assert!(file.exists() && !computer.file("secrets.usher").exists());
    }
    forged(&file, vec![&first]);
    computer.receive(&file).await.unwrap();
    assert!(computer.uses(&first.account.id()).0, "the control is taken");
}

/// The first file must not be forgotten: nobody else has what was in it.
#[tokio::test]
async fn second_file_waits_for_one_that_was_taken_and_not_finished() {
    let (ada, eve) = (Computer::with(vec![user("ada")]), Computer::with(vec![user("eve")]));
    let new = Computer::new();
    let (first, second) = (new.file("first.json"), new.file("second.json"));
    ada.send(&first).await.unwrap();
    eve.send(&second).await.unwrap();
    new.transfers.receive(first.clone(), passphrase(), false).await.unwrap();
    let refused = new.receive(&second).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::TransferUnusable, "{refused}");
    assert!(refused.cause.contains("first.json") && second.exists(), "{refused}");
    new.receive(&first).await.unwrap();
    new.receive(&second).await.unwrap();
    for name in ["ada", "eve"] {
        assert!(new.uses(&user(name).account.id()).0, "{name}");
    }
}

#[tokio::test]
async fn interrupted_move_is_taken_back_where_its_file_is_or_a_person_says_so() {
    let account = user("ada").account.id();
    let interrupted = |computer: &Computer| {
        computer.change(|vault| {
            let sign_in = vault.sign_in_mut(&account).unwrap();
            sign_in.ended = Some(Ended { code: ErrorCode::SignInMoved, cause: String::new() });
            vault.leaving = Some(crate::store::Leaving {
                id: "forged".into(),
                path: resolved(&computer.file("transfer.json")).unwrap().to_string_lossy().into_owned(),
                at: UnixTime(1),
                accounts: vec![account.clone()],
                keys: vec![],
            });
        });
    };
    let old = Computer::with(vec![user("ada")]);
    interrupted(&old);
    let refused = old.transfers.take_back(false).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::TransferUnusable, "{refused}");
    assert_eq!(old.uses(&account), (false, true), "it stays frozen");
    assert_eq!(old.transfers.take_back(true).await, Ok(1));
    assert_eq!(old.uses(&account), (true, true));

    interrupted(&old);
    forged(&old.file("transfer.json"), vec![]);
    assert_eq!(old.transfers.take_back(false).await, Ok(1));
    assert!(!old.file("transfer.json").exists(), "nobody can open it any more");

    interrupted(&old);
    std::fs::write(old.file("transfer.json"), "something else").unwrap();
    assert_eq!(old.transfers.take_back(false).await.unwrap_err().code, ErrorCode::TransferUnusable);
    assert_eq!(std::fs::read(old.file("transfer.json")).unwrap(), b"something else");

    // A sign-in that was made meanwhile is another one.
    old.change(|vault| drop(vault.put(user("ada"))));
    assert_eq!(old.transfers.take_back(true).await, Ok(0));
    assert_eq!(old.uses(&account), (true, true));
}

/// A move keeps the path as text, by which it goes on: with another text it would not find its own file.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn path_that_is_no_text_is_refused_before_the_move_begins() {
    use std::os::unix::ffi::OsStrExt as _;
    let old = Computer::with(vec![user("ada")]);
    let file = old.folder.path().join(std::ffi::OsStr::from_bytes(b"c\xff.json"));
    let refused = old.send(&file).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::BadUsage);
    assert!(refused.cause.contains("not in UTF-8"), "{refused}");
    assert_eq!(old.transfers.interrupted().await.unwrap(), None);
    std::fs::write(&file, "{}").unwrap();
    assert!(old.transfers.inspect(file, passphrase()).await.is_err());
}
