//! `org.freedesktop.ScreenSaver` on the session bus.

use futures_util::StreamExt as _;
use zbus::fdo::{DBusProxy, NameOwnerChangedStream};
use zbus::names::BusName;
use zbus::{Connection, MatchRule, MessageStream, Proxy};

use crate::bus::{Which, connect};
use crate::screen_lock::service::{MAX_WAITING, Service, owners};

const SAVER: &str = "org.freedesktop.ScreenSaver";
const SAVER_PATH: &str = "/org/freedesktop/ScreenSaver";

/// `org.freedesktop.ScreenSaver`.
pub(super) struct Saver {
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
