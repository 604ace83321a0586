//! What a page in a browser has in place of the window.

use std::future::ready;
use std::path::{Path, PathBuf};

use usher_app::commands::Window;
use usher_app::view::{CloseAnswer, DeepLinkView, NameHolder};
use usher_domain::ports::BoxFuture;
use usher_domain::{ErrorCode, Failure};

/// No window, and maybe no desktop.
pub(crate) struct PageWindow {
    /// The person sits at this computer, so that a program that is started here is in front of them.
    pub(crate) can_open: bool,
    /// Where files are saved: the page cannot ask for a folder of this computer.
    pub(crate) folder: PathBuf,
}

impl Window for PageWindow {
    /// Does nothing: a browser lets nobody else choose its tab.
    fn bring_forward(&self) {}

    fn open_file(&self, path: &Path) -> Result<(), Failure> {
        let failed =
            |why: &str| Failure::new(ErrorCode::ProgramMissing, format!("{}: {why}", path.display()));
        if !self.can_open {
            return Err(failed("there is no desktop to open it on"));
        }
        open::that_detached(path).map_err(|error| failed(&error.to_string()))
    }

    fn choose_file<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Option<PathBuf>> {
        Box::pin(ready(Some(self.folder.join(name))))
    }

    fn choose_existing_file(&self) -> BoxFuture<'_, Result<Option<PathBuf>, Failure>> {
        let cause = "a page in a browser cannot choose a file of this computer; use `usher preferences` in a terminal";
        Box::pin(ready(Err(Failure::new(ErrorCode::ProgramMissing, cause))))
    }

    /// Does nothing: the page does not ask before it is closed.
    fn answer_close(&self, _answer: CloseAnswer) {}

    fn name_holder(&self) -> Option<NameHolder> {
        None
    }

    fn take_deep_link(&self) -> Option<DeepLinkView> {
        None
    }
}
