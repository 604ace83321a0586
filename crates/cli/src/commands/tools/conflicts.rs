//! Sentences about what stands in the way of a connection.

use usher_app::view::{ToolConflictKind, ToolConflictView};
use usher_text::messages as m;

use crate::language::language;

/// Says what conflicts with connecting a tool, and what to do.
pub(super) fn warning(conflict: &ToolConflictView, name: &str) -> String {
    let ToolConflictView { kind, subject, detail } = conflict;
    match kind {
        ToolConflictKind::Variable => m::conflict_variable(language(), subject, name),
        ToolConflictKind::Key => m::conflict_key(language(), detail, subject),
        ToolConflictKind::Project => m::conflict_project(language(), detail, subject, name),
        ToolConflictKind::Managed => m::conflict_managed(language(), detail, subject, name),
        ToolConflictKind::SignIn => m::conflict_sign_in(language(), detail, subject, name),
        ToolConflictKind::Comments => m::conflict_comments(language(), detail, subject, name),
        ToolConflictKind::Switcher => m::conflict_switcher(language(), subject, detail),
        ToolConflictKind::Version => m::conflict_version(language(), name, subject, detail),
        ToolConflictKind::OlderFile => m::conflict_older_file(language(), name, subject, detail),
        ToolConflictKind::Loop => m::conflict_loop(language(), subject, detail),
        ToolConflictKind::Shared => m::conflict_shared(language(), subject, detail, name),
        ToolConflictKind::Served => m::conflict_served(language(), subject, detail, name),
    }
}
