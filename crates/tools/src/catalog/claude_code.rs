//! Claude Code. Keys: code.claude.com/docs, settings and environment variables. The variables are those of the recipe; a
//! command for the pass takes the place of `ANTHROPIC_AUTH_TOKEN`, which would win over it, as would `ANTHROPIC_API_KEY`.

use super::overrides::{Override, ProjectList, Source};
use super::{Check, Edit, File, Method, PassMethod, SWITCHERS, Tool, When};
use crate::document::Format;
use crate::document::key_path::KeyPath;
use crate::setup::Setup;
use crate::system::place::{Base, Place};

const FOLDER: Place = Place { variable: Some("CLAUDE_CONFIG_DIR"), base: Base::Home, folder: ".claude" };

/// Where an organization sets it up for all people of a computer.
const MANAGED: Place = Place {
    variable: None,
    base: Base::Root,
    folder: if cfg!(windows) {
        "C:/Program Files/ClaudeCode"
    } else if cfg!(target_os = "macos") {
        "Library/Application Support/ClaudeCode"
    } else {
        "etc/claude-code"
    },
};

const FILES: [File; 1] = [File {
    format: Format::Jsonc,
    folder: FOLDER,
    names: &["settings.json"],
    create: "settings.json",
    instead_of: None,
    edits,
    winning,
    refuses_comments: true,
}];

pub(crate) const TOOL: Tool = Tool {
    programs: &["claude"],
    folders: &[FOLDER],
    variables: &[
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "CLAUDE_CODE_USE_BEDROCK",
        "CLAUDE_CODE_USE_FOUNDRY",
        "CLAUDE_CODE_USE_VERTEX",
    ],
    overrides: &[
        Override {
            source: Source::Project(".claude"),
            format: Format::Jsonc,
            names: &["settings.json", "settings.local.json"],
            keys: overriding,
        },
        Override {
            source: Source::Managed(MANAGED),
            format: Format::Jsonc,
            names: &["managed-settings.json", "managed-settings.d/*.json"],
            keys: overriding,
        },
    ],
    projects: Some(ProjectList {
        folder: Place { variable: Some("CLAUDE_CONFIG_DIR"), base: Base::Home, folder: "" },
        name: ".claude.json",
        format: Format::Jsonc,
        table: "projects",
    }),
    switchers: SWITCHERS,
    check: Some(Check {
        program: "claude",
        arguments: |_| vec!["-p".to_owned(), "Reply with the word hello.".to_owned()],
    }),
    ..Tool::new("claude-code", "Claude Code", Method::Files(&FILES), PassMethod::Helper)
};

fn edits(setup: &Setup) -> Vec<Edit> {
    vec![
        Edit::text(KeyPath::keys(["env", "ANTHROPIC_BASE_URL"]), &setup.address).when(When::TakesOver),
        Edit::text(KeyPath::keys(["env", "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY"]), "1"),
        Edit::text(KeyPath::keys(["apiKeyHelper"]), setup.helper.line()).when(When::TakesOver),
    ]
}

fn winning() -> Vec<KeyPath> {
    TOOL.variables.iter().map(|name| KeyPath::keys(["env", name])).collect()
}

/// Each key of an outer settings file wins over the same one of the person's.
fn overriding(_setup: &Setup) -> Vec<KeyPath> {
    let variables = TOOL.variables.iter().copied().chain(["ANTHROPIC_BASE_URL"]);
    let keys = variables.map(|name| KeyPath::keys(["env", name]));
    keys.chain([KeyPath::keys(["apiKeyHelper"])]).collect()
}
