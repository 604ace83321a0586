//! What the person chose for the program itself.

use std::sync::Arc;

use usher_domain::Failure;

use crate::context::{Context, blocking};
use crate::view::PreferencesView;

/// The preferences of the home.
pub struct Preferences {
    context: Arc<Context>,
}

impl Preferences {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// Returns what the person chose.
    pub fn view(&self) -> Result<PreferencesView, Failure> {
        Ok(PreferencesView { keep_running: blocking(|| self.context.read_settings())?.keep_running() })
    }

    /// Chooses whether the gateway goes on when the window is closed.
    pub async fn set_keep_running(&self, on: bool) -> Result<(), Failure> {
        self.context.change_settings(move |settings| settings.set_keep_running(on)).await
    }
}
