//! `usher serve`: the gateway in the foreground.

use std::sync::Arc;

use serde::Serialize;
use usher_app::view::{GatewayRunner, GatewayView};
use usher_app::{App, GatewayOptions};
use usher_domain::{ErrorCode, ExitStatus, Failure};

use crate::output::Output;
use crate::signals;

#[derive(Serialize)]
struct Listening<'a> {
    event: &'static str,
    address: &'a str,
}

pub(crate) async fn run(
    app: &Arc<App>,
    options: GatewayOptions,
    output: Output,
) -> Result<ExitStatus, Failure> {
    let on_listening = |address: &str| {
        output.document(&Listening { event: "listening", address });
        output.text(format!("The gateway is running at {address}. Press Ctrl-C to stop it."));
        output.text("  Each program needs a pass. Create one in another terminal: `usher pass new NAME`.");
    };
    let served = app.gateway.serve(options, |at| on_listening(&at.address), signals::termination()).await;
    let Err(failure) = served else { return Ok(ExitStatus::Success) };
    let output = output.for_gateway();
    let running =
        (failure.code == ErrorCode::PortBusy).then(|| already_running(&app.gateway.view())).flatten();
    Ok(match running {
        Some(message) => output.failure_with_message(&failure, &message, USE_RUNNING_GATEWAY),
        None => output.failure(&failure),
    })
}

const USE_RUNNING_GATEWAY: &str = "Create a pass for it with `usher pass new NAME`.";

/// Returns the message for a gateway that another process of this home runs.
///
/// Another port would not help: there is one gateway per home.
fn already_running(gateway: &GatewayView) -> Option<String> {
    let address = gateway.address.as_ref().filter(|_| gateway.running)?;
    let runner = match (gateway.by?, gateway.process) {
        (GatewayRunner::App | GatewayRunner::OtherVersion, Some(process)) => {
            format!("Usher in the background (process {process})")
        }
        (GatewayRunner::App | GatewayRunner::OtherVersion, None) => "Usher in the background".to_owned(),
        (GatewayRunner::Command, Some(process)) => format!("`usher serve` (process {process})"),
        (GatewayRunner::Command, None) => "`usher serve`".to_owned(),
        (GatewayRunner::Settings, Some(process)) => format!("`usher settings` (process {process})"),
        (GatewayRunner::Settings, None) => "`usher settings`".to_owned(),
        (GatewayRunner::Run, Some(process)) => format!("`usher run` (process {process})"),
        (GatewayRunner::Run, None) => "`usher run`".to_owned(),
    };
    Some(format!("{runner} already runs the gateway at {address}. Use that one."))
}
