//! Sentences about what stands in the way of a connection.

use usher_app::view::{ToolConflictKind, ToolConflictView};

/// Says what conflicts with connecting a tool, and what to do.
pub(super) fn warning(conflict: &ToolConflictView, name: &str) -> String {
    let ToolConflictView { kind, subject, detail } = conflict;
    match kind {
        ToolConflictKind::Variable => {
            format!("Warning: the variable {subject} is set and wins. Unset it where {name} runs.")
        }
        ToolConflictKind::Key => {
            format!("Not possible: {detail} has {subject}, which wins. Remove that key, then try again.")
        }
        ToolConflictKind::Project => format!(
            "Warning: {detail} has {subject}, which wins in that folder. Remove it there, or {name} does not use Usher there."
        ),
        ToolConflictKind::Managed => format!(
            "Warning: {detail} has {subject}, which wins: {name} will not use Usher as shown. Ask whoever manages this \
             computer."
        ),
        ToolConflictKind::SignIn => format!(
            "Warning: {detail} has a key for {subject}, which wins over the pass. Sign out of {subject} in {name}."
        ),
        ToolConflictKind::Comments => format!(
            "Warning: {detail} has a comment or an extra comma in {subject}. {name} then ignores the whole file, so it \
             does not use Usher. Usher keeps comments; remove them yourself."
        ),
        ToolConflictKind::Switcher => {
            format!("Warning: {subject} ({detail}) writes the same file. Do not switch with both.")
        }
        ToolConflictKind::Version => format!("Not possible: {name} {subject} is too old. It needs {detail}."),
        ToolConflictKind::OlderFile => {
            format!("Not possible: {name} has a {subject}, and {detail} would take its place.")
        }
        ToolConflictKind::Loop => {
            format!("Not possible: {subject} has the gateway's own address, {detail}. Change its base URL.")
        }
        ToolConflictKind::Shared => format!(
            "Warning: {subject} reads {detail}, too. It then uses Usher by default, and asks for a sign-in to OpenAI where \
             it has none. A connection of its own comes back when you disconnect {name}."
        ),
        ToolConflictKind::Served => format!(
            "Not possible: {subject} is connected with the same keys of {detail}, so {name} uses Usher already. To connect \
             only {name}, disconnect {subject} first."
        ),
    }
}
