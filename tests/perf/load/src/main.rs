//! Load for `./dev bench`: `usher-load upstream` responds as fast as a socket can, `usher-load drive …` sends requests
//! and counts responses.
//!
//! Both implement HTTP/1.1 by hand on one thread, because a library would take most of the measured time.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the script that starts it reads its output")]
#![expect(clippy::disallowed_methods, reason = "two programs compare times by the system's clock")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "indexes into a list of measurements"
)]

mod answers;
mod drive;
mod http;
mod upstream;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let served = match (arguments.next().as_deref(), runtime) {
        (Some("upstream"), Ok(runtime)) => runtime.block_on(upstream::serve()),
        (Some("drive"), Ok(runtime)) => runtime.block_on(drive::measure(&arguments.collect::<Vec<_>>())),
        (_, Err(error)) => Err(error),
        _ => Err(std::io::Error::other("usage: usher-load upstream | drive URL FILE KIND [key=value…]")),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("usher-load: {error}");
            ExitCode::FAILURE
        }
    }
}
