//! The Codex desktop app. It reads the Codex CLI's `config.toml`. As a plain provider Usher would cost it its model menu
//! and its plugins, so it is not connected here.

use super::{Method, PassMethod, Tool};
use crate::setup::Setup;
use crate::system::place::{Base, Place};

pub(super) const TOOL: Tool = Tool {
    id: "codex-app",
    name: "Codex desktop app",
    programs: &[],
    folders: &[
        Place { variable: None, base: Base::Root, folder: "Applications/Codex.app" },
        Place { variable: None, base: Base::Home, folder: "Applications/Codex.app" },
    ],
    minimum: None,
    own_sign_in: true,
    needs_models: false,
    method: Method::ByHand(lines),
    pass: PassMethod::Helper,
    variables: &[],
    switchers: &[],
    check: None,
    usage: None,
};

fn lines(_: &Setup) -> String {
    "The app shares ~/.codex/config.toml with the Codex CLI: `usher tools connect codex` adds Usher as a provider there.\n\
     With Usher as its default provider the app has no model menu and no plugins."
        .to_owned()
}
