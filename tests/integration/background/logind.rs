//! A stand-in for `logind`, with the sessions that a test begins and ends.

use tokio::sync::watch;
use tokio::time::timeout;
use zbus::Connection;
use zbus::object_server::{InterfaceRef, SignalEmitter};
use zbus::zvariant::OwnedObjectPath;

use super::TIMEOUT;
use super::bus::Bus;

const MANAGER_PATH: &str = "/org/freedesktop/login1";
const OWN_SESSION_PATH: &str = "/org/freedesktop/login1/session/auto";
const OWN_USER_PATH: &str = "/org/freedesktop/login1/user/self";

fn path_of(id: &str) -> OwnedObjectPath {
    OwnedObjectPath::try_from(format!("/org/freedesktop/login1/session/_3{id}")).expect("it is a path")
}

/// What `logind` has for a session.
#[derive(Clone)]
pub(super) struct Session {
    id: &'static str,
    kind: &'static str,
    seat: &'static str,
    locked: bool,
    /// How often it was asked whether it is locked.
    asked: watch::Sender<u32>,
}

impl Session {
    /// A session of a desktop.
    pub(super) fn desktop(id: &'static str) -> Self {
        Self { id, kind: "wayland", seat: "seat0", locked: false, asked: watch::Sender::default() }
    }

    /// A session over SSH.
    pub(super) fn remote(id: &'static str) -> Self {
        Self { kind: "tty", seat: "", ..Self::desktop(id) }
    }

    pub(super) fn locked(self) -> Self {
        Self { locked: true, ..self }
    }
}

#[zbus::interface(name = "org.freedesktop.login1.Session")]
#[expect(clippy::unused_self, reason = "a property of an interface is a method")]
impl Session {
    #[zbus(property)]
    fn id(&self) -> String {
        self.id.into()
    }

    #[zbus(property)]
    fn class(&self) -> String {
        "user".into()
    }

    #[zbus(property, name = "Type")]
    fn kind(&self) -> String {
        self.kind.into()
    }

    #[zbus(property)]
    fn seat(&self) -> (String, OwnedObjectPath) {
        (self.seat.into(), OwnedObjectPath::try_from("/").expect("it is a path"))
    }

    #[zbus(property)]
    fn state(&self) -> String {
        "active".into()
    }

    #[zbus(property(emits_changed_signal = "invalidates"))]
    fn locked_hint(&self) -> bool {
        self.asked.send_modify(|asked| *asked += 1);
        self.locked
    }
}

struct Manager;

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    #[expect(clippy::unused_self, reason = "it is a method of an interface")]
    fn get_session(&self, id: &str) -> OwnedObjectPath {
        path_of(id)
    }

    #[zbus(signal)]
    async fn session_new(emitter: &SignalEmitter<'_>, id: &str, path: OwnedObjectPath) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn session_removed(
        emitter: &SignalEmitter<'_>,
        id: &str,
        path: OwnedObjectPath,
    ) -> zbus::Result<()>;
}

/// What `logind` has for the person.
struct User {
    display: (String, OwnedObjectPath),
}

#[zbus::interface(name = "org.freedesktop.login1.User")]
impl User {
    #[zbus(property)]
    fn display(&self) -> (String, OwnedObjectPath) {
        self.display.clone()
    }
}

pub(super) struct Logind(Connection);

impl Logind {
    /// Starts on a bus, with a session of a desktop that is the own one of whoever asks.
    pub(super) async fn start(bus: &Bus, own: Session) -> Self {
        let logind = Self(bus.connect().await);
        logind.at(MANAGER_PATH, Manager).await;
        logind.begin(own).await;
        logind.0.request_name("org.freedesktop.login1").await.expect("the name is free");
        logind
    }

    async fn at(&self, path: &str, object: impl zbus::object_server::Interface) {
        assert!(self.0.object_server().at(path, object).await.expect("the bus runs"), "the path is free");
    }

    async fn session(&self, id: &str) -> InterfaceRef<Session> {
        self.0.object_server().interface(path_of(id)).await.expect("it is there")
    }

    fn emitter(&self) -> SignalEmitter<'_> {
        SignalEmitter::new(&self.0, MANAGER_PATH).expect("it is a path")
    }

    /// Begins a session that is the own one of whoever asks.
    pub(super) async fn begin(&self, session: Session) {
        let id = session.id;
        self.at(OWN_SESSION_PATH, session.clone()).await;
        self.at(&path_of(id), session).await;
        Manager::session_new(&self.emitter(), id, path_of(id)).await.expect("the bus runs");
    }

    /// Begins the session of the person's display, which is that of nobody who asks.
    pub(super) async fn begin_display(&self, session: Session) {
        let id = session.id;
        self.at(OWN_USER_PATH, User { display: (id.into(), path_of(id)) }).await;
        self.at(&path_of(id), session).await;
        Manager::session_new(&self.emitter(), id, path_of(id)).await.expect("the bus runs");
    }

    /// Ends the own session of whoever asks.
    pub(super) async fn end(&self, id: &str) {
        for path in [OWN_SESSION_PATH, &path_of(id)] {
            self.0.object_server().remove::<Session, _>(path).await.expect("it is there");
        }
        Manager::session_removed(&self.emitter(), id, path_of(id)).await.expect("the bus runs");
    }

    pub(super) async fn set_locked(&self, id: &str, locked: bool) {
        self.session(id).await.get_mut().await.locked = locked;
        self.report_change(id).await;
    }

    async fn report_change(&self, id: &str) {
        let session = self.session(id).await;
        session.get().await.locked_hint_invalidate(session.signal_emitter()).await.expect("the bus runs");
    }

    /// Waits until a session was asked whether it is locked.
    pub(super) async fn until_asked(&self, id: &str) {
        let mut asked = self.session(id).await.get().await.asked.subscribe();
        timeout(TIMEOUT, asked.wait_for(|asked| *asked > 0)).await.expect("in time").expect("it is there");
    }

    /// Reports a change of the session that is none of its lock, twice, and waits until the second one was looked at: the first
    /// one was done with then.
    pub(super) async fn report_unrelated(&self, id: &str) {
        for _ in 0..2 {
            let mut asked = self.session(id).await.get().await.asked.subscribe();
            self.report_change(id).await;
            timeout(TIMEOUT, asked.changed()).await.expect("the session is asked").expect("it is there");
        }
    }
}
