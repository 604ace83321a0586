//! Locks all passes while the screen is locked, where the person wants that.
//!
//! Two services know of it: `logind` on the system bus (`LockedHint`, which GNOME sets), and `org.freedesktop.ScreenSaver` on
//! the session bus (Plasma and others). The screen counts as locked while one of them reports it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use parking_lot::Mutex;
use tokio::sync::Notify;
use usher_app::App;
use zbus::fdo::{DBusProxy, NameOwnerChangedStream};
use zbus::names::BusName;
use zbus::zvariant::OwnedObjectPath;
use zbus::{Connection, MatchRule, MessageStream, Proxy};

use crate::bus::{Which, connect};

const SAVER: &str = "org.freedesktop.ScreenSaver";
const SAVER_PATH: &str = "/org/freedesktop/ScreenSaver";
const LOGIND: &str = "org.freedesktop.login1";
const LOGIND_PATH: &str = "/org/freedesktop/login1";
/// The session of whoever asks.
const OWN_SESSION_PATH: &str = "/org/freedesktop/login1/session/auto";
const LOGIND_MANAGER: &str = "org.freedesktop.login1.Manager";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const LOGIND_SESSION: &str = "org.freedesktop.login1.Session";

/// How long a service is not looked for again that was not found, or has gone.
const RETRY_INTERVAL: Duration = Duration::from_secs(60);

/// How many signals may wait.
const MAX_WAITING: usize = 16;

/// Follows the screen until the process ends. `changed` is notified after each change of the home. Connects to no bus while
/// the person does not want it.
pub async fn follow_screen_lock(app: Arc<App>, changed: Arc<Notify>) {
    loop {
        match app.preferences.locks_with_screen() {
            Some(true) => tokio::select! {
                () = follow(&app) => {}
                () = until_unwanted(&app, &changed) => {}
            },
            Some(false) => {
                // What the screen locked stays locked for nobody.
                set_locked(&app, false);
                changed.notified().await;
            }
            None => changed.notified().await,
        }
    }
}

/// Waits until the person does not want it any more.
async fn until_unwanted(app: &App, changed: &Notify) {
    while app.preferences.locks_with_screen() != Some(false) {
        changed.notified().await;
    }
}

/// Follows both services, each for itself. Never ends.
async fn follow(app: &App) {
    let reports = Reports { app, last: Mutex::default() };
    tokio::join!(
        follow_service::<Saver>(|active| reports.set(|last| last.saver = Some(active))),
        follow_service::<Logind>(|locked| reports.set(|last| last.logind = Some(locked))),
    );
}

/// Whether the two services report a locked screen.
struct Reports<'a> {
    app: &'a App,
    last: Mutex<LastReports>,
}

#[derive(Default)]
struct LastReports {
    /// `None` until it was asked.
    saver: Option<bool>,
    logind: Option<bool>,
    /// What both together were last, if the passes follow that.
    both: Option<bool>,
}

impl Reports<'_> {
    /// Changes one of the reports. Locks or unlocks when both together report something else than before: what the person
    /// unlocked meanwhile stays unlocked.
    fn set(&self, change: impl FnOnce(&mut LastReports)) {
        let mut last = self.last.lock();
        change(&mut last);
        let locked = match (last.saver, last.logind) {
            (Some(true), _) | (_, Some(true)) => true,
            (Some(false), Some(false)) => false,
            // The other one may know of a locked screen.
            _ => return,
        };
        if last.both != Some(locked) {
            last.both = set_locked(self.app, locked).then_some(locked);
        }
    }
}

/// Locks or unlocks, unless that is done. Returns whether it is. A lock that the person made stays.
fn set_locked(app: &App, locked: bool) -> bool {
    let done = app.pass_lock.set_locked_with_screen(locked);
    if let Err(failure) = &done {
        tracing::error!(cause = %failure, locked, "the passes do not follow the screen");
    }
    done.is_ok()
}

/// A service that reports whether the screen is locked.
trait Service: Sized {
    /// Connects to its bus.
    async fn connect() -> zbus::Result<Self>;

    /// Calls `report` with what it reports now and with each change, until its bus has gone.
    async fn follow(self, report: &impl Fn(bool));
}

/// Follows a service. One that is not there or has gone reports no locked screen, and is looked for again.
async fn follow_service<S: Service>(report: impl Fn(bool)) {
    loop {
        match S::connect().await {
            Ok(service) => service.follow(&report).await,
            Err(error) => tracing::debug!(%error, "a service for the screen cannot be reached"),
        }
        report(false);
        tokio::time::sleep(RETRY_INTERVAL).await;
    }
}

/// Returns the changes of who has the name of a service on its bus.
async fn owners(connection: &Connection, name: &'static str) -> zbus::Result<NameOwnerChangedStream> {
    DBusProxy::new(connection).await?.receive_name_owner_changed_with_args(&[(0, name)]).await
}

/// `org.freedesktop.ScreenSaver`.
struct Saver {
    connection: Connection,
    signals: MessageStream,
    owners: NameOwnerChangedStream,
}

impl Saver {
    /// Returns whether it is active now. The bus is not to start one for the question.
    async fn is_active(&self) -> bool {
        let active = async {
            let bus = DBusProxy::new(&self.connection).await?;
            if !bus.name_has_owner(BusName::try_from(SAVER)?).await? {
                return Ok(false);
            }
            Proxy::new(&self.connection, SAVER, SAVER_PATH, SAVER).await?.call("GetActive", &()).await
        };
        let active: zbus::Result<bool> = active.await;
        active.unwrap_or(false)
    }
}

impl Service for Saver {
    async fn connect() -> zbus::Result<Self> {
        let connection = connect(Which::Session).await?;
        let rule = MatchRule::builder().msg_type(zbus::message::Type::Signal);
        let rule = rule.sender(SAVER)?.interface(SAVER)?.member("ActiveChanged")?.build();
        let signals = MessageStream::for_match_rule(rule, &connection, Some(MAX_WAITING)).await?;
        let owners = owners(&connection, SAVER).await?;
        Ok(Self { connection, signals, owners })
    }

    async fn follow(mut self, report: &impl Fn(bool)) {
        report(self.is_active().await);
        loop {
            tokio::select! {
                signal = self.signals.next() => match signal {
                    Some(Ok(signal)) => if let Ok(active) = signal.body().deserialize() { report(active) },
                    _ => return,
                },
                owner = self.owners.next() => match owner {
                    Some(_) => report(self.is_active().await),
                    None => return,
                },
            }
        }
    }
}

/// `logind`.
struct Logind {
    session: Proxy<'static>,
    changes: MessageStream,
    owners: NameOwnerChangedStream,
}

impl Logind {
    async fn is_locked(&self) -> zbus::Result<bool> {
        self.session.get_property("LockedHint").await
    }
}

impl Service for Logind {
    async fn connect() -> zbus::Result<Self> {
        let connection = connect(Which::System).await?;
        let own = Proxy::new(&connection, LOGIND, OWN_SESSION_PATH, LOGIND_SESSION).await?;
        let id: String = own.get_property("Id").await?;
        let manager = Proxy::new(&connection, LOGIND, LOGIND_PATH, LOGIND_MANAGER).await?;
        // Signals come from this path, and not from that of the own session.
        let path: OwnedObjectPath = manager.call("GetSession", &(id,)).await?;
        let rule =
            MatchRule::builder().msg_type(zbus::message::Type::Signal).sender(LOGIND)?.path(path.clone())?;
        let rule = rule.interface(PROPERTIES)?.member("PropertiesChanged")?.arg(0, LOGIND_SESSION)?.build();
        let changes = MessageStream::for_match_rule(rule, &connection, Some(MAX_WAITING)).await?;
        let owners = owners(&connection, LOGIND).await?;
        let session = zbus::proxy::Builder::new(&connection)
            .destination(LOGIND)?
            .path(path)?
            .interface(LOGIND_SESSION)?
            // Asked each time: a change may come without the new value.
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()
            .await?;
        Ok(Self { session, changes, owners })
    }

    async fn follow(mut self, report: &impl Fn(bool)) {
        report(self.is_locked().await.unwrap_or(false));
        loop {
            tokio::select! {
                change = self.changes.next() => match change {
                    // A session that cannot be asked is as it was.
                    Some(Ok(_)) => if let Ok(locked) = self.is_locked().await { report(locked) },
                    _ => return,
                },
                owner = self.owners.next() => match owner {
                    Some(_) => report(self.is_locked().await.unwrap_or(false)),
                    None => return,
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::time::Instant;

    use super::*;

    thread_local! {
        static CONNECTED: Cell<usize> = const { Cell::new(0) };
    }

    /// A service that comes a minute late, reports a locked screen and goes.
    struct Late;

    impl Service for Late {
        async fn connect() -> zbus::Result<Self> {
            let before = CONNECTED.replace(CONNECTED.get() + 1);
            if before == 0 { Err(zbus::Error::InvalidReply) } else { Ok(Self) }
        }

        async fn follow(self, report: &impl Fn(bool)) {
            report(true);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn service_is_looked_for_each_minute_and_reports_nothing_meanwhile() {
        let (began, reports) = (Instant::now(), Mutex::new(Vec::new()));
        let following =
            follow_service::<Late>(|locked| reports.lock().push((began.elapsed().as_secs(), locked)));
        assert!(tokio::time::timeout(Duration::from_secs(90), following).await.is_err());
        assert_eq!(*reports.lock(), [(0, false), (60, true), (60, false)]);
    }
}
