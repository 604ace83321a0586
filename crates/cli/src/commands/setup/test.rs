//! The fourth step: a test of the connection.

use usher_app::Target;
use usher_domain::ErrorCode;

use super::Wizard;
use super::progress::Step;
use crate::commands::test::report;
use crate::questions::{Choice, Stop};

/// Tests the connection. After a failure the person decides whether to go on.
pub(super) async fn run(wizard: &mut Wizard<'_>, target: &Target) -> Result<(), Stop> {
    Step::Test.begin(wizard.output);
    if !wizard.questions.confirm("Test it now? Usher asks the model for one word.", true).await? {
        return Ok(());
    }
    loop {
        let failure = match report(wizard.app, target, wizard.output).await {
            None => {
                wizard.progress.found(Step::Test, "passed");
                return Ok(());
            }
            Some(failure) if failure.code == ErrorCode::Cancelled => return Err(Stop::Cancelled),
            Some(failure) => failure,
        };
        let message = wizard.output.subject.message(failure.code);
        wizard.progress.found(Step::Test, format!("failed: {message}"));
        let choices =
            ["Test again", "Go on to the tools", "Stop here"].into_iter().map(Choice::new).collect();
        match wizard.questions.select("The test failed. How do you want to go on?", choices, 0).await? {
            0 => {}
            1 => return Ok(()),
            _ => return Err(Stop::Cancelled),
        }
    }
}
