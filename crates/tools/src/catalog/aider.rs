//! aider. Keys: `aider.chat/docs/config/aider_conf.html`; the variables of the recipe have the same meaning. It takes no
//! command for a key, so the pass stands in its file.

use super::overrides::{Override, Source};
use super::{Edit, File, Method, PassMethod, Tool, When, no_keys};
use crate::document::Format;
use crate::document::key_path::KeyPath;
use crate::setup::Setup;
use crate::system::place::{Base, Place};

const FILES: [File; 1] = [File {
    format: Format::Yaml,
    folder: Place { variable: None, base: Base::Home, folder: "" },
    names: &[".aider.conf.yml"],
    create: ".aider.conf.yml",
    instead_of: None,
    edits,
    winning: no_keys,
    refuses_comments: false,
}];

pub(crate) const TOOL: Tool = Tool {
    programs: &["aider"],
    python_package: Some("aider_chat"),
    variables: &["AIDER_OPENAI_API_BASE", "AIDER_OPENAI_API_KEY"],
    // The file in the root of a repository is read after that of the home, and that of the current folder last.
    overrides: &[Override {
        source: Source::Project(""),
        format: Format::Yaml,
        names: &[".aider.conf.yml"],
        keys: |_| ["openai-api-base", "openai-api-key"].map(|key| KeyPath::keys([key])).into(),
    }],
    usage: Some(|setup| match setup.chosen() {
        Some(model) => format!("aider --model openai/{}", model.id),
        None => "aider".to_owned(),
    }),
    ..Tool::new("aider", "aider", Method::Files(&FILES), PassMethod::Literal)
};

fn edits(setup: &Setup) -> Vec<Edit> {
    let mut edits = vec![
        Edit::text(KeyPath::keys(["openai-api-base"]), setup.address_with_version()).when(When::TakesOver),
        Edit::pass(KeyPath::keys(["openai-api-key"])).when(When::TakesOver),
    ];
    if let Some(model) = setup.chosen() {
        let id = format!("openai/{}", model.id);
        edits.push(Edit::text(KeyPath::keys(["model"]), id).when(When::MadeDefault));
    }
    edits
}
