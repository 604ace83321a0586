//! Shows notifications by `org.freedesktop.Notifications`, the server that desktops have for them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use futures_util::StreamExt as _;
use tokio::sync::Mutex;
use usher_app::{Notification, NotificationServer};
use usher_domain::Failure;
use usher_domain::ports::BoxFuture;
use zbus::fdo::DBusProxy;
use zbus::names::{BusName, WellKnownName};
use zbus::zvariant::Value;
use zbus::{Connection, MatchRule, MessageStream, Proxy};

use crate::bus::{Which, connect};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// What a click does.
const DEFAULT_ACTION: &str = "default";
const DEFAULT_LABEL: &str = "Open Usher";

/// How many notifications a click is known of. A desktop keeps about as many.
const MAX_SHOWN: usize = 32;

/// Opens the window.
type OnClick = dyn Fn() -> Result<(), Failure> + Send + Sync;

/// The notifications of the desktop. Connects to the session bus when there is something to show.
pub struct DesktopNotifications {
    session: Mutex<Option<Arc<Session>>>,
    on_click: Arc<OnClick>,
}

impl DesktopNotifications {
    /// `on_click` is called when the person clicks one of the notifications.
    pub fn new(on_click: impl Fn() -> Result<(), Failure> + Send + Sync + 'static) -> Self {
        Self { session: Mutex::default(), on_click: Arc::new(on_click) }
    }

    /// Returns the session, connected once. A bus that has gone is connected to again.
    async fn session(&self) -> zbus::Result<Arc<Session>> {
        let mut session = self.session.lock().await;
        if let Some(session) = session.as_ref() {
            return Ok(Arc::clone(session));
        }
        let new = Session::start(Arc::clone(&self.on_click)).await?;
        Ok(Arc::clone(session.insert(new)))
    }

    async fn try_show(&self, notification: &Notification) -> zbus::Result<()> {
        self.session().await?.show(notification).await
    }
}

impl NotificationServer for DesktopNotifications {
    fn is_ready(&self) -> BoxFuture<'_, bool> {
        Box::pin(async {
            let started = async { self.session().await?.start_server().await }.await;
            if let Err(error) = &started {
                tracing::info!(%error, "there is no server for notifications");
                *self.session.lock().await = None;
            }
            started.is_ok()
        })
    }

    fn show<'a>(&'a self, notification: &'a Notification) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async {
            let shown = self.try_show(notification).await;
            if shown.is_err() {
                *self.session.lock().await = None;
            }
            shown.map_err(|error| error.to_string())
        })
    }
}

/// A connection to the session bus, on which clicks are heard.
struct Session {
    connection: Connection,
    /// The ids of what was shown, newest last.
    shown: Arc<Mutex<VecDeque<u32>>>,
    listener: tokio::task::JoinHandle<()>,
}

impl Session {
    async fn start(on_click: Arc<OnClick>) -> zbus::Result<Arc<Self>> {
        let connection = connect(Which::Session).await?;
        let shown = Arc::new(Mutex::default());
        let clicks = clicks(&connection).await?;
        let listener = tokio::spawn(listen(clicks, Arc::clone(&shown), on_click));
        Ok(Arc::new(Self { connection, shown, listener }))
    }

    /// Fails where there is no server, and none that the bus can start.
    async fn start_server(&self) -> zbus::Result<()> {
        let bus = DBusProxy::new(&self.connection).await?;
        if bus.name_has_owner(BusName::try_from(NAME)?).await? {
            return Ok(());
        }
        bus.start_service_by_name(WellKnownName::try_from(NAME)?, 0).await?;
        Ok(())
    }

    async fn show(&self, notification: &Notification) -> zbus::Result<()> {
        let server = Proxy::new(&self.connection, NAME, PATH, NAME).await?;
        let capabilities: Vec<String> = server.call("GetCapabilities", &()).await?;
        let reads_markup = capabilities.iter().any(|one| one == "body-markup");
        let body = body(&notification.body, reads_markup);
        let hints = HashMap::from([("desktop-entry", Value::from("app.usher.Usher"))]);
        let (replaces, timeout) = (0_u32, -1_i32);
        let actions = [DEFAULT_ACTION, DEFAULT_LABEL];
        // Taken before, so that a click right after the answer finds the id.
        let mut shown = self.shown.lock().await;
        let arguments =
            ("Usher", replaces, "app.usher.Usher", &notification.title, body, &actions[..], hints, timeout);
        let id: u32 = server.call("Notify", &arguments).await?;
        if shown.len() >= MAX_SHOWN {
            shown.pop_front();
        }
        shown.push_back(id);
        Ok(())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// Returns a body in which nothing is markup. A server that reads none would show the escapes.
fn body(text: &str, reads_markup: bool) -> String {
    if reads_markup {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    } else {
        text.replace('<', "‹").replace('>', "›")
    }
}

/// Returns the signals of the server, and of nobody else, that a notification was clicked.
async fn clicks(connection: &Connection) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder().msg_type(zbus::message::Type::Signal);
    let rule = rule.sender(NAME)?.interface(NAME)?.member("ActionInvoked")?.path(PATH)?.build();
    MessageStream::for_match_rule(rule, connection, Some(MAX_SHOWN)).await
}

async fn listen(mut clicks: MessageStream, shown: Arc<Mutex<VecDeque<u32>>>, on_click: Arc<OnClick>) {
    while let Some(Ok(message)) = clicks.next().await {
        let Ok((id, action)) = message.body().deserialize::<(u32, String)>() else { continue };
        let is_own = action == DEFAULT_ACTION && shown.lock().await.contains(&id);
        if is_own && let Err(failure) = on_click() {
            tracing::warn!(cause = %failure, "the window of a notification was not opened");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_holds_no_markup_from_outside() {
        let text = "<b>Ada</b> & <img src=\"x\">: requests work again.";
        assert_eq!(
            body(text, true),
            "&lt;b&gt;Ada&lt;/b&gt; &amp; &lt;img src=\"x\"&gt;: requests work again."
        );
        assert!(!body(text, false).contains(['<', '>']));
    }
}
