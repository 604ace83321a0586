//! opencode. Keys: the recipe of `./dev clients`; files and `{file:…}`: opencode.ai/docs/config. It reads `config.json`,
//! `opencode.json` and `opencode.jsonc` of one folder, and a later one wins.

use super::overrides::{Override, Source};
use super::{Check, Edit, File, Method, PROVIDER, PassMethod, Tool, When, no_keys};
use crate::document::Format;
use crate::document::key_path::KeyPath;
use crate::document::value::Value;
use crate::setup::Setup;
use crate::system::place::{Base, Place};

const FOLDER: Place = Place { variable: None, base: Base::Config, folder: "opencode" };

const FILES: [File; 1] = [File {
    format: Format::Jsonc,
    folder: FOLDER,
    names: &["opencode.jsonc", "opencode.json", "config.json"],
    create: "opencode.json",
    instead_of: None,
    edits,
    winning: no_keys,
    refuses_comments: false,
}];

pub(super) const TOOL: Tool = Tool {
    programs: &["opencode"],
    folders: &[FOLDER],
    own_sign_in: true,
    needs_models: true,
    variables: &["OPENCODE_CONFIG", "OPENCODE_CONFIG_CONTENT"],
    overrides: &[
        Override {
            source: Source::Project(""),
            format: Format::Jsonc,
            names: &["opencode.json", "opencode.jsonc"],
            keys: overriding,
        },
        Override {
            source: Source::Project(".opencode"),
            format: Format::Jsonc,
            names: &["opencode.json", "opencode.jsonc"],
            keys: overriding,
        },
    ],
    check: Some(Check { program: "opencode", arguments: check }),
    usage: Some(|setup| match setup.chosen() {
        Some(model) => format!("opencode -m {PROVIDER}/{}", model.id),
        None => "opencode".to_owned(),
    }),
    ..Tool::new("opencode", "opencode", Method::Files(&FILES), PassMethod::PassFile)
};

fn edits(setup: &Setup) -> Vec<Edit> {
    let provider = |key| KeyPath::keys(["provider", PROVIDER, key]);
    let mut edits = vec![
        Edit::text(provider("npm"), "@ai-sdk/openai"),
        Edit::text(provider("name"), "Usher"),
        Edit::text(provider("options").key("baseURL"), setup.address_with_version()),
        Edit::text(provider("options").key("apiKey"), format!("{{file:{}}}", setup.pass_file)),
    ];
    for model in &setup.models {
        edits.push(Edit::plain(
            provider("models").key(&model.id),
            Value::table([("name", Value::text(&model.name))]),
        ));
    }
    if let Some(model) = setup.chosen() {
        let id = format!("{PROVIDER}/{}", model.id);
        edits.push(Edit::text(KeyPath::keys(["model"]), id).when(When::MadeDefault));
    }
    edits
}

fn check(setup: &Setup) -> Vec<String> {
    let model = setup.chosen().map(|model| format!("{PROVIDER}/{}", model.id));
    let mut arguments = vec!["run".to_owned()];
    arguments.extend(model.into_iter().flat_map(|model| ["-m".to_owned(), model]));
    arguments.push("Reply with the word hello.".to_owned());
    arguments
}

/// The files of a project are read after the person's.
fn overriding(setup: &Setup) -> Vec<KeyPath> {
    let options = KeyPath::keys(["provider", PROVIDER, "options"]);
    let mut keys = vec![options.clone().key("baseURL"), options.key("apiKey")];
    if setup.make_default {
        keys.push(KeyPath::keys(["model"]));
    }
    keys
}
