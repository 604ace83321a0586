//! Zed. Keys and the variable of the key: zed.dev/docs/ai/use-api-access ("OpenAI-compatible endpoints"). It keeps keys in
//! the keyring, or reads a variable with the name of the provider. It was not tried: it needs a desktop.

use super::{Edit, File, Method, PROVIDER, PassMethod, Tool, no_keys};
use crate::document::Format;
use crate::document::key_path::KeyPath;
use crate::document::value::Value;
use crate::setup::{Model, Setup};
use crate::system::place::{Base, Place};

/// On macOS, too, it is not where other programs have their settings.
const FOLDER: Place = if cfg!(windows) {
    Place { variable: None, base: Base::System, folder: "Zed" }
} else {
    Place { variable: None, base: Base::Config, folder: "zed" }
};

const FILES: [File; 1] = [File {
    format: Format::Jsonc,
    folder: FOLDER,
    names: &["settings.json"],
    create: "settings.json",
    instead_of: None,
    edits,
    winning: no_keys,
    refuses_comments: false,
}];

pub(super) const TOOL: Tool = Tool {
    programs: &["zed", "zeditor"],
    folders: &[FOLDER],
    own_sign_in: true,
    needs_models: true,
    usage: Some(|setup| {
        format!(
            "Give Zed its pass in its settings, AI, LLM Providers, usher: `usher pass print {}` prints it.",
            crate::system::shell::Shell::of_this_system().word(&setup.pass)
        )
    }),
    ..Tool::new("zed", "Zed", Method::Files(&FILES), PassMethod::Environment("USHER_API_KEY"))
};

fn edits(setup: &Setup) -> Vec<Edit> {
    let provider = |key| KeyPath::keys(["language_models", "openai_compatible", PROVIDER, key]);
    // It needs the size of each model's context.
    let models: Vec<Value> = setup.models.iter().filter_map(entry).collect();
    vec![
        Edit::text(provider("api_url"), setup.address_with_version()),
        Edit::plain(provider("available_models"), Value::List(models)),
    ]
}

fn entry(model: &Model) -> Option<Value> {
    Some(Value::table([
        ("name", Value::text(&model.id)),
        ("display_name", Value::text(&model.name)),
        ("max_tokens", Value::Number(model.context_window?)),
    ]))
}
