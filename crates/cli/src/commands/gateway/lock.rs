//! `usher lock` and `usher unlock`: stops everything that passes do, and allows it again.

use serde::Serialize;
use usher_app::App;
use usher_domain::{ExitStatus, Failure};

use crate::output::Output;

#[derive(Serialize)]
struct LockDocument {
    locked: bool,
}

/// Locks all passes.
pub(crate) fn lock(app: &App, output: Output) -> Result<ExitStatus, Failure> {
    app.pass_lock.lock()?;
    output.document(&LockDocument { locked: true });
    output.text("Stopped. All passes are locked, and running answers are cut off within a second.");
    output.text("Allow them again with `usher unlock`.");
    Ok(ExitStatus::Success)
}

/// Allows passes again.
pub(crate) fn unlock(app: &App, output: Output) -> Result<ExitStatus, Failure> {
    let was_locked = app.pass_lock.locked_since().is_some();
    app.pass_lock.unlock()?;
    output.document(&LockDocument { locked: false });
    output.text(if was_locked { "Passes work again." } else { "Nothing was locked. Passes work." });
    Ok(ExitStatus::Success)
}
