//! `usher run`: a program with a pass of its own.

use std::io::ErrorKind;
use std::process::ExitStatus;
use std::sync::Arc;

use tokio::process::{Child, Command};
use usher_app::{App, KeptGateway, Run, RunRequest, Target};
use usher_domain::{ErrorCode, Failure, redact};
use usher_text::messages as m;

use crate::args::RunArguments;
use crate::language::language;
use crate::output::{Exit, Output};
use crate::signals::Signals;

/// The exit code for a program that is not there, as shells have it.
const NOT_FOUND: i32 = 127;
/// The exit code for a program that cannot be run.
const NOT_RUNNABLE: i32 = 126;

pub(crate) async fn run(
    app: &Arc<App>,
    arguments: &RunArguments,
    target: &Target,
    output: Output,
) -> Result<Exit, Failure> {
    let RunArguments { pass, model, budget, leave, command } = arguments;
    let (program, rest) = command.split_first().expect("the arguments have a program");
    let request = RunRequest {
        program: program.clone(),
        pass: pass.clone(),
        target: target.clone(),
        model: model.clone(),
        budget: *budget,
        leaves_percent: *leave,
    };
    let run = app.passes.begin_run(request).await?;
    let gateway = match app.gateway.keep().await {
        Ok(gateway) => gateway,
        Err(failure) => {
            app.passes.end_run(run).await?;
            return Ok(Exit::Own(output.for_gateway().failure(&failure)));
        }
    };
    if let Some(port) = gateway.taken_port {
        output.warning(m::run_port_taken(language(), port, &gateway.address));
    }
    // Before the program is there: a signal that comes then must find somebody to be passed on to.
    let mut signals = Signals::listen();
    let started = command_of(app, &run, &gateway).args(rest).spawn();
    let ended = match started {
        Ok(child) => wait(child, &mut signals).await,
        Err(error) => Err(error),
    };
    // Its pass first: a process that the program has left behind must not use it.
    let used = app.passes.end_run(run).await;
    gateway.end().await;
    let exit = match ended {
        Ok(status) => Exit::Program(code(status)),
        Err(error) => {
            let (failure, code) = start_failure(&program.to_string_lossy(), &error);
            output.failure(&failure);
            Exit::Program(code)
        }
    };
    match (used, budget) {
        (Ok(Some(used)), Some(budget)) if used >= *budget => {
            output.warning(m::run_budget_used(language(), used, budget));
        }
        (Ok(_), _) => {}
        // The program has ended as it has; its pass ends with this process, whatever is still in the store.
        (Err(failure), _) => output.print_failure(&failure),
    }
    Ok(exit)
}

/// Returns the program with its environment. The pass is there and in no argument, which other users could read.
fn command_of(app: &App, run: &Run, gateway: &KeptGateway) -> Command {
    let setup = app.passes.run_setup(run, &gateway.address);
    let mut command = Command::new(run.program());
    command.args(&setup.arguments).envs(setup.variables);
    for name in setup.removed {
        command.env_remove(name);
    }
    for name in setup.pass_variables {
        command.env(name, run.secret().expose());
    }
    command
}

/// Waits for the end of the program, and passes on the signals that this process gets.
async fn wait(mut child: Child, signals: &mut Signals) -> std::io::Result<ExitStatus> {
    loop {
        tokio::select! {
            ended = child.wait() => return ended,
            signal = signals.next() => signal.pass_on(&child),
        }
    }
}

/// Returns the exit code of the program, as a shell has it.
fn code(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    let by_signal = std::os::unix::process::ExitStatusExt::signal(&status).map(|signal| 128 + signal);
    #[cfg(not(unix))]
    let by_signal = None;
    status.code().or(by_signal).unwrap_or(1)
}

fn start_failure(program: &str, error: &std::io::Error) -> (Failure, i32) {
    let program = redact(program);
    if error.kind() == ErrorKind::NotFound {
        let cause = if program.contains(std::path::is_separator) {
            format!("there is no program {program}, or its interpreter is missing")
        } else {
            format!("there is no {program} on the search path")
        };
        return (Failure::new(ErrorCode::ProgramMissing, cause), NOT_FOUND);
    }
    (Failure::new(ErrorCode::ProgramMissing, format!("{program} could not be run: {error}")), NOT_RUNNABLE)
}
