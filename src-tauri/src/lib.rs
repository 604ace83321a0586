//! The window: a thin shell around the use cases. No rule of the domain lives here.
//!
//! The page is built into the program, may load nothing else (see the content security policy in
//! `tauri.conf.json`), and reaches the core only through the commands of `crates/app/src/commands/list.rs`, each of which
//! `build.rs` grants by name.

pub mod browser;
mod commands;
mod deep_link;
mod drawing;
mod hidden;
mod home;
mod opener;
mod page_events;
mod processes;
#[cfg(target_os = "linux")]
mod single_instance;
mod updater;
mod window;

use std::num::NonZero;
use std::process::ExitCode;
use std::sync::Arc;

use tauri::{Manager as _, RunEvent, WindowEvent};
use tauri_plugin_window_state::StateFlags;
use usher_app::{
    App, BackgroundGateway, BackgroundProgram, Environment, LogTo, SystemClock, UpdateShell,
    give_back_free_memory, limit_heaps, start_logging,
};
use usher_domain::Failure;

use browser::SystemBrowser;
use home::ShellHome;
use page_events::{PageEvent, PageEvents};
use processes::ShellProcesses;
use updater::ShellUpdater;

/// Runs the app until its window is closed.
#[must_use]
pub fn run() -> ExitCode {
    if hidden::is_wanted() {
        return hidden::run();
    }
    // Nothing in the window allocates so much that threads wait for each other.
    limit_heaps(NonZero::<usize>::MIN);
    give_back_free_memory();
    #[cfg(target_os = "linux")]
    drawing::draw_plainly();
    let processes = Arc::new(ShellProcesses::default());
    let opened = core(&processes)
        .map_err(|failure| failure.to_string())
        .and_then(|core| window(core, processes).map_err(|e| e.to_string()));
    match opened {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            // There is no window to say it in.
            #[expect(clippy::print_stderr, reason = "the only place left to say why nothing opens")]
            {
                eprintln!("error: the window could not be opened\ncause: {cause}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Returns a builder whose app is found by a second start; `None` when an open window has come forward instead.
#[cfg_attr(
    not(target_os = "linux"),
    expect(clippy::unnecessary_wraps, reason = "the plugin ends the program itself")
)]
fn with_single_instance(name: &str) -> Option<tauri::Builder<tauri::Wry>> {
    let builder = tauri::Builder::default();
    #[cfg(target_os = "linux")]
    match single_instance::find(name) {
        single_instance::Found::Nothing => {}
        single_instance::Found::OpenWindow => return None,
        single_instance::Found::Holder(holder) => {
            tracing::warn!(?holder, "another process holds the name of the window");
            return Some(builder.manage(holder));
        }
        single_instance::Found::SilentBus => {
            tracing::warn!("the session bus does not answer: a second start cannot find this window");
            return Some(builder);
        }
    }
    let plugin = tauri_plugin_single_instance::Builder::new()
        .callback(|app, arguments, _folder| {
            window::bring_forward(app);
            deep_link::receive(app, arguments);
        })
        .dbus_id(name)
        .build();
    Some(builder.plugin(plugin))
}

/// The core that the window shows.
fn core(processes: &Arc<ShellProcesses>) -> Result<Arc<App>, Failure> {
    let environment = Environment::read()?;
    let log = environment.log.clone();
    let browser = SystemBrowser(environment.browser.clone().without(drawing::own_variables()));
    let core = App::new(
        environment,
        Arc::new(SystemClock),
        Arc::new(browser),
        Arc::<ShellProcesses>::clone(processes),
    )?;
    start_logging(&log, &LogTo::Folder(core.home().logs.clone()))?;
    for note in core.settings_warnings() {
        tracing::warn!("{note}");
    }
    Ok(Arc::new(core))
}

fn window(core: Arc<App>, processes: Arc<ShellProcesses>) -> tauri::Result<()> {
    let own = std::env::current_exe().ok();
    let gateway =
        core.background.gateway(BackgroundProgram::beside(own.as_deref()).without(drawing::own_variables()));
    let (shell, commands_app, closing) = (Arc::clone(&core), Arc::clone(&core), Arc::clone(&core));
    let (commands_gateway, asking) = (Arc::clone(&gateway), (Arc::clone(&core), Arc::clone(&gateway)));
    let closing_gateway = Arc::clone(&gateway);
    let home = ShellHome(shell.home());
    // First, so that a second start ends before it has done anything else.
    let Some(builder) = with_single_instance(&home.instance_name()) else { return Ok(()) };
    let app = builder
        .plugin(
            tauri_plugin_window_state::Builder::new()
                .with_filename(home.window_state_file())
                // Not VISIBLE: it would show the window before it has its colour.
                .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
                .build(),
        )
        // Their Rust side only: no capability lets the page near them.
        .plugin(tauri_plugin_shell::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_updater::Builder::new().build())
        .invoke_handler(move |invoke| commands::handle(&commands_app, &commands_gateway, invoke))
        .manage(PageEvents::default())
        .manage(window::CloseQuestion::default())
        .manage(deep_link::WaitingLink::of_this_start())
        .on_window_event(move |window, event| {
            if let WindowEvent::CloseRequested { api, .. } = event
                && window.state::<window::CloseQuestion>().must_ask(is_undecided(&asking.0, &asking.1))
            {
                api.prevent_close();
                window::bring_forward(window.app_handle());
                // A page that has gone does not answer; the next request closes the window.
                window.state::<PageEvents>().emit(PageEvent::CloseRequested);
            }
        })
        .setup(move |app| {
            let handle = app.handle().clone();
            processes.runs_in(&handle);
            let installer = ShellUpdater::of(&handle);
            core.updates.runs_in(UpdateShell { installer, gateway: Arc::clone(&gateway) });
            let (watching, revoking) = (Arc::clone(&core), Arc::clone(&core));
            let (renewing, updating) = (Arc::clone(&core), Arc::clone(&core));
            let (looking, following) = (Arc::clone(&gateway), Arc::clone(&gateway));
            tauri::async_runtime::spawn(async move {
                let on_change = move || {
                    looking.recheck();
                    handle.state::<PageEvents>().emit(PageEvent::Changed);
                };
                watching.watcher.watch(on_change).await;
            });
            tauri::async_runtime::spawn(async move { revoking.accounts.process_revocations_forever().await });
            tauri::async_runtime::spawn(async move { renewing.accounts.renew_unused_forever().await });
            tauri::async_runtime::spawn(async move { updating.updates.check_forever().await });
            // The window does not wait for it.
            tauri::async_runtime::spawn(async move { following.run_forever().await });
            Ok(window::open(app, &ShellHome(core.home()), core.language.view().shown)?)
        })
        .build(tauri::generate_context!())?;
    app.run(move |app, event| {
        #[cfg(target_os = "macos")]
        if let RunEvent::Opened { urls } = &event {
            deep_link::receive(app, urls.iter().map(ToString::to_string));
        }
        if matches!(event, RunEvent::ExitRequested { .. }) {
            // The last words take seconds, and the window has gone: whoever starts Usher meanwhile gets one of their own.
            tauri_plugin_single_instance::destroy(app);
            tracing::info!("closing");
            closing.sign_ins.cancel();
            closing.codex_logins.stop();
            let stops = stops_gateway(&closing, &app.state::<window::CloseQuestion>());
            tauri::async_runtime::block_on(async {
                if stops && let Err(failure) = closing_gateway.quit().await {
                    tracing::warn!(cause = %failure, "the background process could not be ended");
                }
                closing.wait_idle().await;
            });
        }
    });
    Ok(())
}

/// Returns whether the gateway is on without a tray that shows it, and the person has not yet chosen whether it goes on when
/// the window closes.
fn is_undecided(core: &App, gateway: &BackgroundGateway) -> bool {
    gateway.runs()
        && !gateway.has_tray()
        && core.preferences.view().is_ok_and(|chosen| chosen.keep_running.is_none())
}

/// Returns whether the gateway ends with the window.
fn stops_gateway(core: &App, question: &window::CloseQuestion) -> bool {
    let chosen = core.preferences.view().ok().and_then(|chosen| chosen.keep_running);
    question.stops_gateway() || chosen == Some(false)
}
