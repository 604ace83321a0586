//! The Codex desktop app, which reads the Codex CLI's `config.toml`.
//!
//! As a plain provider Usher would cost it its model menu and its plugins. With `requires_openai_auth` it keeps its own
//! sign-in, and sends that to Usher too, which reads only the pass in `http_headers`. A command for the pass is refused
//! beside it (protocol §11), and an app that is not started from a terminal has no variables, so the pass stands in the
//! file. Keys: `./dev test` runs the app's server of Codex 0.171.0 with them (`tests/interop/clients/codex-app.test.js`).
//! Folders: openai/codex#28392 and #28031 for Windows.

use super::codex::{FOLDER, OVERRIDES, provider};
use super::{Edit, EditValue, File, Method, PROVIDER, PassMethod, SWITCHERS, Tool, When};
use crate::document::Format;
use crate::document::key_path::KeyPath;
use crate::document::value::Value;
use crate::setup::Setup;
use crate::system::place::{Base, Place};

/// The header with the pass, which the app's own sign-in leaves free (contract §3).
const PASS_HEADER: &str = "x-api-key";

const FILES: [File; 1] = [File {
    format: Format::Toml,
    folder: FOLDER,
    names: &["config.toml"],
    create: "config.toml",
    instead_of: None,
    edits,
    winning,
    refuses_comments: false,
}];

pub(super) const TOOL: Tool = Tool {
    folders: &[
        Place { variable: None, base: Base::Root, folder: "Applications/Codex.app" },
        Place { variable: None, base: Base::Home, folder: "Applications/Codex.app" },
        Place {
            variable: None,
            base: Base::Home,
            folder: "AppData/Local/Packages/OpenAI.Codex_2p2nqsd0c76g0",
        },
    ],
    own_sign_in: true,
    overrides: OVERRIDES,
    switchers: SWITCHERS,
    stands_in_for: Some("codex"),
    ..Tool::new("codex-app", "Codex desktop app", Method::Files(&FILES), PassMethod::Literal)
};

fn edits(setup: &Setup) -> Vec<Edit> {
    vec![
        Edit::text(KeyPath::keys(["model_provider"]), PROVIDER).when(When::TakesOver),
        Edit::text(provider("name"), "Usher"),
        Edit::text(provider("base_url"), setup.address_with_version()),
        Edit::text(provider("wire_api"), "responses"),
        Edit::plain(provider("requires_openai_auth"), Value::Flag(true)),
        Edit {
            path: provider("http_headers"),
            value: EditValue::PlainWithPass(Value::table([]), PASS_HEADER),
            when: When::Always,
        },
    ]
}

/// Codex refuses a command beside its own sign-in, and takes another bearer in place of it.
fn winning() -> Vec<KeyPath> {
    ["auth", "experimental_bearer_token"].map(provider).into()
}
