//! The second step for a provider with a key: keep it, or save one.

use usher_app::view::{CredentialView, ProviderView};
use usher_app::{ProviderAccess, Target, check_key, provider_access};
use usher_domain::{ApiKey, ProviderId};
use usher_text::messages as m;

use super::Wizard;
use super::progress::Step;
use crate::commands::providers::credential;
use crate::language::language;
use crate::output::messages::Subject;
use crate::questions::{Choice, Stop};

/// Keeps the access that there is, or saves a key. Without a result none was entered.
pub(super) async fn obtain(
    wizard: &mut Wizard<'_>,
    id: &ProviderId,
    listed: Option<&ProviderView>,
) -> Result<Option<Target>, Stop> {
    let present = listed.map(|view| &view.credential).filter(|credential| has_access(credential));
    let target = Target::of(id.clone());
    let key = match (listed, present) {
        (Some(view), Some(_)) if keep(wizard, view).await? => None,
        _ => ask(wizard, id).await?,
    };
    match (key, present) {
        (Some(key), _) => {
            let view = wizard.app.providers.save_key(id, key).await?;
            wizard.output.text(m::setup_key_saved(language(), credential(&view.credential)));
            wizard.progress.changed(Step::Access, credential(&view.credential));
        }
        (None, Some(present)) => wizard.progress.found(Step::Access, credential(present)),
        (None, None) if is_optional(id) => {
            wizard.progress.found(Step::Access, m::credential_not_needed(language()));
        }
        (None, None) => {
            wizard.output.text(m::setup_no_key_entered(language()));
            return Ok(None);
        }
    }
    Ok(Some(target))
}

/// Asks for a key until one is well-formed; `None` is no key.
pub(super) async fn ask(wizard: &Wizard<'_>, id: &ProviderId) -> Result<Option<ApiKey>, Stop> {
    loop {
        if is_optional(id) {
            wizard.output.text(m::setup_key_optional(language()));
        }
        let Some(key) = wizard.questions.secret(m::secret_api_key).await? else { return Ok(None) };
        match key.and_then(|key| check_key(id, &key).map(|()| key)) {
            Ok(key) => return Ok(Some(key)),
            Err(failure) => wizard.output.print_failure(&failure),
        }
    }
}

fn is_optional(id: &ProviderId) -> bool {
    provider_access(id) == Some(ProviderAccess::OptionalKey)
}

fn has_access(credential: &CredentialView) -> bool {
    !matches!(credential, CredentialView::Missing | CredentialView::KeyOfOtherAddress { .. })
}

/// Asks whether the access that there is stays.
async fn keep(wizard: &Wizard<'_>, view: &ProviderView) -> Result<bool, Stop> {
    if let Some(failure) = &view.attention {
        let subject = Subject::of(Some(&view.id));
        wizard.output.text(subject.message_with_cause(language(), failure.code, &failure.cause));
    }
    let keep = m::setup_keep_key(language(), credential(&view.credential));
    let choices = vec![Choice::new(&keep), Choice::new(m::setup_save_other_key(language()))];
    let start = usize::from(view.attention.is_some());
    Ok(wizard.questions.select(m::setup_ask_which_key(language()), choices, start).await? == 0)
}
