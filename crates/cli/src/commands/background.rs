//! `usher background`: the process that runs the gateway while no window is open, and has the icon in the tray.

use std::sync::Arc;

use serde::Serialize;
use usher_app::App;
use usher_app::view::GatewayRunner;
use usher_domain::{ErrorCode, ExitStatus, Failure};
use usher_text::messages as m;

use super::run_beside;
use crate::args::BackgroundArguments;
use crate::language::language;
use crate::output::Output;
use crate::signals;

/// The events of `--json`. The end has none: whoever started it may have gone.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    /// Windows can reach it.
    Ready { process: u32 },
    /// There is none any more.
    Ended { was_running: bool },
}

pub(crate) async fn run(
    app: &Arc<App>,
    arguments: &BackgroundArguments,
    output: Output,
) -> Result<ExitStatus, Failure> {
    if arguments.quit { quit(app, output).await } else { stay(app, output).await }
}

async fn stay(app: &Arc<App>, output: Output) -> Result<ExitStatus, Failure> {
    let Some(lock) = app.background.lock()? else { return Ok(already_running(app, output)) };
    // Before anybody can know that it runs.
    let stop = signals::termination();
    let watching = Arc::clone(app);
    let desktop = super::desktop::start(app);
    run_beside(app, GatewayRunner::App, move || {
        watching.background.recheck();
        desktop.changed();
    });
    app.background
        .serve(
            &lock,
            |holder| {
                output.document(&Event::Ready { process: holder.process });
                output.text(m::background_runs(language()));
            },
            stop,
        )
        .await?;
    // The lock is free only when the last answers have ended: the next process of this home gets the gateway's port.
    app.wait_idle().await;
    drop(lock);
    Ok(ExitStatus::Success)
}

async fn quit(app: &Arc<App>, output: Output) -> Result<ExitStatus, Failure> {
    let was_running = app.background.quit().await?;
    output.document(&Event::Ended { was_running });
    let ended = if was_running { m::background_ended } else { m::background_does_not_run };
    output.text(ended(language()));
    Ok(ExitStatus::Success)
}

/// Reports that another process is the one of this home.
fn already_running(app: &App, output: Output) -> ExitStatus {
    let failure = Failure::new(ErrorCode::PortBusy, "another process of this home runs in the background");
    let running = app.background.running();
    let message = |language| match &running {
        Some(at) => m::background_already_process(language, at.process),
        None => m::background_already(language).to_owned(),
    };
    output.failure_with_message(&failure, message, m::background_use_running)
}
