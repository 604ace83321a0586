//! `usher env`: the lines that connect a program to the gateway.

use usher_app::App;
use usher_app::view::SetupTool;
use usher_domain::{ExitStatus, Failure};
use usher_text::messages as m;

use crate::language::language;
use crate::output::Output;

pub(crate) async fn run(
    app: &App,
    tool: SetupTool,
    pass: Option<&str>,
    output: Output,
) -> Result<ExitStatus, Failure> {
    let setup = app.passes.setup(tool, pass).await?;
    output.document(&setup);
    output.text(&setup.text);
    if !app.gateway.view().running {
        output.hint(m::gateway_hint_off(language()));
    }
    Ok(ExitStatus::Success)
}
