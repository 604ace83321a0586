//! The window of a page in a test.

use std::future::ready;
use std::path::{Path, PathBuf};

use usher_app::commands::Window;
use usher_app::view::{CloseAnswer, DeepLinkView, NameHolder};
use usher_domain::Failure;
use usher_domain::ports::BoxFuture;

/// There is no window: files are saved in the folder for temporary ones, and none is opened.
pub(crate) struct TestWindow;

impl Window for TestWindow {
    fn bring_forward(&self) {}
    fn open_file(&self, _path: &Path) -> Result<(), Failure> {
        Ok(())
    }
    fn choose_file<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Option<PathBuf>> {
        Box::pin(ready(Some(std::env::temp_dir().join(name))))
    }
    /// A file with a fixed name in the folder for temporary ones, which a test writes.
    fn choose_existing_file(&self) -> BoxFuture<'_, Result<Option<PathBuf>, Failure>> {
        Box::pin(ready(Ok(Some(std::env::temp_dir().join("usher-settings.toml")))))
    }
    fn answer_close(&self, _answer: CloseAnswer) {}
    fn name_holder(&self) -> Option<NameHolder> {
        None
    }

    fn take_deep_link(&self) -> Option<DeepLinkView> {
        None
    }
}
