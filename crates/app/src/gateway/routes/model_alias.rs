//! What a model's name in a request means.

use usher_domain::{Model, ProviderId, Role, RoleChoice, Roles, Selection, Tier};

use crate::models::chosen::chosen;
use crate::providers::kinds::parse_provider_id;

/// What Claude Code and others begin their models' names with.
const CLAUDE: &str = "claude-";
/// Words in the rest of such a name, and the role that each one means; the first that is found counts.
const ROLE_WORDS: [(&str, Role); 4] =
    [("haiku", Role::Haiku), ("fast", Role::Small), ("opus", Role::Opus), ("sonnet", Role::Sonnet)];

/// A model, with what was chosen for the role in which it is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ResolvedModel {
    pub(crate) model: Model,
    pub(crate) effort: Option<String>,
    pub(crate) tier: Option<Tier>,
}

/// What a name means by itself.
enum Named {
    Model(Model),
    Role(Role),
}

/// What a person chose for an account, with the choices of a pass over it.
#[derive(Clone, Copy)]
pub(crate) struct RoleChoices<'a> {
    pub(crate) models: &'a [Model],
    pub(crate) selection: &'a Selection,
    pub(crate) pass: &'a Roles,
}

impl RoleChoices<'_> {
    /// Returns the model that `name` means, and what was chosen for it. Nothing when the provider lists no such model; an id
    /// that is not listed may exist all the same.
    ///
    /// A model that is named by its id has the tier of the main model only if it is that one: nobody chose a tier for another.
    pub(crate) fn resolve(&self, name: &str) -> Option<ResolvedModel> {
        match self.named(name)? {
            Named::Role(role) => self.of_role(role),
            Named::Model(model) => Some(self.of_model(model)),
        }
    }

    /// Returns what is used with a model that is named by its id.
    pub(crate) fn of_model(&self, model: Model) -> ResolvedModel {
        match self.of_role(Role::Main) {
            Some(main) if main.model.id == model.id => main,
            _ => ResolvedModel { effort: self.choice(Role::Main).effort, tier: None, model },
        }
    }

    /// Returns what a pass that allows one model only uses with it, for a request that named `asked`.
    pub(crate) fn of_only_model(&self, only: ResolvedModel, asked: &str) -> ResolvedModel {
        let role = match self.named(asked) {
            Some(Named::Role(role)) => role,
            Some(Named::Model(_)) | None => Role::Main,
        };
        let of_pass = RoleChoice::resolve(role, |role| self.pass.get(&role).cloned().unwrap_or_default());
        ResolvedModel {
            effort: self.choice(role).effort.or(only.effort),
            tier: of_pass.tier.or(only.tier),
            model: only.model,
        }
    }

    fn named(&self, name: &str) -> Option<Named> {
        if name.is_empty() {
            return Some(Named::Role(Role::Main));
        }
        if let Some(model) = self.listed(name) {
            return Some(Named::Model(model));
        }
        let name = without_window(name);
        if let Some(model) = self.listed(name) {
            return Some(Named::Model(model));
        }
        let alias = name.strip_prefix(CLAUDE)?;
        // Clients that keep only names beginning so are offered every model under such a name.
        if let Some(model) = self.listed(alias) {
            return Some(Named::Model(model));
        }
        let role = ROLE_WORDS.iter().find(|(word, _)| alias.contains(word)).map(|(_, role)| *role);
        Some(Named::Role(role.unwrap_or(Role::Main)))
    }

    /// Returns the model of a role; `None` where none is chosen and there is no default.
    pub(crate) fn of_role(&self, role: Role) -> Option<ResolvedModel> {
        let RoleChoice { model: wanted, effort, tier } = self.choice(role);
        // The main model of the account may be gone from the list; then the default takes its place.
        let own = wanted.as_ref().filter(|id| self.selection.model.as_ref() != Some(id));
        let model = match own {
            Some(id) => self.listed(id).unwrap_or_else(|| unlisted(id)),
            None => chosen(self.models, self.selection)?.clone(),
        };
        // The tier was chosen for the wanted model, not for one in its place.
        let tier = tier.filter(|_| wanted.is_none_or(|id| id == model.id));
        Some(ResolvedModel { model, effort, tier })
    }

    fn choice(&self, role: Role) -> RoleChoice {
        RoleChoice::resolve_over(role, |role| self.selection.choice(role), self.pass)
    }

    fn listed(&self, id: &str) -> Option<Model> {
        self.models.iter().find(|model| model.id == id).cloned()
    }
}

/// Returns `name` without the mark of a long context window, which a client writes behind it for its own use.
pub(crate) fn without_window(name: &str) -> &str {
    let Some((model, mark)) = name.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) else {
        return name;
    };
    let is_mark = mark
        .strip_suffix(['m', 'M', 'k', 'K'])
        .is_some_and(|digits| !digits.is_empty() && digits.chars().all(|digit| digit.is_ascii_digit()));
    if is_mark && !model.is_empty() { model } else { name }
}

/// Returns a model that is in no list.
pub(crate) fn unlisted(id: &str) -> Model {
    Model { id: id.to_owned(), name: id.to_owned(), text: true, ..Model::default() }
}

/// The provider and the rest of `provider/model`. An id may hold slashes itself, so this is asked only about names
/// that no list has.
pub(crate) fn with_provider(name: &str) -> Option<(ProviderId, &str)> {
    let (provider, model) = name.split_once('/')?;
    (!model.is_empty()).then_some((parse_provider_id(provider).ok()?, model))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::kinds::OPENAI;

    fn models() -> Vec<Model> {
        let model = |id: &str, default| Model { default, ..unlisted(id) };
        vec![model("gpt-6-sol", true), model("gpt-6-luna", false), model("openai/gpt-6", false)]
    }

    fn means(name: &str, small: Option<&str>) -> Option<String> {
        let selection = Selection { small: small.map(Into::into), ..Selection::default() };
        resolved(name, &selection, &Roles::new()).map(|found| found.model.id)
    }

    fn resolved(name: &str, selection: &Selection, pass: &Roles) -> Option<ResolvedModel> {
        RoleChoices { models: &models(), selection, pass }.resolve(name)
    }

    fn choice(model: Option<&str>, effort: Option<&str>, tier: Option<Tier>) -> RoleChoice {
        RoleChoice { model: model.map(Into::into), effort: effort.map(Into::into), tier }
    }

    fn facts(found: Option<ResolvedModel>) -> (String, Option<String>, Option<Tier>) {
        let found = found.unwrap();
        (found.model.id, found.effort, found.tier)
    }

    fn is(model: &str, effort: Option<&str>, tier: Option<Tier>) -> (String, Option<String>, Option<Tier>) {
        (model.into(), effort.map(Into::into), tier)
    }

    #[test]
    fn each_name_of_claude_code_has_a_role() {
        let mut selection = Selection::default();
        selection.set_choice(Role::Main, choice(Some("gpt-6-sol"), Some("high"), Some(Tier::Fast)));
        selection.set_choice(Role::Small, choice(Some("gpt-6-luna"), None, None));
        selection.set_choice(Role::Opus, choice(Some("openai/gpt-6"), Some("max"), None));
        selection.set_choice(Role::Sonnet, choice(None, Some("low"), Some(Tier::Standard)));
        let of = |name: &str| facts(resolved(name, &selection, &Roles::new()));
        assert_eq!(of("claude-opus-5-5"), is("openai/gpt-6", Some("max"), None));
        assert_eq!(of("claude-sonnet-5[1m]"), is("gpt-6-sol", Some("low"), Some(Tier::Standard)));
        assert_eq!(of("claude-haiku-4-5-20251001"), is("gpt-6-luna", Some("high"), None));
        assert_eq!(of("claude-other"), is("gpt-6-sol", Some("high"), Some(Tier::Fast)));
        // By its id: the main model is used as the main model, and any other has no tier that nobody chose for it.
        assert_eq!(of("gpt-6-sol"), of(""));
        assert_eq!(of("gpt-6-luna"), is("gpt-6-luna", Some("high"), None));
    }

    #[test]
    fn pass_overrides_the_account_by_role() {
        let mut selection = Selection::default();
        selection.set_choice(Role::Main, choice(Some("gpt-6-sol"), None, Some(Tier::Fast)));
        let pass = Roles::from([
            (Role::Haiku, choice(Some("gpt-6-luna"), Some("low"), None)),
            (Role::Main, choice(None, Some("max"), Some(Tier::Standard))),
        ]);
        let of = |name: &str| facts(resolved(name, &selection, &pass));
        assert_eq!(of("claude-haiku-5"), is("gpt-6-luna", Some("low"), None));
        assert_eq!(of("claude-opus-5"), is("gpt-6-sol", Some("max"), Some(Tier::Standard)));
        let (models, pass) = (models(), Roles::from([(Role::Haiku, choice(None, Some("low"), None))]));
        let choices = RoleChoices { models: &models, selection: &selection, pass: &pass };
        let only = choices.resolve("gpt-6-luna").unwrap();
        let used = choices.of_only_model(only, "claude-haiku-5");
        assert_eq!(facts(Some(used)), is("gpt-6-luna", Some("low"), None));
    }

    #[test]
    fn fast_tier_of_a_role_is_not_that_of_the_passs_main_model() {
        let mut selection = Selection::default();
        selection.set_choice(Role::Main, choice(Some("gpt-6-sol"), None, None));
        selection.set_choice(Role::Opus, choice(None, None, Some(Tier::Fast)));
        let pass = Roles::from([(Role::Main, choice(Some("gpt-6-luna"), None, None))]);
        let of = |name: &str, pass: &Roles| facts(resolved(name, &selection, pass));
        assert_eq!(of("claude-opus-5", &Roles::new()), is("gpt-6-sol", None, Some(Tier::Fast)));
        assert_eq!(of("claude-opus-5", &pass), is("gpt-6-luna", None, None));
    }

    #[test]
    fn default_in_the_place_of_a_missing_model_is_not_fast() {
        let mut selection = Selection::default();
        selection.set_choice(Role::Main, choice(Some("gone"), Some("high"), Some(Tier::Fast)));
        let of = |name: &str| facts(resolved(name, &selection, &Roles::new()));
        assert_eq!(of("claude-opus-5"), is("gpt-6-sol", Some("high"), None));
    }

    #[test]
    fn names_of_other_programs_mean_the_persons_choice() {
        assert_eq!(means("claude-opus-5-5", Some("gpt-6-luna")).as_deref(), Some("gpt-6-sol"));
        assert_eq!(means("claude-haiku-5", Some("gpt-6-luna")).as_deref(), Some("gpt-6-luna"));
        assert_eq!(means("claude-haiku-5", None).as_deref(), Some("gpt-6-sol"));
        assert_eq!(means("claude-gpt-6-luna", None).as_deref(), Some("gpt-6-luna"));
        assert_eq!(means("", None).as_deref(), Some("gpt-6-sol"));
    }

    #[test]
    fn an_id_of_the_list_is_itself_and_any_other_is_not_known() {
        assert_eq!(means("openai/gpt-6", None).as_deref(), Some("openai/gpt-6"));
        assert_eq!(means("gpt-4o", None), None);
    }

    #[test]
    fn the_mark_of_a_long_window_is_no_part_of_a_name() {
        assert_eq!(means("gpt-6-luna[1m]", None).as_deref(), Some("gpt-6-luna"));
        assert_eq!(means("claude-gpt-6-luna[1m]", None).as_deref(), Some("gpt-6-luna"));
        assert_eq!(means("claude-opus-5-5[1M]", None).as_deref(), Some("gpt-6-sol"));
        assert_eq!(means("openai/gpt-6[200k]", None).as_deref(), Some("openai/gpt-6"));
        assert_eq!(means("gpt-4o[1m]", None), None);
        assert_eq!(without_window("gpt-4o[1m]"), "gpt-4o");
        for name in ["[1m]", "gpt[m]", "gpt[1]", "gpt[1m", "gpt[beta]", "gpt"] {
            assert_eq!(without_window(name), name);
        }
    }

    #[test]
    fn a_provider_may_stand_before_the_model() {
        assert_eq!(with_provider("openai/gpt-6"), Some((OPENAI, "gpt-6")));
        let groq: ProviderId = "openai-compatible:groq".parse().unwrap();
        assert_eq!(with_provider("openai-compatible:groq/meta/llama"), Some((groq, "meta/llama")));
        for name in ["gpt-6", "nobody/gpt-6", "openai/"] {
            assert_eq!(with_provider(name), None, "{name}");
        }
    }
}
