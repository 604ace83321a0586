//! The main window: made hidden, shown at once in the colour of its page, and never led anywhere else.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use tauri::webview::NewWindowResponse;
use tauri::window::Color;
use tauri::{App, AppHandle, Manager, Theme, Url, WebviewUrl, WebviewWindowBuilder};
use tauri_plugin_dialog::DialogExt as _;
use tokio::sync::oneshot;
use usher_app::commands::Window;
use usher_app::view::{CloseAnswer, DeepLinkView, Language, NameHolder};
use usher_domain::ports::BoxFuture;
use usher_domain::{ErrorCode, Failure};

use crate::deep_link::WaitingLink;
use crate::home::ShellHome;
use crate::opener;

const LABEL: &str = "main";

/// `--surface-panel` of the two themes, so that the moment before the first paint is no flash.
const LIGHT: Color = Color(0xfd, 0xfc, 0xfa, 0xff);
const DARK: Color = Color(0x1e, 0x1d, 0x1b, 0xff);

/// Opens the window that `tauri.conf.json` describes, with the page of a language.
pub(crate) fn open(app: &App, home: &ShellHome<'_>, language: Language) -> tauri::Result<()> {
    let mut config = app
        .config()
        .app
        .windows
        .iter()
        .find(|window| window.label == LABEL)
        .cloned()
        .ok_or(tauri::Error::WindowNotFound)?;
    config.url = WebviewUrl::App(language.page().into());
    let mut builder = WebviewWindowBuilder::from_config(app, &config)?
        .on_navigation(is_our_page)
        .on_new_window(|_, _| NewWindowResponse::Deny);
    if let Some(folder) = home.web_view_folder() {
        builder = builder.data_directory(folder);
    }
    let window = builder.build()?;
    let dark = matches!(window.theme(), Ok(Theme::Dark));
    window.set_background_color(Some(if dark { DARK } else { LIGHT }))?;
    // Not only once the page has painted: the desktop takes as long to put up a window as the page to load.
    window.show()
}

/// The main window, for commands of its page.
pub(crate) struct ShellWindow(pub(crate) AppHandle);

impl Window for ShellWindow {
    fn bring_forward(&self) {
        bring_forward(&self.0);
    }

    fn open_file(&self, path: &Path) -> Result<(), Failure> {
        path.metadata()
            .and_then(|_| opener::open(path.as_os_str()))
            .map_err(|error| Failure::new(ErrorCode::ProgramMissing, format!("{}: {error}", path.display())))
    }

    fn choose_file<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Option<PathBuf>> {
        let mut dialog = self.0.dialog().file().set_file_name(name);
        if let Some(window) = self.0.get_webview_window(LABEL) {
            dialog = dialog.set_parent(&window);
        }
        let (answer, answered) = oneshot::channel();
        // The page has gone when nobody waits for the answer.
        dialog.save_file(move |chosen| drop(answer.send(chosen)));
        Box::pin(async move { answered.await.ok()??.into_path().ok() })
    }

    fn choose_existing_file(&self) -> BoxFuture<'_, Result<Option<PathBuf>, Failure>> {
        let mut dialog = self.0.dialog().file();
        if let Some(window) = self.0.get_webview_window(LABEL) {
            dialog = dialog.set_parent(&window);
        }
        let (answer, answered) = oneshot::channel();
        // The page has gone when nobody waits for the answer.
        dialog.pick_file(move |chosen| drop(answer.send(chosen)));
        Box::pin(async move { Ok(answered.await.ok().flatten().and_then(|file| file.into_path().ok())) })
    }

    fn name_holder(&self) -> Option<NameHolder> {
        self.0.try_state::<NameHolder>().map(|holder| holder.inner().clone())
    }

    fn take_deep_link(&self) -> Option<DeepLinkView> {
        self.0.state::<WaitingLink>().take()
    }

    fn answer_close(&self, answer: CloseAnswer) {
        self.0.state::<CloseQuestion>().answered(answer);
        if answer != CloseAnswer::Cancel
            && let Some(window) = self.0.get_webview_window(LABEL)
        {
            // Fails only for a window that has gone.
            let _ = window.destroy();
        }
    }
}

/// Whether the page is asking what becomes of the gateway when the window closes, and the answer.
///
/// A second request to close while it asks closes at once: a page that hangs cannot keep the window open.
#[derive(Debug, Default)]
pub(crate) struct CloseQuestion {
    asks: AtomicBool,
    stops: AtomicBool,
}

impl CloseQuestion {
    /// Notes a request to close. Returns whether the page is to ask first.
    pub(crate) fn must_ask(&self, is_open: bool) -> bool {
        is_open && !self.asks.swap(true, Ordering::Relaxed)
    }

    /// Returns whether the gateway is to end with the window: the person chose that, or could not be asked.
    pub(crate) fn stops_gateway(&self) -> bool {
        self.asks.load(Ordering::Relaxed) || self.stops.load(Ordering::Relaxed)
    }

    fn answered(&self, answer: CloseAnswer) {
        self.stops.store(answer == CloseAnswer::Stop, Ordering::Relaxed);
        self.asks.store(false, Ordering::Relaxed);
    }
}

/// Shows the window that is already there, for whoever started Usher a second time.
pub(crate) fn bring_forward(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL) {
        // Each of these fails only for a window that has gone.
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}

/// Whether an address is the page that is built into the program: `tauri://localhost`, on Windows
/// `http://tauri.localhost`.
fn is_our_page(url: &Url) -> bool {
    let expected = if cfg!(windows) { ("http", "tauri.localhost") } else { ("tauri", "localhost") };
    (url.scheme(), url.host_str().unwrap_or_default()) == expected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_asks_once_while_the_gateway_runs() {
        let question = CloseQuestion::default();
        assert!(!question.must_ask(false), "nothing stops");
        assert!(question.must_ask(true));
        assert!(!question.must_ask(true), "a page that does not answer keeps no window open");
        assert!(question.stops_gateway(), "nobody chose that it goes on");
        for (answer, stops) in
            [(CloseAnswer::Cancel, false), (CloseAnswer::KeepRunning, false), (CloseAnswer::Stop, true)]
        {
            question.answered(answer);
            assert_eq!(question.stops_gateway(), stops, "{answer:?}");
        }
        assert!(question.must_ask(true));
    }

    #[test]
    #[cfg(not(windows))]
    fn only_the_built_in_page_is_navigated_to() {
        for (address, ours) in [
            ("tauri://localhost/", true),
            ("tauri://localhost/index.html#models", true),
            ("tauri://localhost/zh-Hans/index.html", true),
            ("tauri://localhost.example/", false),
            ("https://localhost/", false),
            ("https://auth.openai.com/oauth/authorize", false),
            ("file:///etc/passwd", false),
            ("about:blank", false),
        ] {
            let url = Url::parse(address).expect("a well-formed address");
            assert_eq!(is_our_page(&url), ours, "{address}");
        }
    }
}
