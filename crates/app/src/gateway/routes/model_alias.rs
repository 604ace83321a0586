//! What a model's name in a request means.

use usher_domain::{Model, ProviderId, Selection};

use crate::models::catalog::chosen;
use crate::providers::kinds::parse_provider_id;

/// What Claude Code and others begin their models' names with.
const CLAUDE: &str = "claude-";
/// In the name of a client's fast model, which it uses for work in the background.
const FAST: [&str; 2] = ["haiku", "fast"];

/// The model that `name` means at a provider with `models`, for a person who chose `selection`. Nothing when the
/// provider lists no such model; an id that is not listed may exist all the same.
pub(crate) fn known(name: &str, models: &[Model], selection: &Selection) -> Option<Model> {
    let listed = |id: &str| models.iter().find(|model| model.id == id).cloned();
    if name.is_empty() {
        return chosen(models, selection).cloned();
    }
    if let Some(model) = listed(name) {
        return Some(model);
    }
    let name = without_window(name);
    if let Some(model) = listed(name) {
        return Some(model);
    }
    let alias = name.strip_prefix(CLAUDE)?;
    // Clients that keep only names beginning so are offered every model under such a name.
    if let Some(model) = listed(alias) {
        return Some(model);
    }
    let small = selection.small.as_deref().filter(|_| FAST.iter().any(|word| alias.contains(word)));
    small.map(|id| listed(id).unwrap_or_else(|| unlisted(id))).or_else(|| chosen(models, selection).cloned())
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

    fn means(name: &str, small: Option<&str>) -> Option<String> {
        let model = |id: &str, default| Model { default, ..unlisted(id) };
        let models = [model("gpt-6-sol", true), model("gpt-6-luna", false), model("openai/gpt-6", false)];
        let selection = Selection { small: small.map(Into::into), ..Selection::default() };
        known(name, &models, &selection).map(|model| model.id)
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
