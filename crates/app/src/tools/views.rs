//! From the crate's types to those that leave the core.

use usher_tools::{Conflict, ConflictKind, FileOutcome, FilePreview, PassMethod, Surroundings};

use crate::view::{
    ToolConflictKind, ToolConflictView, ToolFileOutcome, ToolFileView, ToolKeyView, ToolPassMethod,
};

pub(super) fn pass_method(method: PassMethod) -> ToolPassMethod {
    match method {
        PassMethod::Helper => ToolPassMethod::Helper,
        PassMethod::PassFile => ToolPassMethod::PassFile,
        PassMethod::Environment(_) => ToolPassMethod::Environment,
        PassMethod::Literal => ToolPassMethod::Literal,
    }
}

pub(super) fn file(file: FilePreview, surroundings: &Surroundings) -> ToolFileView {
    let FilePreview { path, exists, becomes_private, keys, diff, .. } = file;
    let keys = keys.into_iter().map(|key| ToolKeyView {
        path: key.path,
        old: key.old,
        new: key.new,
        takes_over: key.takes_over,
    });
    ToolFileView { path: surroundings.shown(&path), exists, becomes_private, keys: keys.collect(), diff }
}

pub(super) fn conflict(conflict: Conflict) -> ToolConflictView {
    let Conflict { kind, subject, detail } = conflict;
    let kind = match kind {
        ConflictKind::Variable => ToolConflictKind::Variable,
        ConflictKind::Key => ToolConflictKind::Key,
        ConflictKind::Project => ToolConflictKind::Project,
        ConflictKind::Managed => ToolConflictKind::Managed,
        ConflictKind::SignIn => ToolConflictKind::SignIn,
        ConflictKind::Comments => ToolConflictKind::Comments,
        ConflictKind::Switcher => ToolConflictKind::Switcher,
        ConflictKind::Version => ToolConflictKind::Version,
        ConflictKind::OlderFile => ToolConflictKind::OlderFile,
        ConflictKind::Loop => ToolConflictKind::Loop,
        ConflictKind::Shared => ToolConflictKind::Shared,
        ConflictKind::Served => ToolConflictKind::Served,
    };
    ToolConflictView { kind, subject, detail }
}

pub(super) fn outcome(outcome: FileOutcome, surroundings: &Surroundings) -> ToolFileOutcome {
    let FileOutcome { path, changed, is_exact, removed, kept } = outcome;
    ToolFileOutcome { path: surroundings.shown(&path), changed, exact: is_exact, removed, kept }
}
