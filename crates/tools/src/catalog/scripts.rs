//! The person's own scripts, with the packages of OpenAI and Anthropic. The lines are those of the recipes.

use super::{Method, PassMethod, Tool};
use crate::setup::Setup;
use crate::system::shell::Shell;

pub(super) const TOOL: Tool =
    Tool::new("scripts", "Scripts", Method::ByHand(lines), PassMethod::Environment("OPENAI_API_KEY"));

fn lines(setup: &Setup) -> String {
    let shell = Shell::of_this_system();
    let address = setup.address_with_version();
    let openai = shell.variables(("OPENAI_BASE_URL", &address), ("OPENAI_API_KEY", &setup.pass));
    let anthropic =
        shell.variables(("ANTHROPIC_BASE_URL", &setup.address), ("ANTHROPIC_API_KEY", &setup.pass));
    format!("{openai}\n{anthropic}")
}
