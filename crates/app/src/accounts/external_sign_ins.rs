//! Sign-ins that other programs of this computer hold. Looking for them changes nothing.

use std::path::Path;
use usher_auth::{Advice, FoundSignIn, Program, Trouble, find};

use usher_domain::{Failure, sanitize_line};

use crate::app::{App, off_thread};
use crate::view::{FoundAdvice, FoundView};

/// Linux takes no longer ones.
const LONGEST_PATH: usize = 4096;

impl App {
    /// What was found, and what could not be read.
    pub async fn found_sign_ins(&self) -> Result<Vec<FoundView>, Failure> {
        let (places, now) = (self.places.clone(), self.clock.now());
        let found = off_thread(move || Ok(find(&places, now))).await?;
        let whole = found.sign_ins.into_iter().map(sign_in);
        Ok(whole.chain(found.troubles.into_iter().map(trouble)).collect())
    }
}

fn sign_in(found: FoundSignIn) -> FoundView {
    FoundView {
        program: id_of(found.program).into(),
        program_name: found.program.to_string(),
        place: place_of(&found.path),
        email: found.email,
        plan_name: found.plan.map(|plan| plan.display_name().to_owned()),
        last_refresh: found.last_refresh,
        expires_at: found.expires_at,
        advice: match found.advice {
            Advice::Link => FoundAdvice::Link,
            Advice::SignIn => FoundAdvice::SignIn,
        },
        trouble: None,
    }
}

fn trouble(trouble: Trouble) -> FoundView {
    FoundView {
        program: id_of(trouble.program).into(),
        program_name: trouble.program.to_string(),
        place: place_of(&trouble.path),
        email: None,
        plan_name: None,
        last_refresh: None,
        expires_at: None,
        advice: FoundAdvice::SignIn,
        trouble: Some(trouble.why),
    }
}

/// A path for people. Anybody who may write into a folder of another program gives its files their names.
pub(crate) fn place_of(path: &Path) -> String {
    sanitize_line(&path.display().to_string(), LONGEST_PATH)
}

/// The name for the command line.
fn id_of(program: Program) -> &'static str {
    match program {
        Program::Codex => "codex",
        Program::Opencode => "opencode",
        Program::Pi => "pi",
        Program::Missy => "missy",
        Program::CliProxyApi => "cli-proxy-api",
        Program::Goose => "goose",
    }
}
