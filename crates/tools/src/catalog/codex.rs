//! The Codex CLI. Keys: the recipe of `./dev clients`; key helper since 0.118.0 (openai/codex, release notes).

use super::overrides::{Override, Source};
use super::{Check, Edit, File, Method, Minimum, PROVIDER, PassMethod, SWITCHERS, Tool, When};
use crate::document::Format;
use crate::document::key_path::KeyPath;
use crate::document::value::Value;
use crate::setup::Setup;
use crate::system::place::{Base, Place};

pub(super) const FOLDER: Place = Place { variable: Some("CODEX_HOME"), base: Base::Home, folder: ".codex" };

/// What an organization sets for all people of a computer. Settings of a project are no danger: they may not choose a provider.
pub(super) const OVERRIDES: &[Override] = &[Override {
    source: Source::Managed(Place { variable: None, base: Base::Root, folder: "etc/codex" }),
    format: Format::Toml,
    names: &["managed_config.toml"],
    keys: |_| vec![KeyPath::keys(["model_provider"]), provider("base_url"), provider("auth")],
}];

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

pub(crate) const TOOL: Tool = Tool {
    programs: &["codex"],
    folders: &[FOLDER],
    // The first that takes a command for the pass.
    minimum: Some(Minimum { version: "0.118.0" }),
    own_sign_in: true,
    overrides: OVERRIDES,
    switchers: SWITCHERS,
    check: Some(Check { program: "codex", arguments: check }),
    usage: Some(usage),
    ..Tool::new("codex", "Codex CLI", Method::Files(&FILES), PassMethod::Helper)
};

pub(super) fn provider(key: &str) -> KeyPath {
    KeyPath::keys(["model_providers", PROVIDER, key])
}

/// Codex refuses a command for the pass beside each of these.
fn winning() -> Vec<KeyPath> {
    ["env_key", "experimental_bearer_token", "requires_openai_auth"].map(provider).into()
}

fn edits(setup: &Setup) -> Vec<Edit> {
    let arguments = setup.helper.arguments.iter().map(Value::text).collect();
    let helper =
        Value::table([("command", Value::text(&setup.helper.program)), ("args", Value::List(arguments))]);
    let mut edits = Vec::new();
    if let Some(model) = setup.chosen() {
        edits.push(Edit::text(KeyPath::keys(["model"]), &model.id).when(When::MadeDefault));
    }
    edits.push(Edit::text(KeyPath::keys(["model_provider"]), PROVIDER).when(When::MadeDefault));
    edits.push(Edit::text(provider("name"), "Usher"));
    edits.push(Edit::text(provider("base_url"), setup.address_with_version()));
    edits.push(Edit::text(provider("wire_api"), "responses"));
    edits.push(Edit::plain(provider("auth"), helper));
    edits
}

fn usage(setup: &Setup) -> String {
    let model = setup.chosen().map(|model| format!(" -m {}", model.id)).unwrap_or_default();
    format!("codex -c model_provider={PROVIDER}{model}")
}

fn check(setup: &Setup) -> Vec<String> {
    let mut arguments = vec!["exec".to_owned(), "--skip-git-repo-check".to_owned()];
    arguments.extend(["-c".to_owned(), format!("model_provider={PROVIDER}")]);
    arguments.extend(setup.chosen().into_iter().flat_map(|model| ["-m".to_owned(), model.id.clone()]));
    arguments.push("Reply with the word hello.".to_owned());
    arguments
}

/// Another name than that of the connected provider: the keys of both would be taken together, and Codex refuses a provider
/// with two ways to its pass.
const RUN_PROVIDER: &str = "usher_run";

/// Returns the arguments for one run, in which `pass` is the variable that holds the pass. Codex's own provider does not read
/// `OPENAI_BASE_URL`, and asks for a sign-in.
pub(crate) fn run_arguments(address: &str, pass: &str, model: Option<&str>) -> Vec<String> {
    // A JSON text is a string of TOML.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let provider = |key: &str, value: &str| format!("model_providers.{RUN_PROVIDER}.{key}={}", quoted(value));
    let mut settings = vec![
        format!("model_provider={}", quoted(RUN_PROVIDER)),
        provider("name", "Usher"),
        provider("base_url", &format!("{address}/v1")),
        provider("env_key", pass),
        provider("wire_api", "responses"),
    ];
    settings.extend(model.map(|model| format!("model={}", quoted(model))));
    settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]).collect()
}
