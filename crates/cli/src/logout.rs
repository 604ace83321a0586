//! `usher logout`: Disconnect, and which parts of it happened.

use std::io::{IsTerminal as _, Write as _};

use serde::Serialize;
use usher_app::App;
use usher_app::view::Revoked;
use usher_domain::{ErrorCode, Exit, Failure};

use crate::output::Output;

#[derive(Serialize)]
struct LogoutDocument {
    revoked: Revoked,
    erased: bool,
    passes_refused: bool,
}

pub(crate) async fn run(app: &App, yes: bool, output: Output) -> Result<Exit, Failure> {
    if !yes && !confirmed()? {
        return Err(Failure::new(ErrorCode::Cancelled, "nothing was changed"));
    }
    let done = app.disconnect().await?;
    output.document(&LogoutDocument {
        revoked: done.revoked,
        erased: done.erased,
        passes_refused: done.passes_refused,
    });
    let whose = done.email.as_deref().unwrap_or("the account");
    output.text(match done.revoked {
        Revoked::Yes => format!(
            "Disconnected. OpenAI has ended the sign-in for {whose}, and it is deleted from this computer."
        ),
        Revoked::Pending => format!(
            "Disconnected here, but OpenAI could not be told. The sign-in for {whose} is deleted from this \
             computer; Usher tells OpenAI when it next starts, and goes on trying for seven days."
        ),
        Revoked::NotNeeded => format!(
            "The sign-in for {whose} is deleted from this computer; there was nothing to end at OpenAI."
        ),
    });
    Ok(Exit::Done)
}

fn confirmed() -> Result<bool, Failure> {
    let mut input = std::io::stdin();
    if !input.is_terminal() {
        return Err(Failure::new(ErrorCode::BadUsage, "without a terminal to ask on, logout needs --yes"));
    }
    let unreadable = |error: std::io::Error| Failure::new(ErrorCode::BadUsage, error.to_string());
    let mut err = std::io::stderr();
    write!(err, "Disconnect? OpenAI is asked to end this sign-in, and it is deleted here. [y/N] ")
        .map_err(unreadable)?;
    err.flush().map_err(unreadable)?;
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(&mut input), &mut line).map_err(unreadable)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}
