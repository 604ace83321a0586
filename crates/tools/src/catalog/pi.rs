//! pi. Keys: the recipe of `./dev clients`; a command for the pass: earendil-works/pi, packages/coding-agent/docs/models.md
//! ("Value Resolution").

use super::overrides::{Override, Source};
use super::{Check, Edit, File, Method, PROVIDER, PassMethod, Tool, no_keys};
use crate::document::Format;
use crate::document::key_path::KeyPath;
use crate::document::value::Value;
use crate::setup::{Model, Setup};
use crate::system::place::{Base, Place};

const FOLDER: Place = Place { variable: Some("PI_CODING_AGENT_DIR"), base: Base::Home, folder: ".pi/agent" };

const FILES: [File; 1] = [File {
    format: Format::Jsonc,
    folder: FOLDER,
    names: &["models.json"],
    create: "models.json",
    instead_of: None,
    edits,
    winning: no_keys,
    refuses_comments: false,
}];

pub(super) const TOOL: Tool = Tool {
    programs: &["pi"],
    folders: &[FOLDER],
    own_sign_in: true,
    needs_models: true,
    overrides: &[Override {
        source: Source::SignIn(FOLDER),
        format: Format::Jsonc,
        names: &["auth.json"],
        keys: |_| vec![KeyPath::keys([PROVIDER])],
    }],
    check: Some(Check { program: "pi", arguments: check }),
    usage: Some(|setup| {
        let model = setup.chosen().map(|model| format!(" --model {}", model.id)).unwrap_or_default();
        format!("pi --provider {PROVIDER}{model}")
    }),
    ..Tool::new("pi", "pi", Method::Files(&FILES), PassMethod::Helper)
};

fn edits(setup: &Setup) -> Vec<Edit> {
    let provider = |key| KeyPath::keys(["providers", PROVIDER, key]);
    vec![
        Edit::text(provider("baseUrl"), setup.address_with_version()),
        Edit::text(provider("api"), "openai-responses"),
        Edit::text(provider("apiKey"), format!("!{}", setup.helper.line())),
        Edit::plain(provider("models"), Value::List(setup.models.iter().map(entry).collect())),
    ]
}

fn entry(model: &Model) -> Value {
    let mut entry = vec![
        ("id".to_owned(), Value::text(&model.id)),
        ("name".to_owned(), Value::text(&model.name)),
        ("reasoning".to_owned(), Value::Flag(true)),
        ("input".to_owned(), Value::List(vec![Value::text("text"), Value::text("image")])),
    ];
    entry.extend(model.context_window.map(|window| ("contextWindow".to_owned(), Value::Number(window))));
    Value::Table(entry)
}

fn check(setup: &Setup) -> Vec<String> {
    let mut arguments = vec!["--provider".to_owned(), PROVIDER.to_owned()];
    arguments.extend(setup.chosen().into_iter().flat_map(|model| ["--model".to_owned(), model.id.clone()]));
    arguments.extend(["-p".to_owned(), "Reply with the word hello.".to_owned()]);
    arguments
}
