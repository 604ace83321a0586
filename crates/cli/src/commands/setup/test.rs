//! The fourth step: a test of the connection.

use usher_app::Target;
use usher_domain::ErrorCode;
use usher_text::messages as m;

use super::Wizard;
use super::progress::Step;
use crate::commands::test::report;
use crate::language::language;
use crate::questions::{Choice, Stop};

/// Tests the connection. After a failure the person decides whether to go on.
pub(super) async fn run(wizard: &mut Wizard<'_>, target: &Target) -> Result<(), Stop> {
    Step::Test.begin(wizard.output);
    if !wizard.questions.confirm(m::setup_ask_test(language()), true).await? {
        return Ok(());
    }
    loop {
        let failure = match report(wizard.app, target, wizard.output).await {
            None => {
                wizard.progress.found(Step::Test, m::setup_test_passed(language()));
                return Ok(());
            }
            Some(failure) if failure.code == ErrorCode::Cancelled => return Err(Stop::Cancelled),
            Some(failure) => failure,
        };
        let message = wizard.output.subject.message(language(), failure.code);
        wizard.progress.found(Step::Test, m::setup_test_failed(language(), message));
        let choices = [m::setup_test_again, m::setup_test_go_on, m::setup_test_stop];
        let choices = choices.into_iter().map(|choice| Choice::new(choice(language()))).collect();
        match wizard.questions.select(m::setup_ask_test_failed(language()), choices, 0).await? {
            0 => {}
            1 => return Ok(()),
            _ => return Err(Stop::Cancelled),
        }
    }
}
