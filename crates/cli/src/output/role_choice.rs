//! What is chosen for a role, in words.

use usher_domain::RoleChoice;

/// Returns a model with the effort and the tier that were chosen for it.
pub(crate) fn with_details(model: String, choice: &RoleChoice) -> String {
    let effort = choice.effort.as_ref().map(|effort| format!("effort {effort}"));
    let tier = choice.tier.map(|tier| format!("{} tier", tier.as_ref()));
    [Some(model), effort, tier].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
