//! Qwen Code. The lines are the recipe's. Its settings have a list of models whose form differs between versions.

use super::{Method, PassMethod, Tool};
use crate::setup::Setup;
use crate::system::place::{Base, Place};
use crate::system::shell::Shell;

pub(super) const TOOL: Tool = Tool {
    programs: &["qwen"],
    folders: &[Place { variable: None, base: Base::Home, folder: ".qwen" }],
    ..Tool::new("qwen-code", "Qwen Code", Method::ByHand(lines), PassMethod::Environment("OPENAI_API_KEY"))
};

fn lines(setup: &Setup) -> String {
    let address = setup.address_with_version();
    let variables = Shell::Posix.variables(("OPENAI_BASE_URL", &address), ("OPENAI_API_KEY", &setup.pass));
    let model = setup.chosen().map_or("MODEL", |model| model.id.as_str());
    format!("{variables}\nexport OPENAI_MODEL={model}\nqwen --auth-type openai")
}
