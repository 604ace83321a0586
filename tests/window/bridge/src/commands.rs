//! HTTP as a transport of the commands.

use std::future::ready;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use usher_app::App;
use usher_app::commands::{CommandContext, EventSink, Window, call};
use usher_app::domain::Failure;
use usher_app::domain::ports::BoxFuture;
use usher_app::view::{FailureView, NameHolder};

use crate::{Lines, send};

/// The bridge has no window.
struct NoWindow;

impl Window for NoWindow {
    fn bring_forward(&self) {}
    fn open_file(&self, _path: &Path) -> Result<(), Failure> {
        Ok(())
    }
    fn choose_file<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Option<PathBuf>> {
        Box::pin(ready(Some(std::env::temp_dir().join(name))))
    }
    fn answer_close(&self, _close: bool) {}
    fn name_holder(&self) -> Option<NameHolder> {
        None
    }
}

/// Runs a command and returns its result.
pub(crate) async fn run(app: &Arc<App>, command: &str, arguments: Value) -> Result<Value, FailureView> {
    call(&context(app), command, arguments, Arc::new(drop)).await
}

/// Runs a command whose events go to `lines` as `{"event":…}`; the last line is `{"done":true}` or `{"failed":…}`.
pub(crate) async fn stream(app: Arc<App>, command: String, arguments: Value, lines: Lines) {
    let events: EventSink = {
        let lines = lines.clone();
        Arc::new(move |event| send(&lines, &json!({ "event": event })))
    };
    match call(&context(&app), &command, arguments, events).await {
        Ok(_) => send(&lines, &json!({ "done": true })),
        Err(failure) => send(&lines, &json!({ "failed": failure })),
    }
}

fn context(app: &Arc<App>) -> CommandContext {
    CommandContext { app: Arc::clone(app), window: Arc::new(NoWindow) }
}
