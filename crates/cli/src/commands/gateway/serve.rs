//! `usher serve`: the gateway in the foreground.

use std::sync::Arc;

use serde::Serialize;
use usher_app::{App, GatewayOptions};
use usher_domain::{ExitStatus, Failure};

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
    let served = app.serve_gateway(options, |at| on_listening(&at.address), signals::termination()).await;
    Ok(served.map_or_else(|failure| output.for_gateway().failure(&failure), |()| ExitStatus::Success))
}
