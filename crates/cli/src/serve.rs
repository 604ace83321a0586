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
    let told = |address: &str| {
        output.document(&Listening { event: "listening", address });
        output.text(format!("The gateway listens at {address}"));
        output.text("  Make a pass for a program with `usher pass new NAME`. Ctrl-C ends it.");
    };
    let served = app.serve_gateway(options, |at| told(&at.address), signals::to_end()).await;
    Ok(served.map_or_else(|failure| output.about_the_gateway().failure(&failure), |()| ExitStatus::Success))
}

/// Loopback by any of its three names; everything else would let others in.
pub(crate) fn loopback(text: &str) -> Result<IpAddr, String> {
    match text {
        "127.0.0.1" | "localhost" => Ok(Ipv4Addr::LOCALHOST.into()),
        "::1" | "[::1]" => Ok(Ipv6Addr::LOCALHOST.into()),
        _ => Err("the gateway listens on this computer only: 127.0.0.1, ::1 or localhost".into()),
    }
}
