//! Continue. Keys: the recipe of `./dev clients`; docs.continue.dev/reference. A `config.yaml` takes the place of an older
//! `config.json`, so none is created beside one.

use super::{Edit, EditValue, File, Method, PassMethod, Tool, When, no_keys};
use crate::document::Format;
use crate::document::key_path::KeyPath;
use crate::document::value::Value;
use crate::setup::Setup;
use crate::system::place::{Base, Place};

const FOLDER: Place = Place { variable: Some("CONTINUE_GLOBAL_DIR"), base: Base::Home, folder: ".continue" };
/// The name of the model in the list, by which it is found again.
const NAME: &str = "Usher";

const FILES: [File; 1] = [File {
    format: Format::Yaml,
    folder: FOLDER,
    names: &["config.yaml"],
    create: "config.yaml",
    instead_of: Some("config.json"),
    edits,
    winning: no_keys,
    refuses_comments: false,
}];

pub(super) const TOOL: Tool = Tool {
    programs: &["cn"],
    extensions: &["continue.continue"],
    folders: &[FOLDER],
    needs_models: true,
    usage: Some(|_| "Choose the model Usher in Continue.".to_owned()),
    ..Tool::new("continue", "Continue", Method::Files(&FILES), PassMethod::Literal)
};

fn edits(setup: &Setup) -> Vec<Edit> {
    let Some(model) = setup.chosen() else { return Vec::new() };
    let entry = Value::table([
        ("name", Value::text(NAME)),
        ("provider", Value::text("openai")),
        ("model", Value::text(&model.id)),
        ("apiBase", Value::text(setup.address_with_version())),
    ]);
    let required = |key, value| Edit::text(KeyPath::keys([key]), value).when(When::Missing);
    vec![
        required("name", "Local config"),
        required("version", "1.0.0"),
        required("schema", "v1"),
        Edit {
            path: KeyPath::keys(["models"]).item("name", NAME),
            value: EditValue::PlainWithPass(entry, "apiKey"),
            when: When::Always,
        },
    ]
}
