//! `usher settings`: the window's page in a browser.

mod page_window;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Serialize;
use usher_app::commands::CommandContext;
use usher_app::view::GatewayRunner;
use usher_app::{App, LaunchFile};
use usher_domain::{ErrorCode, ExitStatus, Failure};
use usher_page_server::{Ended, PageServer, PageServerOptions, SessionCookie, has_page};
use usher_text::messages as m;

use self::page_window::PageWindow;
use super::run_beside;
use crate::args::SettingsArguments;
use crate::language::language;
use crate::output::Output;
use crate::signals;

/// How long the link can be used: time to forward a port and to copy it.
const LINK_TIMEOUT: Duration = Duration::from_secs(600);

/// The events of `--json`.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event<'a> {
    /// The link can be opened.
    Listening { address: &'a str, link: &'a str },
    /// The page is closed.
    Ended { reason: &'static str },
}

/// The file that leads the browser to the link, until the link was used.
type Launch = Arc<Mutex<Option<LaunchFile>>>;

pub(crate) async fn run(
    app: &Arc<App>,
    arguments: &SettingsArguments,
    output: Output,
) -> Result<ExitStatus, Failure> {
    if !has_page() {
        let failure = Failure::new(ErrorCode::ProgramMissing, "ui/dist was missing when usher was built");
        let message = |language| m::settings_no_page(language).to_owned();
        return Ok(output.failure_with_message(&failure, message, m::settings_build_page));
    }
    let Some(lock) = app.browser_page.lock()? else { return Ok(already_running(app, output)) };
    let launch = Launch::default();
    let server = match PageServer::bind(context(app), options(app, arguments, &launch)).await {
        Ok(server) => server,
        Err(failure) if failure.code == ErrorCode::PortBusy => {
            let message = |language| m::settings_port_unusable(language, arguments.port);
            return Ok(output.failure_with_message(&failure, message, m::settings_other_port));
        }
        Err(failure) => return Err(failure),
    };
    lock.write_address(&server.address())?;
    let link = server.create_link()?;
    // Before anybody can know that it runs.
    let mut stop = std::pin::pin!(signals::termination());
    let opens = !arguments.no_browser && app.browser_page.session().has_browser();
    print_link(&server, link.expose(), arguments, output);
    if opens {
        match lock.open_browser(link.expose()) {
            Ok(file) => keep(&launch, Some(file)),
            Err(failure) => {
                output.warning(m::settings_no_browser(language(), failure));
            }
        }
    }
    run_beside(app, GatewayRunner::Settings, || {});
    let ended = server.run(&mut stop).await;
    keep(&launch, None);
    // Another one may be started while the gateway goes on.
    drop(lock);
    print_end(ended, arguments.idle, output);
    if ended == Ended::Idle && app.gateway.runs_here() {
        output.text(m::settings_gateway_goes_on(language()));
        stop.await;
    }
    app.sign_ins.cancel();
    app.codex_logins.stop();
    Ok(ExitStatus::Success)
}

fn context(app: &Arc<App>) -> CommandContext {
    let can_open = app.browser_page.session().has_browser();
    let window = PageWindow { can_open, folder: app.home().logs.clone() };
    CommandContext::of_own_gateway(Arc::clone(app), Arc::new(window))
}

fn options(app: &App, arguments: &SettingsArguments, launch: &Launch) -> PageServerOptions {
    let launch = Arc::clone(launch);
    PageServerOptions {
        port: arguments.port,
        idle_timeout: arguments.idle,
        link_timeout: LINK_TIMEOUT,
        cookie: SessionCookie::of_home(&app.home().hash),
        on_opened: Box::new(move || keep(&launch, None)),
    }
}

/// Keeps the file, and deletes the one before.
fn keep(launch: &Launch, file: Option<LaunchFile>) {
    if let Ok(mut kept) = launch.lock() {
        *kept = file;
    }
}

fn print_link(server: &PageServer, link: &str, arguments: &SettingsArguments, output: Output) {
    output.document(&Event::Listening { address: &server.address(), link });
    output.text(m::settings_open_link(language()));
    output.text(format!("  {link}"));
    let port = server.port();
    output.text(m::settings_forward_port(language()));
    output.text(format!("  ssh -L {port}:127.0.0.1:{port} HOST"));
    output.text(m::settings_stay_open(language(), spelled(arguments.idle)));
}

fn print_end(ended: Ended, idle: Duration, output: Output) {
    let reason = match ended {
        Ended::Stopped => "stopped",
        Ended::Idle => "idle",
    };
    output.document(&Event::Ended { reason });
    if ended == Ended::Idle {
        output.text(m::settings_closed_idle(language(), spelled(idle)));
    }
}

/// Reports that another process of this home serves the page.
fn already_running(app: &App, output: Output) -> ExitStatus {
    let failure = Failure::new(ErrorCode::PortBusy, "another process of this home serves the page");
    let running = app.browser_page.running();
    let message = |language| match &running {
        Some(at) => m::settings_already_at(language, &at.address, at.process),
        None => m::settings_already(language).to_owned(),
    };
    output.failure_with_message(&failure, message, m::settings_use_running)
}

/// Returns "15 minutes", or seconds where it is less than one.
fn spelled(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => m::time_seconds(language(), seconds),
        seconds => m::time_minutes(language(), seconds / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spelled() {
        for (seconds, text) in [(3, "3 seconds"), (60, "1 minute"), (900, "15 minutes"), (1, "1 second")] {
            assert_eq!(spelled(Duration::from_secs(seconds)), text);
        }
    }
}
