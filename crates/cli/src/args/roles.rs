//! `usher use`, and the options for what a pass uses by role.

use std::str::FromStr;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use usher_app::RoleEdit;
use usher_domain::{Role, RoleChoice, Roles, Tier};

pub(super) const USE_HELP: &str = "\
A role is the work that a program names a model for: `main`, `small` (its fast model), and what Claude Code calls `opus`,
`sonnet` and `haiku`. What is not chosen for a role is that of another: opus and sonnet fall back to main, haiku to small,
and small to main. The fast tier uses more of the plan; it belongs to the model that it was chosen with.

Examples:
  usher use gpt-5.5
  usher use gpt-5.5 --effort high
  usher use gpt-6.2-sol --role opus --effort high --tier fast
  usher use --role opus --reset";

/// The arguments of `usher use`.
#[derive(Debug, Clone, Args)]
pub(crate) struct UseArguments {
    /// Id of the model
    #[arg(required_unless_present_any = ["effort", "small", "tier", "reset"])]
    pub(crate) model: Option<String>,
    /// Reasoning effort
    #[arg(long)]
    pub(crate) effort: Option<String>,
    /// Tier: `fast` answers sooner and uses more of the plan
    #[arg(long, value_parser = tiers())]
    pub(crate) tier: Option<Tier>,
    /// Choose for this role
    #[arg(long, value_parser = roles())]
    pub(crate) role: Option<Role>,
    /// Take away what was chosen for the role
    #[arg(long, requires = "role", conflicts_with_all = ["model", "effort", "tier", "small"])]
    pub(crate) reset: bool,
    /// Background model for small tasks, for example of Claude Code
    #[arg(long, value_name = "MODEL", conflicts_with = "role")]
    pub(crate) small: Option<String>,
}

/// What a pass uses by role instead of what was chosen for the account.
#[derive(Debug, Clone, Default, Args)]
#[expect(clippy::struct_field_names, reason = "they are the names of the options")]
pub(crate) struct RoleArguments {
    /// Model for a role (main, small, opus, sonnet, haiku), instead of the account's: opus=gpt-5.5
    #[arg(long, value_name = "ROLE=MODEL", value_parser = role_value::<String>)]
    pub(crate) role_model: Vec<(Role, String)>,
    /// Reasoning effort for a role: haiku=low
    #[arg(long, value_name = "ROLE=EFFORT", value_parser = role_value::<String>)]
    pub(crate) role_effort: Vec<(Role, String)>,
    /// Tier for a role: opus=fast or main=standard
    #[arg(long, value_name = "ROLE=TIER", value_parser = role_value::<Tier>)]
    pub(crate) role_tier: Vec<(Role, Tier)>,
}

impl RoleArguments {
    /// Returns what these say, one edit for each role that they name.
    pub(crate) fn edits(&self) -> Vec<(Role, RoleEdit)> {
        let edit = |role: Role| {
            let text = |values: &[(Role, String)]| last(values, role);
            let edit = RoleEdit {
                reset: false,
                model: text(&self.role_model),
                effort: text(&self.role_effort),
                tier: last(&self.role_tier, role),
            };
            (edit != RoleEdit::default()).then_some((role, edit))
        };
        Role::ALL.iter().filter_map(|role| edit(*role)).collect()
    }
}

impl RoleArguments {
    /// Returns what these choose, for a pass that has no choices yet.
    pub(crate) fn choices(&self) -> Roles {
        let choice = |edit: RoleEdit| RoleChoice { model: edit.model, effort: edit.effort, tier: edit.tier };
        self.edits().into_iter().map(|(role, edit)| (role, choice(edit))).collect()
    }
}

/// Returns the last value for a role, which wins as for any option.
fn last<T: Clone>(values: &[(Role, T)], role: Role) -> Option<T> {
    values.iter().rev().find(|(of, _)| *of == role).map(|(_, value)| value.clone())
}

/// Parses the name of a role.
pub(super) fn roles() -> impl TypedValueParser<Value = Role> {
    names(Role::ALL)
}

fn tiers() -> impl TypedValueParser<Value = Tier> {
    names(&[Tier::Standard, Tier::Fast])
}

fn names<T>(all: &'static [T]) -> impl TypedValueParser<Value = T>
where
    T: AsRef<str> + FromStr<Err: std::error::Error + Send + Sync + 'static> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.iter().map(AsRef::as_ref)).try_map(|name| name.parse::<T>())
}

/// Parses `ROLE=VALUE`.
fn role_value<T: FromStr>(text: &str) -> Result<(Role, T), String> {
    let (role, value) = text.split_once('=').ok_or("give a role and a value, for example opus=gpt-5.5")?;
    let role = role.parse().map_err(|_| {
        let known: Vec<&str> = Role::ALL.iter().map(AsRef::as_ref).collect();
        format!("the roles are {}", known.join(", "))
    })?;
    if value.is_empty() {
        return Err("there is no value after =".into());
    }
    let value = value.parse().map_err(|_| "the tiers are standard and fast".to_owned())?;
    Ok((role, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_roles_are_put_together() {
        let arguments = RoleArguments {
            role_model: vec![role_value("opus=a").unwrap(), role_value("opus=b=c").unwrap()],
            role_effort: vec![role_value("haiku=low").unwrap()],
            role_tier: vec![role_value("opus=fast").unwrap()],
        };
        let edit = |model: Option<&str>, effort: Option<&str>, tier| RoleEdit {
            reset: false,
            model: model.map(Into::into),
            effort: effort.map(Into::into),
            tier,
        };
        let expected = vec![
            (Role::Opus, edit(Some("b=c"), None, Some(Tier::Fast))),
            (Role::Haiku, edit(None, Some("low"), None)),
        ];
        assert_eq!(arguments.edits(), expected);
        for text in ["opus", "opuss=a", "opus=", "=a"] {
            assert!(role_value::<String>(text).is_err(), "{text}");
        }
        assert!(role_value::<Tier>("opus=priority").is_err());
    }
}
