//! Cline. The command is the recipe's; it writes its own file, whose format no documentation has. The extension has its
//! settings in the editor's store.

use super::{Method, PassMethod, Tool};
use crate::setup::Setup;
use crate::system::place::{Base, Place};
use crate::system::shell::Shell;

pub(super) const TOOL: Tool = Tool {
    programs: &["cline"],
    extensions: &["saoudrizwan.claude-dev"],
    folders: &[Place { variable: None, base: Base::Home, folder: ".cline" }],
    own_sign_in: true,
    ..Tool::new("cline", "Cline", Method::ByHand(lines), PassMethod::Literal)
};

fn lines(setup: &Setup) -> String {
    let pass = Shell::Posix.word(&setup.pass);
    let model = setup.chosen().map_or("MODEL", |model| model.id.as_str());
    format!(
        "cline auth -p openai-native -b {} -k \"$(usher pass print {pass})\" -m {model}\n\
         # In the extension: API provider OpenAI Compatible, with the same address, pass and model.",
        setup.address_with_version()
    )
}
