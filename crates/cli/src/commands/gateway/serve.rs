//! `usher serve`: the gateway in the foreground.

use std::sync::Arc;

use serde::Serialize;
use usher_app::view::{GatewayRunner, GatewayView};
use usher_app::{App, GatewayOptions};
use usher_domain::{ErrorCode, ExitStatus, Failure};
use usher_text::{Language, messages as m};

#[cfg(target_os = "linux")]
use crate::commands::desktop::follow_screen_only;
use crate::commands::keep_accounts;
use crate::language::language;
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
        output.text(m::gateway_runs(language(), address));
        output.text(format!("  {}", m::gateway_needs_pass(language())));
        // Only the one process that has the gateway.
        keep_accounts(app);
        #[cfg(target_os = "linux")]
        follow_screen_only(app);
    };
    let served = app.gateway.serve(options, |at| on_listening(&at.address), signals::termination()).await;
    let Err(failure) = served else { return Ok(ExitStatus::Success) };
    let output = output.for_gateway();
    let gateway = app.gateway.view();
    // Asked in one language: there is a message in each or in none.
    if failure.code == ErrorCode::PortBusy && already_running(language(), &gateway).is_some() {
        let message = |language| already_running(language, &gateway).unwrap_or_default();
        return Ok(output.failure_with_message(&failure, message, m::gateway_use_running));
    }
    Ok(output.failure(&failure))
}

/// Returns the message for a gateway that another process of this home runs.
///
/// Another port would not help: there is one gateway per home.
fn already_running(language: Language, gateway: &GatewayView) -> Option<String> {
    let address = gateway.address.as_ref().filter(|_| gateway.running)?;
    let runner = match gateway.by? {
        GatewayRunner::App | GatewayRunner::OtherVersion => m::gateway_runner_background(language),
        GatewayRunner::Command => "`usher serve`",
        GatewayRunner::Settings => "`usher settings`",
        GatewayRunner::Run => "`usher run`",
    };
    let runner = match gateway.process {
        Some(process) => m::gateway_runner_process(language, runner, process),
        None => runner.to_owned(),
    };
    Some(m::gateway_already(language, runner, address))
}
