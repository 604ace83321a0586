//! Links that begin with `usher://`: from the desktop to the page.
//!
//! A link comes as an argument of the program: of the first start, or of a later one, which hands its arguments to the window
//! that is open. macOS gives it to the running program instead. The page takes it and asks before anything changes.

use std::sync::Mutex;

use tauri::{AppHandle, Manager as _};
use usher_app::view::DeepLinkView;
use usher_domain::LINK_PREFIX;

use crate::page_events::{PageEvent, PageEvents};

/// The link that waits for the page: one at most, so that many of them fill no memory.
#[derive(Debug, Default)]
pub(crate) struct WaitingLink(Mutex<Option<DeepLinkView>>);

impl WaitingLink {
    /// The link among the arguments of this process, if there is one.
    pub(crate) fn of_this_start() -> Self {
        let arguments = std::env::args_os().map(|one| one.to_string_lossy().into_owned());
        Self(Mutex::new(link_among(arguments)))
    }

    pub(crate) fn take(&self) -> Option<DeepLinkView> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }

    fn put(&self, link: DeepLinkView) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(link);
    }
}

/// Hands the link among the arguments of another start, or of the system, to the page. The last one counts.
pub(crate) fn receive(app: &AppHandle, arguments: impl IntoIterator<Item = String>) {
    if let Some(link) = link_among(arguments) {
        app.state::<WaitingLink>().put(link);
        // A page takes the link that waits when it begins, too.
        app.state::<PageEvents>().emit(PageEvent::DeepLink);
    }
}

fn link_among(arguments: impl IntoIterator<Item = String>) -> Option<DeepLinkView> {
    arguments.into_iter().find(|one| is_link(one)).map(|link| DeepLinkView::parse(&link))
}

/// Whether an argument is meant as a link, also as one that is then rejected. Schemes have no case.
fn is_link(argument: &str) -> bool {
    argument.get(..LINK_PREFIX.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(LINK_PREFIX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among(arguments: &[&str]) -> Option<DeepLinkView> {
        link_among(arguments.iter().map(|&one| one.to_owned()))
    }

    #[test]
    fn link_is_found_among_arguments() {
        let panel = usher_domain::LinkPanel::Gateway;
        let open = Some(DeepLinkView::Open { panel });
        assert_eq!(among(&["/usr/bin/usher-desktop", "usher://open/gateway"]), open);
        assert_eq!(
            among(&["usher-desktop", "--home", "/x", "usher://open/gateway", "usher://open/tools"]),
            open
        );
        assert_eq!(among(&["/usr/bin/usher-desktop", "--hidden", "/tmp/usher://open/gateway", "ü"]), None);
        assert!(matches!(among(&["usher-desktop", "usher:x"]), Some(DeepLinkView::Rejected { .. })));
    }

    #[test]
    fn only_the_last_link_waits() {
        let waiting = WaitingLink::default();
        for panel in [usher_domain::LinkPanel::Gateway, usher_domain::LinkPanel::Tools] {
            waiting.put(DeepLinkView::Open { panel });
        }
        assert_eq!(waiting.take(), Some(DeepLinkView::Open { panel: usher_domain::LinkPanel::Tools }));
        assert_eq!(waiting.take(), None);
    }
}
