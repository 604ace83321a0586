//! goose. Variables: goose's documentation (guides/environment-variables). It was not tried: no registry has it.

use super::{Method, PassMethod, Tool};
use crate::setup::Setup;
use crate::system::place::{Base, Place};
use crate::system::shell::Shell;

pub(super) const TOOL: Tool = Tool {
    id: "goose",
    name: "goose",
    programs: &["goose"],
    python_package: None,
    extensions: &[],
    folders: &[Place { variable: None, base: Base::Config, folder: "goose" }],
    minimum: None,
    own_sign_in: true,
    needs_models: false,
    method: Method::ByHand(lines),
    pass: PassMethod::Environment("OPENAI_API_KEY"),
    variables: &[],
    overrides: &[],
    projects: None,
    switchers: &[],
    stands_in_for: None,
    check: None,
    usage: None,
};

fn lines(setup: &Setup) -> String {
    let model = setup.chosen().map_or("MODEL", |model| model.id.as_str());
    let variables = Shell::Posix.variables(("OPENAI_HOST", &setup.address), ("OPENAI_API_KEY", &setup.pass));
    format!("export GOOSE_PROVIDER=openai GOOSE_MODEL={model}\n{variables}")
}
