//! `usher lock` and `usher unlock`: stops everything that passes do, and allows it again.

use serde::Serialize;
use usher_app::App;
use usher_domain::{ExitStatus, Failure};
use usher_text::messages as m;

use crate::language::language;
use crate::output::Output;

#[derive(Serialize)]
struct LockDocument {
    locked: bool,
}

/// Locks all passes.
pub(crate) fn lock(app: &App, output: Output) -> Result<ExitStatus, Failure> {
    app.pass_lock.lock()?;
    output.document(&LockDocument { locked: true });
    output.text(m::lock_stopped(language()));
    output.text(m::lock_allow_again(language()));
    Ok(ExitStatus::Success)
}

/// Allows passes again.
pub(crate) fn unlock(app: &App, output: Output) -> Result<ExitStatus, Failure> {
    let was_locked = app.pass_lock.locked_since().is_some();
    app.pass_lock.unlock()?;
    output.document(&LockDocument { locked: false });
    let text = if was_locked { m::lock_work_again } else { m::lock_nothing_locked };
    output.text(text(language()));
    Ok(ExitStatus::Success)
}
