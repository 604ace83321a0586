//! Roles: the work that clients name a model for, and what the user chose for each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The work that a client means by the name of a model.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    TS,
    strum::VariantArray,
    strum::AsRefStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// No model is named, or one that has no role of its own.
    Main,
    /// The client's fast model, for work in the background.
    Small,
    /// What Claude Code calls Opus.
    Opus,
    /// What Claude Code calls Sonnet.
    Sonnet,
    /// What Claude Code calls Haiku.
    Haiku,
}

/// How soon a provider answers, where it has several tiers.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    TS,
    strum::VariantArray,
    strum::AsRefStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Tier {
    /// The tier that is used when none is chosen.
    Standard,
    /// Answers sooner and costs more (`service_tier: "priority"`, protocol §8.2).
    Fast,
}

/// What the user chose for one role; what is absent is that of the roles before it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct RoleChoice {
    /// Model id.
    pub model: Option<String>,
    /// Reasoning effort.
    pub effort: Option<String>,
    /// Tier.
    pub tier: Option<Tier>,
}

/// Choices by role; a role without a choice is not in it.
pub type Roles = BTreeMap<Role, RoleChoice>;

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// Returns the roles whose choices count for this one, first the one that wins.
    pub fn fallbacks(self) -> &'static [Self] {
        match self {
            Self::Main => &[Self::Main],
            Self::Small => &[Self::Small, Self::Main],
            Self::Opus => &[Self::Opus, Self::Main],
            Self::Sonnet => &[Self::Sonnet, Self::Main],
            Self::Haiku => &[Self::Haiku, Self::Small, Self::Main],
        }
    }
}

impl RoleChoice {
    /// Returns whether nothing is chosen.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns this choice with that of a pass over it.
    ///
    /// A tier belongs to the model beside it: where the pass has another model, only the pass's own tier counts.
    #[must_use]
    pub fn overridden_by(self, pass: &Self) -> Self {
        let own_tier = self.tier.filter(|_| pass.model.is_none());
        Self {
            model: pass.model.clone().or(self.model),
            effort: pass.effort.clone().or(self.effort),
            tier: pass.tier.or(own_tier),
        }
    }

    /// Resolves a role: `choice` returns the choice of each.
    ///
    /// Model and effort are the first ones that are chosen. The tier falls back only as far as the model does, so that a fast
    /// tier which was chosen for one model is never used for another.
    pub fn resolve(role: Role, choice: impl Fn(Role) -> Self) -> Self {
        let mut resolved = Self::default();
        for role in role.fallbacks() {
            let next = choice(*role);
            if resolved.model.is_none() {
                resolved.tier = resolved.tier.or(next.tier);
            }
            resolved.model = resolved.model.or(next.model);
            resolved.effort = resolved.effort.or(next.effort);
        }
        resolved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(model: Option<&str>, effort: Option<&str>, tier: Option<Tier>) -> RoleChoice {
        RoleChoice { model: model.map(Into::into), effort: effort.map(Into::into), tier }
    }

    fn resolved(role: Role, choices: &[(Role, RoleChoice)]) -> RoleChoice {
        let choices: Roles = choices.iter().cloned().collect();
        RoleChoice::resolve(role, |role| choices.get(&role).cloned().unwrap_or_default())
    }

    #[test]
    fn role_falls_back_in_its_order() {
        let main = (Role::Main, choice(Some("main"), Some("high"), None));
        let small = (Role::Small, choice(Some("small"), None, None));
        for role in [Role::Opus, Role::Sonnet, Role::Main] {
            let found = resolved(role, &[main.clone(), small.clone()]);
            assert_eq!(found, choice(Some("main"), Some("high"), None));
        }
        for role in [Role::Haiku, Role::Small] {
            let found = resolved(role, &[main.clone(), small.clone()]);
            assert_eq!(found, choice(Some("small"), Some("high"), None));
            assert_eq!(resolved(role, std::slice::from_ref(&main)).model.as_deref(), Some("main"));
        }
        let haiku = (Role::Haiku, choice(None, Some("low"), None));
        assert_eq!(resolved(Role::Haiku, &[main, small, haiku]), choice(Some("small"), Some("low"), None));
    }

    #[test]
    fn tier_falls_back_with_the_model_and_never_alone() {
        let main = (Role::Main, choice(Some("main"), None, Some(Tier::Fast)));
        assert_eq!(resolved(Role::Haiku, std::slice::from_ref(&main)).tier, Some(Tier::Fast));
        let small = (Role::Small, choice(Some("small"), None, None));
        assert_eq!(resolved(Role::Haiku, &[main.clone(), small]).tier, None);
        let standard = (Role::Opus, choice(None, None, Some(Tier::Standard)));
        assert_eq!(resolved(Role::Opus, &[main, standard]), choice(Some("main"), None, Some(Tier::Standard)));
    }

    #[test]
    fn pass_overrides_what_it_names() {
        let account = choice(Some("main"), Some("high"), Some(Tier::Fast));
        let lower = account.clone().overridden_by(&choice(None, Some("low"), None));
        assert_eq!(lower, choice(Some("main"), Some("low"), Some(Tier::Fast)));
        let other = account.overridden_by(&choice(Some("other"), None, None));
        assert_eq!(other, choice(Some("other"), Some("high"), None), "the tier was that of the other model");
    }

    #[test]
    fn roles_and_tiers_have_the_same_names_everywhere() {
        for role in Role::ALL {
            assert_eq!(role.as_ref().parse(), Ok(*role));
        }
        assert_eq!("fast".parse(), Ok(Tier::Fast));
    }
}
