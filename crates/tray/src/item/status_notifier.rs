//! Linux: the item on the session bus. Gives the entries of [`menu`](crate::menu) to `ksni`, and what is chosen to the loop.

use futures_util::StreamExt as _;
use ksni::TrayMethods as _;
use ksni::menu::{CheckmarkItem, RadioGroup, RadioItem, StandardItem, SubMenu};
use ksni::{Category, Icon, MenuItem, OfflineReason, Status, ToolTip, Tray};
use zbus::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::{Connection, MessageStream};

use super::dot::dot;
use super::{TrayEvent, TrayEvents};
use crate::icons::{IconForm, Picture};
use crate::menu::{Action, Choice, Entry, Face, face, menu};
use crate::state::TrayState;
use crate::texts;

/// The name that a tray has on the bus.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// The icon that is shown.
pub(crate) struct ItemHandle {
    item: ksni::Handle<Item>,
    /// A connection of its own: `ksni` does not notice that the bus has gone.
    bus: MessageStream,
}

impl ItemHandle {
    /// Shows the icon for as long as there is a session bus, also before there is a tray.
    pub(crate) async fn spawn(state: &TrayState, events: TrayEvents) -> Result<Self, String> {
        let bus = Connection::session().await.map_err(|error| error.to_string())?;
        let item = Item::new(state, events).assume_sni_available(true);
        let item = item.spawn().await.map_err(|error| error.to_string())?;
        Ok(Self { item, bus: MessageStream::from(bus) })
    }

    /// Shows another state.
    pub(crate) async fn show(&self, state: TrayState) {
        self.item.update(move |item| item.show(&state)).await;
    }

    /// Returns whether there is a tray. `ksni` does not notice one that comes while it looks for it.
    pub(crate) async fn has_tray(&self) -> bool {
        let asked = async {
            let bus = DBusProxy::new(&Connection::from(&self.bus)).await?;
            let name = BusName::try_from(WATCHER)?;
            zbus::Result::Ok(bus.name_has_owner(name).await?)
        };
        asked.await.unwrap_or(false)
    }

    /// Waits until the session bus has gone.
    pub(crate) async fn closed(&mut self) {
        while let Some(Ok(_)) = self.bus.next().await {}
    }
}

impl Drop for ItemHandle {
    fn drop(&mut self) {
        // Not waited for: the bus may have gone.
        drop(self.item.shutdown());
    }
}

/// The item as it is shown.
struct Item {
    face: Face,
    entries: Vec<Entry>,
    events: TrayEvents,
}

impl Item {
    fn new(state: &TrayState, events: TrayEvents) -> Self {
        Self { face: face(state), entries: menu(state), events }
    }

    /// Shows another state.
    fn show(&mut self, state: &TrayState) {
        self.face = face(state);
        self.entries = menu(state);
    }
}

impl Tray for Item {
    fn id(&self) -> String {
        "app.usher.Usher".into()
    }

    fn category(&self) -> Category {
        Category::ApplicationStatus
    }

    fn title(&self) -> String {
        texts::TITLE.into()
    }

    fn status(&self) -> Status {
        if self.face.icon == IconForm::Attention { Status::NeedsAttention } else { Status::Active }
    }

    fn icon_pixmap(&self) -> Vec<Icon> {
        pixmaps(self.face.icon)
    }

    fn attention_icon_pixmap(&self) -> Vec<Icon> {
        pixmaps(IconForm::Attention)
    }

    fn tool_tip(&self) -> ToolTip {
        // A tooltip is HTML.
        let description = self.face.details.replace('&', "&amp;").replace('<', "&lt;").replace('\n', "<br/>");
        ToolTip { title: texts::TITLE.into(), description, ..ToolTip::default() }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.events.choose(Action::Open(None));
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.entries.iter().map(item).collect()
    }

    fn menu_about_to_show(&mut self) {
        self.events.send(TrayEvent::Opened);
    }

    fn watcher_online(&self) {
        self.events.send(TrayEvent::Shown(true));
    }

    fn watcher_offline(&self, reason: OfflineReason) -> bool {
        tracing::info!(?reason, "no tray shows the icon");
        self.events.send(TrayEvent::Shown(false));
        // It is registered again when a tray comes.
        true
    }
}

/// Returns a form of the icon in all sizes, in the byte order that the bus has them in.
fn pixmaps(form: IconForm) -> Vec<Icon> {
    form.pictures().into_iter().map(pixmap).collect()
}

fn pixmap(picture: Picture) -> Icon {
    let mut data = picture.rgba;
    let (pixels, _) = data.as_chunks_mut::<4>();
    for pixel in pixels {
        // From RGBA to ARGB.
        pixel.rotate_right(1);
    }
    let side = i32::try_from(picture.side).expect("the picture is small");
    Icon { width: side, height: side, data }
}

fn item(entry: &Entry) -> MenuItem<Item> {
    match entry.clone() {
        Entry::Separator => MenuItem::Separator,
        Entry::Line { label, colour } => StandardItem {
            label: shown(&label),
            enabled: false,
            icon_data: colour.map(dot).unwrap_or_default(),
            ..StandardItem::default()
        }
        .into(),
        Entry::Button { label, action } => {
            StandardItem { label: shown(&label), activate: choose(action), ..StandardItem::default() }.into()
        }
        Entry::Check { label, is_checked, action } => CheckmarkItem {
            label: shown(&label),
            checked: is_checked,
            enabled: action.is_some(),
            activate: action.map_or_else(|| Box::new(|_: &mut Item| {}) as Box<_>, choose),
            ..CheckmarkItem::default()
        }
        .into(),
        Entry::Menu { label, entries } => {
            let submenu = entries.iter().map(item).collect();
            SubMenu { label: shown(&label), submenu, ..SubMenu::default() }.into()
        }
        Entry::Choices { label, choices } => {
            SubMenu { label: shown(&label), submenu: vec![group(choices)], ..SubMenu::default() }.into()
        }
    }
}

fn group(choices: Vec<Choice>) -> MenuItem<Item> {
    // Without one that is chosen, none is marked.
    let selected = choices.iter().position(|choice| choice.is_chosen).unwrap_or(usize::MAX);
    let option = |choice: &Choice| RadioItem {
        label: shown(&choice.label),
        icon_data: choice.colour.map(dot).unwrap_or_default(),
        ..RadioItem::default()
    };
    let options = choices.iter().map(option).collect();
    let select = move |item: &mut Item, at: usize| {
        if let Some(choice) = choices.get(at) {
            item.events.choose(choice.action.clone());
        }
    };
    RadioGroup { selected, options, select: Box::new(select) }.into()
}

fn choose(action: Action) -> Box<dyn Fn(&mut Item) + Send> {
    Box::new(move |item| item.events.choose(action.clone()))
}

/// Returns a label in which no character marks an access key.
fn shown(label: &str) -> String {
    label.replace('_', "__")
}
