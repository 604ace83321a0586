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

    /// Resolves a role with the choices of a pass over those of an account.
    ///
    /// A tier belongs to the model that it was chosen with: where the model is the pass's, only the pass's own tier counts,
    /// for whatever role the account has another one. An effort belongs to its role and falls back by itself.
    pub fn resolve_over(role: Role, account: impl Fn(Role) -> Self, pass: &Roles) -> Self {
        let of_pass = |role: Role| pass.get(&role).cloned().unwrap_or_default();
        let resolved = Self::resolve(role, |role| account(role).overridden_by(of_pass(role)));
        let chooses_model = |choice: &Self| choice.model.is_some();
        let first = role
            .fallbacks()
            .iter()
            .find(|role| chooses_model(&of_pass(**role)) || chooses_model(&account(**role)));
        match first {
            Some(first) if chooses_model(&of_pass(*first)) => {
                Self { tier: Self::resolve(role, of_pass).tier, ..resolved }
            }
            _ => resolved,
        }
    }

    /// Returns this choice with that of a pass over it.
    fn overridden_by(self, pass: Self) -> Self {
        Self {
            model: pass.model.or(self.model),
            effort: pass.effort.or(self.effort),
            tier: pass.tier.or(self.tier),
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
        let over = |pass: RoleChoice| {
            RoleChoice::resolve_over(Role::Main, |_| account.clone(), &[(Role::Main, pass)].into())
        };
        assert_eq!(
            over(choice(None, Some("low"), None)),
            choice(Some("main"), Some("low"), Some(Tier::Fast))
        );
        let other = over(choice(Some("other"), None, None));
        assert_eq!(other, choice(Some("other"), Some("high"), None), "the tier was that of the other model");
    }

    #[test]
    fn fast_tier_of_the_account_is_never_used_for_a_model_of_the_pass() {
        let fast = Some(Tier::Fast);
        let account = |with_model: bool| {
            move |role: Role| choice(Some("main").filter(|_| role == Role::Main || with_model), None, fast)
        };
        for role in Role::ALL {
            let pass: Roles = [(Role::Main, choice(Some("luna"), None, None))].into();
            let used = RoleChoice::resolve_over(*role, account(false), &pass);
            assert_eq!(used, choice(Some("luna"), None, None), "{role:?}");
            // The account's own model for a role comes before the pass's main one, with its tier.
            let used = RoleChoice::resolve_over(*role, account(true), &pass);
            let expected =
                if *role == Role::Main { choice(Some("luna"), None, None) } else { account(true)(*role) };
            assert_eq!(used, expected, "{role:?}");
            // What the pass chooses for the role holds for its model.
            let mut own = pass.clone();
            own.entry(*role).or_default().tier = fast;
            assert_eq!(RoleChoice::resolve_over(*role, account(false), &own).tier, fast, "{role:?}");
        }
        let pass: Roles = [(Role::Small, choice(Some("luna"), None, None))].into();
        assert_eq!(RoleChoice::resolve_over(Role::Haiku, account(false), &pass).tier, None);
        assert_eq!(
            RoleChoice::resolve_over(Role::Opus, account(false), &pass),
            choice(Some("main"), None, fast)
        );
    }

    #[test]
    fn roles_and_tiers_have_the_same_names_everywhere() {
        for role in Role::ALL {
            assert_eq!(role.as_ref().parse(), Ok(*role));
        }
        assert_eq!("fast".parse(), Ok(Tier::Fast));
    }
}
