//! The model that requests use.

use usher_domain::{Model, Selection};

/// The model that requests use: the chosen one while the list has it, else the account's default.
pub(crate) fn chosen<'a>(models: &'a [Model], selection: &Selection) -> Option<&'a Model> {
    let wanted = selection.model.as_ref().and_then(|id| models.iter().find(|model| model.id == *id));
    wanted.or_else(|| models.iter().find(|model| model.default))
}
