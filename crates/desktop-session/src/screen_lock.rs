//! Locks all passes while the screen is locked, where the person wants that.
//!
//! Two services know of it: `logind` on the system bus (`LockedHint`, which GNOME sets), and `org.freedesktop.ScreenSaver` on
//! the session bus (Plasma and others). The screen counts as locked while one of them reports it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::sync::Notify;
use usher_app::App;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::zvariant::OwnedObjectPath;
use zbus::{Connection, MatchRule, Message, MessageStream, Proxy};

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

/// How long nothing is tried after no service was found, or both have gone.
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

/// Which of the two services reports a locked screen.
#[derive(Default)]
struct Reports {
    saver: bool,
    logind: bool,
}

/// Follows both services, until they have gone.
async fn follow(app: &App) {
    let (saver, logind) = tokio::join!(Saver::connect(), Logind::connect());
    if let Err(error) = &saver {
        tracing::info!(%error, "no service for the screen on the session bus");
    }
    if let Err(error) = &logind {
        tracing::info!(%error, "no service for the screen on the system bus");
    }
    let (mut saver, mut logind) = (saver.ok(), logind.ok());
    let mut reports = Reports::default();
    if let Some(service) = &saver {
        reports.saver = service.is_active().await;
    }
    if let Some(service) = &logind {
        reports.logind = service.is_locked().await.unwrap_or(false);
    }
    while saver.is_some() || logind.is_some() {
        set_locked(app, reports.saver || reports.logind);
        let (of_saver, of_logind) = tokio::select! {
            signal = next_of(&mut saver) => (signal, None),
            signal = next_of(&mut logind) => (None, signal),
        };
        if let Some(active) = of_saver.and_then(|signal| signal.body().deserialize().ok()) {
            reports.saver = active;
        }
        // A session that cannot be asked is as it was.
        if let (Some(_), Some(service)) = (of_logind, &logind)
            && let Ok(locked) = service.is_locked().await
        {
            reports.logind = locked;
        }
    }
    tokio::time::sleep(RETRY_INTERVAL).await;
}

/// Locks or unlocks, unless that is done. A lock that the person made stays.
fn set_locked(app: &App, locked: bool) {
    if let Err(failure) = app.pass_lock.set_locked_with_screen(locked) {
        tracing::error!(cause = %failure, locked, "the passes do not follow the screen");
    }
}

/// A service that reports whether the screen is locked.
trait Service {
    /// Returns its signals that something has changed.
    fn signals(&mut self) -> &mut MessageStream;
}

/// Waits for the next signal of a service; without one forever. One that has gone is dropped, and its last report stands.
///
/// Nothing is lost when the wait is given up for another one.
async fn next_of(service: &mut Option<impl Service>) -> Option<Message> {
    let Some(running) = service.as_mut() else { return std::future::pending().await };
    let next = running.signals().next().await.and_then(Result::ok);
    if next.is_none() {
        *service = None;
    }
    next
}

/// `org.freedesktop.ScreenSaver`.
struct Saver {
    connection: Connection,
    signals: MessageStream,
}

impl Saver {
    async fn connect() -> zbus::Result<Self> {
        let connection = connect(Which::Session).await?;
        let rule = MatchRule::builder().msg_type(zbus::message::Type::Signal);
        let rule = rule.sender(SAVER)?.interface(SAVER)?.member("ActiveChanged")?.build();
        let signals = MessageStream::for_match_rule(rule, &connection, Some(MAX_WAITING)).await?;
        Ok(Self { connection, signals })
    }

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
    fn signals(&mut self) -> &mut MessageStream {
        &mut self.signals
    }
}

/// `logind`.
struct Logind {
    session: Proxy<'static>,
    changes: MessageStream,
}

impl Logind {
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
        let session = zbus::proxy::Builder::new(&connection)
            .destination(LOGIND)?
            .path(path)?
            .interface(LOGIND_SESSION)?
            // Asked each time: a change may come without the new value.
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()
            .await?;
        Ok(Self { session, changes })
    }

    async fn is_locked(&self) -> zbus::Result<bool> {
        self.session.get_property("LockedHint").await
    }
}

impl Service for Logind {
    fn signals(&mut self) -> &mut MessageStream {
        &mut self.changes
    }
}
