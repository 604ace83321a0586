//! `usher-sandbox`: the sandbox as a program, for `./dev demo` and for tests in other languages.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use serde_json::json;
use tokio::io::AsyncReadExt;
use usher_sandbox::{Options, Sandbox, Settings};

/// A stand-in for `OpenAI` on loopback.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Port to listen on; 0 = any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Print where it listens as one line of JSON.
    #[arg(long)]
    json: bool,
    /// Accept sign-ins that return to this port, besides 1455 and 1457; may be given several times.
    #[arg(long, value_name = "PORT")]
    redirect_port: Vec<u16>,
    /// Accept sign-ins that return to any loopback port; the real authorization server does not.
    #[arg(long)]
    any_redirect_port: bool,
    /// Seconds between two polls of a device sign-in.
    #[arg(long, value_name = "SECS", default_value_t = 5)]
    device_interval: u64,
    /// Lifetime of an access token in seconds.
    #[arg(long, value_name = "SECS", default_value_t = Settings::default().access_token_lifetime_s)]
    access_token_lifetime: i64,
    /// Exit when standard input closes, so that a test that dies leaves nothing behind.
    #[arg(long)]
    exit_with_stdin: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: the sandbox could not run\ncause: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> io::Result<()> {
    // Before the first line is printed: its reader may send a signal at once.
    let stop = termination()?;
    let sandbox = Sandbox::start(Options {
        port: arguments.port,
        extra_redirect_ports: arguments.redirect_port,
        any_redirect_port: arguments.any_redirect_port,
        settings: Settings {
            device_interval_s: arguments.device_interval,
            access_token_lifetime_s: arguments.access_token_lifetime,
            ..Settings::default()
        },
    })
    .await?;
    announce(&sandbox, arguments.json)?;
    tokio::select! {
        () = stop => {}
        () = stdin_closed(), if arguments.exit_with_stdin => {}
    }
    Ok(())
}

fn announce(sandbox: &Sandbox, json: bool) -> io::Result<()> {
    let (issuer, chatgpt, platform) = (sandbox.issuer(), sandbox.chatgpt(), sandbox.platform());
    let mut out = io::stdout().lock();
    if json {
        let line = json!({
            "event": "listening", "issuer": issuer, "chatgpt": chatgpt, "platform": platform,
            "compatible": sandbox.compatible(),
        });
        writeln!(out, "{line}")?;
    } else {
        writeln!(out, "export USHER_ISSUER_URL={issuer}")?;
        writeln!(out, "export USHER_CHATGPT_URL={chatgpt}")?;
        writeln!(out, "export USHER_PLATFORM_URL={platform}")?;
    }
    out.flush()
}

/// Returns what waits for Ctrl-C, and on Unix also for SIGTERM. On Unix they are caught from this call on.
#[cfg(unix)]
fn termination() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(windows)]
fn termination() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

async fn stdin_closed() {
    let mut stdin = tokio::io::stdin();
    let mut buffer = [0; 256];
    while stdin.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
}
