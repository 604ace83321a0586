//! Other programs, started without any window toolkit. The window has its own way.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Command;
use usher_domain::ports::{BoxFuture, OnLine, ProcessRunner};
use usher_domain::{ErrorCode, Failure};

/// Starts programs by the search path.
pub struct SystemProcesses;

impl ProcessRunner for SystemProcesses {
    fn run(&self, program: &str, arguments: &[&str], on_line: OnLine) -> BoxFuture<'_, Result<i32, Failure>> {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Whoever stops waiting for it does not want it any more.
        command.kill_on_drop(true);
        let name = program.to_owned();
        Box::pin(async move {
            let mut child = command.spawn().map_err(|error| not_started(&name, &error))?;
            let (out, err) = (child.stdout.take(), child.stderr.take());
            tokio::join!(tell(out, &on_line), tell(err, &on_line));
            let status = child.wait().await.map_err(|error| not_started(&name, &error))?;
            // Ended by a signal: no status of its own.
            Ok(status.code().unwrap_or(-1))
        })
    }
}

async fn tell(from: Option<impl AsyncRead + Unpin>, on_line: &OnLine) {
    let Some(from) = from else { return };
    // Read to the end, whatever it is: a program whose words nobody takes is ended by its next one.
    let mut lines = BufReader::new(from).split(b'\n');
    while let Ok(Some(line)) = lines.next_segment().await {
        on_line(String::from_utf8_lossy(&line).trim_end().to_owned());
    }
}

fn not_started(name: &str, error: &std::io::Error) -> Failure {
    let (code, cause) = match error.kind() {
        std::io::ErrorKind::NotFound => {
            (ErrorCode::ProgramMissing, format!("there is no {name} on the search path"))
        }
        _ => (ErrorCode::UpstreamError, format!("{name} could not be run: {error}")),
    };
    Failure::new(code, cause)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[tokio::test]
    async fn lines_of_both_outputs_are_told_and_the_status_is_given() {
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        let on_line: OnLine = Arc::new(move |line| heard.lock().unwrap().push(line));
        let status = SystemProcesses
            .run("sh", &["-c", r"printf '\377\n'; echo out; echo err >&2; exit 3"], on_line)
            .await
            .unwrap();
        let mut said = said.lock().unwrap().clone();
        said.sort();
        assert_eq!((status, said), (3, ["err", "out", "\u{fffd}"].map(str::to_owned).to_vec()));
        let missing =
            SystemProcesses.run("usher-has-no-such-program", &[], Arc::new(drop)).await.unwrap_err();
        assert_eq!(missing.code, ErrorCode::ProgramMissing);
    }
}
