//! A desktop with a tray: the part of a session bus that shows icons.

use std::collections::HashMap;

use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use tokio::time::timeout;
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, MatchRule, MessageStream, Proxy};

use super::super::TIMEOUT;
use super::super::bus::Bus;

/// What a desktop has in place of `org.kde.StatusNotifierWatcher`.
struct Watcher {
    registered: mpsc::UnboundedSender<String>,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: String) {
        let _ = self.registered.send(service);
    }

    #[zbus(property)]
    #[expect(clippy::unused_self, reason = "a property of an interface is a method")]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }
}

/// A tray that shows icons.
pub(super) struct TrayHost {
    connection: Connection,
    registered: mpsc::UnboundedReceiver<String>,
}

impl TrayHost {
    pub(super) async fn start(bus: &Bus) -> Self {
        let (sender, registered) = mpsc::unbounded_channel();
        let connection = bus.connect().await;
        let watcher = Watcher { registered: sender };
        connection.object_server().at("/StatusNotifierWatcher", watcher).await.expect("the path is free");
        connection.request_name("org.kde.StatusNotifierWatcher").await.expect("the name is free");
        Self { connection, registered }
    }

    /// Waits for the next icon.
    pub(super) async fn item(&mut self) -> TrayItem {
        let name = timeout(TIMEOUT, self.registered.recv()).await.expect("an icon is registered in time");
        TrayItem::new(self.connection.clone(), name.expect("the tray runs")).await
    }

    pub(super) async fn stop(self) {
        self.connection.release_name("org.kde.StatusNotifierWatcher").await.expect("it is ours");
    }
}

/// An icon in the tray, as the tray sees it.
pub(super) struct TrayItem {
    connection: Connection,
    name: String,
    signals: MessageStream,
}

/// An entry of a menu.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    id: i32,
    pub(super) label: String,
    pub(super) is_chosen: bool,
    pub(super) is_enabled: bool,
    /// A PNG.
    pub(super) has_picture: bool,
}

type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

impl TrayItem {
    async fn new(connection: Connection, name: String) -> Self {
        let rule = MatchRule::builder().msg_type(zbus::message::Type::Signal);
        let rule = rule.sender(name.clone()).expect("it is a name").build();
        let signals =
            MessageStream::for_match_rule(rule, &connection, Some(64)).await.expect("the bus answers");
        Self { connection, name, signals }
    }

    async fn proxy(&self, path: &'static str, interface: &'static str) -> Proxy<'_> {
        let proxy = Proxy::new(&self.connection, self.name.as_str(), path, interface);
        proxy.await.expect("the names are valid")
    }

    async fn menu_proxy(&self) -> Proxy<'_> {
        self.proxy("/MenuBar", "com.canonical.dbusmenu").await
    }

    /// Returns the entries of the menu and of the menus in it, in their order.
    pub(super) async fn entries(&self) -> Vec<Entry> {
        let menu = self.menu_proxy().await;
        let nothing: Vec<&str> = Vec::new();
        let (_, root): (u32, Layout) =
            menu.call("GetLayout", &(0, -1, nothing)).await.expect("it has a menu");
        let mut entries = Vec::new();
        add_entries(root, &mut entries);
        entries
    }

    /// Waits until the menu is as `is_wanted` says, and returns it.
    pub(super) async fn until(&mut self, is_wanted: impl Fn(&[Entry]) -> bool) -> Vec<Entry> {
        loop {
            let entries = self.entries().await;
            if is_wanted(&entries) {
                return entries;
            }
            let next = timeout(TIMEOUT, self.signals.next()).await;
            next.unwrap_or_else(|_| panic!("the menu stays as it is: {entries:#?}"));
        }
    }

    /// Waits until the menu has an entry that begins with `label`, and returns that.
    pub(super) async fn entry(&mut self, label: &str) -> Entry {
        let entries = self.until(|entries| find(entries, label).is_some()).await;
        find(&entries, label).expect("it was found").clone()
    }

    /// Chooses the entry that begins with `label`.
    pub(super) async fn choose(&mut self, label: &str) {
        let entry = self.entry(label).await;
        self.choose_at(&entry).await;
    }

    /// Chooses an entry.
    pub(super) async fn choose_at(&self, entry: &Entry) {
        let menu = self.menu_proxy().await;
        let () =
            menu.call("Event", &(entry.id, "clicked", Value::I32(0), 0_u32)).await.expect("it is an entry");
    }

    /// Says that the menu is opened.
    pub(super) async fn open_menu(&self) {
        let _: bool = self.menu_proxy().await.call("AboutToShow", &(0,)).await.expect("it has a menu");
    }

    /// Presses the icon.
    pub(super) async fn press(&self) {
        let item = self.proxy("/StatusNotifierItem", "org.kde.StatusNotifierItem").await;
        let () = item.call("Activate", &(0, 0)).await.expect("it can be pressed");
    }

    async fn property(&self, name: &'static str) -> OwnedValue {
        let item = self.proxy("/StatusNotifierItem", "org.freedesktop.DBus.Properties").await;
        item.call("Get", &("org.kde.StatusNotifierItem", name)).await.expect("it has the property")
    }

    /// Returns the status of the icon, and its picture of 22 pixels.
    pub(super) async fn status_and_picture(&self) -> (String, Vec<u8>) {
        let status = String::try_from(self.property("Status").await).expect("it is text");
        let pictures = self.property("IconPixmap").await;
        let pictures = Vec::<(i32, i32, Vec<u8>)>::try_from(pictures).expect("they are pictures");
        let (_, _, picture) =
            pictures.into_iter().find(|(width, ..)| *width == 22).expect("one has 22 pixels");
        (status, picture)
    }
}

pub(super) fn find<'a>(entries: &'a [Entry], label: &str) -> Option<&'a Entry> {
    entries.iter().find(|entry| entry.label.starts_with(label))
}

fn add_entries((id, properties, children): Layout, entries: &mut Vec<Entry>) {
    let number = |name: &str| properties.get(name).and_then(|value| i32::try_from(value).ok());
    let enabled = properties.get("enabled").and_then(|value| bool::try_from(value).ok());
    if let Some(label) = properties.get("label") {
        let label = <&str>::try_from(label).expect("a label is text").replace("__", "_");
        entries.push(Entry {
            id,
            label,
            is_chosen: number("toggle-state") == Some(1),
            is_enabled: enabled.unwrap_or(true),
            has_picture: properties.contains_key("icon-data"),
        });
    }
    for child in children {
        add_entries(Layout::try_from(child).expect("an entry is a layout"), entries);
    }
}
