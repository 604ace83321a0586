//! `usher serve`: the gateway in the foreground.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
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

/// Parses a loopback address. Any other address would open the gateway to the network.
pub(crate) fn loopback(text: &str) -> Result<IpAddr, String> {
    match text {
        "127.0.0.1" | "localhost" => Ok(Ipv4Addr::LOCALHOST.into()),
        "::1" | "[::1]" => Ok(Ipv6Addr::LOCALHOST.into()),
        _ => Err("the gateway only listens on this computer: use 127.0.0.1, ::1 or localhost".into()),
    }
}
