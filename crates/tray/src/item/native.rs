//! macOS and Windows: the tray of the system, by `tray-icon`.
//!
//! The icon belongs to a thread that handles the events of the system; macOS wants that to be the main one. So
//! [`beside_main_thread`] runs the program on another thread, and the main thread waits for events. What is to be shown is
//! sent there; events are handled there.

use std::cell::RefCell;
use std::sync::OnceLock;
use std::thread;

use parking_lot::Mutex;
use tao::event::Event;
use tao::event_loop::{ControlFlow, EventLoopBuilder, EventLoopProxy};
use tao::platform::run_return::EventLoopExtRunReturn as _;
use tray_icon::menu::MenuEvent;
use tray_icon::{Icon, MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};

use super::native_menu::NativeMenu;
use super::shortened::shortened;
use super::{TrayEvent, TrayEvents};
use crate::icons::{IconForm, Picture};
use crate::menu::{Action, Entry, Face, face, menu};
use crate::state::TrayState;
use crate::texts;

/// The size of the icon in pixels. Systems draw it in about half of that, on screens with twice the pixels in all of it.
const SIDE: u32 = 32;

/// The longest tooltip that Windows shows, in units of UTF-16. `tray-icon` would cut it off without an end.
const MAX_TOOLTIP: usize = 127;

/// Sends to the main thread; `None` where it does not wait for events.
static MAIN_THREAD: Mutex<Option<EventLoopProxy<ToMainThread>>> = Mutex::new(None);

/// The loop of the tray, once it runs.
static EVENTS: OnceLock<TrayEvents> = OnceLock::new();

thread_local! {
    /// The icon that is shown, on the main thread.
    static SHOWN: RefCell<Option<Shown>> = const { RefCell::new(None) };
}

/// What the main thread is to do.
enum ToMainThread {
    Show(Face, Vec<Entry>),
    /// The program has ended.
    End,
}

/// Runs `work` on another thread, while the main thread shows the icon. Returns when `work` has ended.
pub fn beside_main_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let mut event_loop = EventLoopBuilder::<ToMainThread>::with_user_event().build();
    #[cfg(target_os = "macos")]
    {
        use tao::platform::macos::{ActivationPolicy, EventLoopExtMacOS as _};
        // No icon in the Dock, and no menu bar.
        event_loop.set_activation_policy(ActivationPolicy::Accessory);
    }
    let end = EndMainThread(event_loop.create_proxy());
    *MAIN_THREAD.lock() = Some(event_loop.create_proxy());
    thread::scope(|threads| {
        let working = threads.spawn(move || {
            let _end = end;
            work()
        });
        event_loop.run_return(|event, _, flow| {
            *flow = ControlFlow::Wait;
            match event {
                Event::UserEvent(ToMainThread::Show(face, entries)) => show(&face, entries),
                Event::UserEvent(ToMainThread::End) => *flow = ControlFlow::Exit,
                // To macOS this program is the app of its bundle too, and so it gets what is meant for the window.
                Event::Reopen { .. } => choose(Action::Open(None)),
                Event::Opened { urls } => {
                    for link in urls {
                        send(TrayEvent::Link(link.into()));
                    }
                }
                _ => {}
            }
        });
        // The system does not take it away by itself.
        SHOWN.take();
        working.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Ends the main thread when it is dropped: also after a panic, or the main thread would wait for ever.
struct EndMainThread(EventLoopProxy<ToMainThread>);

impl Drop for EndMainThread {
    fn drop(&mut self) {
        // Fails where the main thread has ended first.
        let _ = self.0.send_event(ToMainThread::End);
    }
}

/// The icon, as another thread has it.
pub(crate) struct ItemHandle(EventLoopProxy<ToMainThread>);

impl ItemHandle {
    /// Shows the icon until the program ends.
    #[expect(clippy::unused_async, reason = "as on Linux")]
    pub(crate) async fn spawn(state: &TrayState, events: TrayEvents) -> Result<Self, String> {
        let proxy = MAIN_THREAD.lock().clone().ok_or("the main thread does not wait for events")?;
        EVENTS.set(events).map_err(|_| "the icon is shown already")?;
        MenuEvent::set_event_handler(Some(|event: MenuEvent| choose_entry(&event)));
        TrayIconEvent::set_event_handler(Some(|event| click(&event)));
        let handle = Self(proxy);
        handle.send(state);
        Ok(handle)
    }

    /// Shows another state.
    #[expect(clippy::unused_async, reason = "as on Linux")]
    pub(crate) async fn show(&self, state: TrayState) {
        self.send(&state);
    }

    /// There is always one.
    #[expect(clippy::unused_async, reason = "as on Linux")]
    pub(crate) async fn has_tray(&self) -> bool {
        true
    }

    /// The tray of the system does not end.
    pub(crate) async fn closed(&mut self) {
        std::future::pending::<()>().await;
    }

    fn send(&self, state: &TrayState) {
        if self.0.send_event(ToMainThread::Show(face(state), menu(state))).is_err() {
            tracing::warn!("the icon cannot be changed: the main thread has ended");
        }
    }
}

/// Passes on what was chosen in the menu.
fn choose_entry(event: &MenuEvent) {
    let action = SHOWN.with(|shown| shown.try_borrow().ok()?.as_ref()?.menu.action(&event.id));
    if let Some(action) = action {
        choose(action);
    }
}

/// A click of the left button opens the window on Windows, and the menu on macOS; the other button opens the menu.
fn click(event: &TrayIconEvent) {
    let TrayIconEvent::Click { button, button_state, .. } = event else { return };
    match (button, button_state) {
        (MouseButton::Left, MouseButtonState::Up) if cfg!(windows) => {
            choose(Action::Open(None));
        }
        (MouseButton::Left, _) if cfg!(windows) => {}
        (MouseButton::Left | MouseButton::Right, MouseButtonState::Down) => {
            renew_menu();
            send(TrayEvent::Opened);
        }
        _ => {}
    }
}

fn send(event: TrayEvent) {
    if let Some(events) = EVENTS.get() {
        events.send(event);
    }
}

fn choose(action: Action) {
    if let Some(events) = EVENTS.get() {
        events.choose(action);
    }
}

/// The icon, and what its menu is made from.
struct Shown {
    icon: TrayIcon,
    menu: NativeMenu,
    /// The entries of the next menu.
    entries: Vec<Entry>,
}

/// Gives the icon its entries of now, just before the system opens its menu. A menu that is open stays as it is: a choice in
/// one that was replaced would be lost.
fn renew_menu() {
    SHOWN.with(|shown| {
        // Where the system hands over a click while the icon is changed, the menu is the one before.
        if let Ok(mut shown) = shown.try_borrow_mut()
            && let Some(shown) = shown.as_mut()
        {
            shown.menu = NativeMenu::new(&shown.entries);
            shown.icon.set_menu(Some(shown.menu.root()));
        }
    });
}

/// Shows the icon, or what has changed of it.
fn show(face: &Face, entries: Vec<Entry>) {
    let done = SHOWN.with_borrow_mut(|shown| match shown {
        Some(shown) => {
            shown.entries = entries;
            change(&shown.icon, face)
        }
        None => build(face, entries).map(|built| *shown = Some(built)),
    });
    if let Err(error) = done {
        tracing::warn!(%error, "the icon in the tray cannot be shown");
    }
}

fn build(face: &Face, entries: Vec<Entry>) -> tray_icon::Result<Shown> {
    let menu = NativeMenu::new(&entries);
    let builder = TrayIconBuilder::new()
        .with_menu(menu.root())
        .with_menu_on_left_click(cfg!(target_os = "macos"))
        .with_icon(picture(face.icon))
        // The system gives it the colour of its own icons.
        .with_icon_as_template(cfg!(target_os = "macos"))
        .with_tooltip(tooltip(face));
    Ok(Shown { icon: builder.build()?, menu, entries })
}

fn change(icon: &TrayIcon, face: &Face) -> tray_icon::Result<()> {
    icon.set_tooltip(Some(tooltip(face)))?;
    if cfg!(target_os = "macos") {
        // `set_icon` would end that it is a template.
        icon.set_icon_with_as_template(Some(picture(face.icon)), true)
    } else {
        icon.set_icon(Some(picture(face.icon)))
    }
}

fn tooltip(face: &Face) -> String {
    shortened(&format!("{}\n{}", texts::TITLE, face.details), MAX_TOOLTIP)
}

fn picture(form: IconForm) -> Icon {
    let picture = form.pictures().into_iter().find(|picture| picture.side == SIDE);
    let Picture { side, rgba } = picture.expect("each form is drawn in this size");
    Icon::from_rgba(rgba, side, side).expect("four bytes for each pixel")
}
