//! goose. Variables: goose's documentation (guides/environment-variables). It was not tried: no registry has it.

use super::{Method, PassMethod, Tool};
use crate::setup::Setup;
use crate::system::place::{Base, Place};
use crate::system::shell::Shell;

pub(super) const TOOL: Tool = Tool {
    programs: &["goose"],
    folders: &[Place { variable: None, base: Base::Config, folder: "goose" }],
    own_sign_in: true,
    ..Tool::new("goose", "goose", Method::ByHand(lines), PassMethod::Environment("OPENAI_API_KEY"))
};

fn lines(setup: &Setup) -> String {
    let model = setup.chosen().map_or("MODEL", |model| model.id.as_str());
    let variables = Shell::Posix.variables(("OPENAI_HOST", &setup.address), ("OPENAI_API_KEY", &setup.pass));
    format!("export GOOSE_PROVIDER=openai GOOSE_MODEL={model}\n{variables}")
}
