//! llm. Keys: llm.datasette.io/en/stable/other-models.html ("OpenAI-compatible models") and setup.html (keys, folder).

use super::{Check, Edit, File, Method, PROVIDER, PassMethod, Tool, no_keys};
use crate::document::Format;
use crate::document::key_path::KeyPath;
use crate::document::value::Value;
use crate::setup::Setup;
use crate::system::place::{Base, Place};

const FOLDER: Place =
    Place { variable: Some("LLM_USER_PATH"), base: Base::System, folder: "io.datasette.llm" };

const FILES: [File; 2] = [
    File {
        format: Format::Jsonc,
        folder: FOLDER,
        names: &["keys.json"],
        create: "keys.json",
        instead_of: None,
        edits: |_| vec![Edit::pass(KeyPath::keys([PROVIDER]))],
        winning: no_keys,
        refuses_comments: false,
    },
    File {
        format: Format::Yaml,
        folder: FOLDER,
        names: &["extra-openai-models.yaml"],
        create: "extra-openai-models.yaml",
        instead_of: None,
        edits: models,
        winning: no_keys,
        refuses_comments: false,
    },
];

pub(super) const TOOL: Tool = Tool {
    programs: &["llm"],
    python_package: Some("llm"),
    folders: &[FOLDER],
    needs_models: true,
    check: Some(Check {
        program: "llm",
        arguments: |setup| {
            let model = setup.chosen().map(|model| ["-m".to_owned(), format!("{PROVIDER}/{}", model.id)]);
            model.into_iter().flatten().chain(["Reply with the word hello.".to_owned()]).collect()
        },
    }),
    usage: Some(|setup| match setup.chosen() {
        Some(model) => format!("llm -m {PROVIDER}/{}", model.id),
        None => "llm".to_owned(),
    }),
    ..Tool::new("llm", "llm", Method::Files(&FILES), PassMethod::Literal)
};

fn models(setup: &Setup) -> Vec<Edit> {
    let entry = |id: &str, model: &str| {
        Value::table([
            ("model_id", Value::text(id)),
            ("model_name", Value::text(model)),
            ("api_base", Value::text(setup.address_with_version())),
            ("api_key_name", Value::text(PROVIDER)),
        ])
    };
    let edit = |model: &crate::setup::Model| {
        let id = format!("{PROVIDER}/{}", model.id);
        Edit::plain(KeyPath::keys([]).item("model_id", &id), entry(&id, &model.id))
    };
    setup.models.iter().map(edit).collect()
}
