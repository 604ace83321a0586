//! `logind` on the system bus, which knows of each session whether it is locked.
//!
//! A process that stays can outlive the session that it follows, and see another one begin.

use futures_util::StreamExt as _;
use zbus::fdo::NameOwnerChangedStream;
use zbus::proxy::CacheProperties;
use zbus::zvariant::{DeserializeDict, DynamicDeserialize, OwnedObjectPath, Type};
use zbus::{Connection, MatchRule, Message, MessageStream, Proxy};

use crate::bus::{Which, connect};
use crate::screen_lock::service::{MAX_WAITING, Service, owners};

const LOGIND: &str = "org.freedesktop.login1";
const MANAGER_PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
/// The session of whoever asks; for a service that has none, mostly that of the person's display.
const OWN_SESSION_PATH: &str = "/org/freedesktop/login1/session/auto";
const SESSION: &str = "org.freedesktop.login1.Session";
/// The person who asks.
const OWN_USER_PATH: &str = "/org/freedesktop/login1/user/self";
const USER: &str = "org.freedesktop.login1.User";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// `logind`.
pub(super) struct Logind {
    connection: Connection,
    /// Of the manager: of sessions that begin or end, among others.
    signals: MessageStream,
    owners: NameOwnerChangedStream,
}

impl Service for Logind {
    async fn connect() -> zbus::Result<Self> {
        let connection = connect(Which::System).await?;
        let rule = MatchRule::builder().msg_type(zbus::message::Type::Signal);
        let rule = rule.sender(LOGIND)?.path(MANAGER_PATH)?.interface(MANAGER)?.build();
        let signals = MessageStream::for_match_rule(rule, &connection, Some(MAX_WAITING)).await?;
        let owners = owners(&connection, LOGIND).await?;
        Ok(Self { connection, signals, owners })
    }

    async fn follow(mut self, report: &impl Fn(bool)) {
        loop {
            let session = match Session::to_follow(&self.connection).await {
                Ok(session) => session,
                // Asked again later.
                Err(error) => return tracing::warn!(%error, "which session has the screen is not known"),
            };
            report(is_locked(session.as_ref()).await.unwrap_or(false));
            if !self.follow_session(session, report).await {
                return;
            }
        }
    }
}

impl Logind {
    /// Reports each change of a session until another one may be the one to follow. Returns whether the bus is still there.
    async fn follow_session(&mut self, mut session: Option<Session>, report: &impl Fn(bool)) -> bool {
        loop {
            tokio::select! {
                change = next_change(session.as_mut()) => match change {
                    // A session that cannot be asked is as it was.
                    Some(Ok(_)) => if let Ok(locked) = is_locked(session.as_ref()).await { report(locked) },
                    _ => return false,
                },
                signal = self.signals.next() => match signal {
                    Some(Ok(_)) => if self.is_replaced(session.as_ref()).await { return true },
                    _ => return false,
                },
                owner = self.owners.next() => return owner.is_some(),
            }
        }
    }

    /// Returns whether another session than this one is the one to follow. While that cannot be asked, it is not.
    async fn is_replaced(&self, session: Option<&Session>) -> bool {
        let path = path_to_follow(&self.connection).await;
        path.is_ok_and(|path| path.as_deref() != session.map(|session| session.proxy.path()))
    }
}

/// A session that is followed.
struct Session {
    proxy: Proxy<'static>,
    changes: MessageStream,
}

impl Session {
    /// Returns the session to follow; `None` while there is none with a screen.
    async fn to_follow(connection: &Connection) -> zbus::Result<Option<Self>> {
        match path_to_follow(connection).await? {
            Some(path) => Self::at(connection, path).await.map(Some),
            None => Ok(None),
        }
    }

    async fn at(connection: &Connection, path: OwnedObjectPath) -> zbus::Result<Self> {
        let rule = MatchRule::builder().msg_type(zbus::message::Type::Signal);
        let rule = rule.sender(LOGIND)?.path(path.clone())?.interface(PROPERTIES)?;
        let rule = rule.member("PropertiesChanged")?.arg(0, SESSION)?.build();
        let changes = MessageStream::for_match_rule(rule, connection, Some(MAX_WAITING)).await?;
        let proxy = zbus::proxy::Builder::new(connection)
            .destination(LOGIND)?
            .path(path)?
            .interface(SESSION)?
            // Asked each time: a change may come without the new value.
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        Ok(Self { proxy, changes })
    }
}

/// Waits for the next change of a session.
async fn next_change(session: Option<&mut Session>) -> Option<zbus::Result<Message>> {
    match session {
        Some(session) => session.changes.next().await,
        None => std::future::pending().await,
    }
}

/// Returns whether the screen of a session is locked.
async fn is_locked(session: Option<&Session>) -> zbus::Result<bool> {
    match session {
        Some(session) => session.proxy.get_property("LockedHint").await,
        None => Ok(false),
    }
}

/// What `logind` knows of a session.
#[derive(DeserializeDict, Type)]
#[zvariant(signature = "a{sv}", rename_all = "PascalCase")]
struct SessionProperties {
    id: String,
    class: String,
    #[zvariant(rename = "Type")]
    kind: String,
    state: String,
    seat: (String, OwnedObjectPath),
}

impl SessionProperties {
    /// Returns whether the person can have a screen in this session: not over SSH, nor in one that is closing.
    fn has_screen(&self) -> bool {
        let is_graphical = !matches!(self.kind.as_str(), "tty" | "unspecified");
        let has_seat = !self.seat.0.is_empty();
        self.class == "user" && self.state != "closing" && (is_graphical || has_seat)
    }
}

/// What `logind` knows of a person.
#[derive(DeserializeDict, Type)]
#[zvariant(signature = "a{sv}", rename_all = "PascalCase")]
struct UserProperties {
    /// The session that is foremost; without an id where there is none.
    display: (String, OwnedObjectPath),
}

/// Returns the path of the session to follow: the own one, or that of the person's display where the own one has no screen.
async fn path_to_follow(connection: &Connection) -> zbus::Result<Option<OwnedObjectPath>> {
    let own: Option<SessionProperties> = properties(connection, OWN_SESSION_PATH, SESSION).await?;
    let Some(own) = own.filter(SessionProperties::has_screen) else {
        return path_of_display(connection).await;
    };
    let manager = Proxy::new(connection, LOGIND, MANAGER_PATH, MANAGER).await?;
    // Signals come from this path, and not from that of the own session.
    manager.call("GetSession", &(own.id,)).await.map(Some)
}

/// Returns the path of the session of the person's display; `None` where that has no screen.
async fn path_of_display(connection: &Connection) -> zbus::Result<Option<OwnedObjectPath>> {
    let user: Option<UserProperties> = properties(connection, OWN_USER_PATH, USER).await?;
    let Some((_, path)) = user.map(|user| user.display).filter(|(id, _)| !id.is_empty()) else {
        return Ok(None);
    };
    let display: Option<SessionProperties> = properties(connection, path.as_str(), SESSION).await?;
    Ok(display.is_some_and(|display| display.has_screen()).then_some(path))
}

/// Returns the properties of an object of `logind`; `None` where there is none.
async fn properties<T>(connection: &Connection, path: &str, interface: &str) -> zbus::Result<Option<T>>
where
    T: for<'d> DynamicDeserialize<'d>,
{
    let object = Proxy::new(connection, LOGIND, path, PROPERTIES).await?;
    match object.call("GetAll", &(interface,)).await {
        Err(zbus::Error::MethodError(..)) => Ok(None),
        properties => properties.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_has_a_screen_with_a_desktop_or_a_seat_until_it_closes() {
        let has_screen = |class: &str, kind: &str, state: &str, seat: &str| {
            let seat = (seat.to_owned(), OwnedObjectPath::default());
            let (class, kind, state) = (class.to_owned(), kind.to_owned(), state.to_owned());
            SessionProperties { id: "2".into(), class, kind, state, seat }.has_screen()
        };
        for (kind, seat) in [("wayland", "seat0"), ("x11", ""), ("tty", "seat0"), ("unspecified", "seat0")] {
            assert!(has_screen("user", kind, "active", seat), "{kind}");
            assert!(!has_screen("user", kind, "closing", seat), "{kind}");
            assert!(!has_screen("greeter", kind, "active", seat), "{kind}");
        }
        for kind in ["tty", "unspecified"] {
            assert!(!has_screen("user", kind, "active", ""), "{kind}");
        }
    }
}
