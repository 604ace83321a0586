//! What is chosen for a role, in words.

use usher_domain::RoleChoice;
use usher_text::{list, messages as m};

use crate::language::language;

/// Returns a model with the effort and the tier that were chosen for it.
pub(crate) fn with_details(model: String, choice: &RoleChoice) -> String {
    let effort = choice.effort.as_ref().map(|effort| m::effort_of(language(), effort));
    let tier = choice.tier.map(|tier| m::tier_of(language(), tier.as_ref()));
    list(language(), &[Some(model), effort, tier].into_iter().flatten().collect::<Vec<_>>())
}
