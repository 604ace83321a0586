//! The first step: which provider.

use usher_app::view::{CredentialView, ProviderView};
use usher_app::{ProviderAccess, addable_kinds, provider_access};
use usher_domain::{Failure, ProviderId};
use usher_text::{list, messages as m};

use super::Wizard;
use super::progress::Step;
use crate::commands::accounts::import::can_link;
use crate::commands::providers::{credential, pays};
use crate::language::language;
use crate::questions::{Choice, Stop};

/// The provider that the person wants.
pub(super) enum Chosen {
    /// One that is listed already.
    Known(Box<ProviderView>),
    /// One that is added with its access.
    New(ProviderId),
    /// A service that is still to be named.
    NewService,
}

impl Chosen {
    /// Returns its id, if it has one.
    pub(super) fn id(&self) -> Option<&ProviderId> {
        match self {
            Self::Known(view) => Some(&view.id),
            Self::New(id) => Some(id),
            Self::NewService => None,
        }
    }

    /// Returns what is known of it, if it is listed.
    pub(super) fn known(&self) -> Option<&ProviderView> {
        match self {
            Self::Known(view) => Some(view),
            Self::New(_) | Self::NewService => None,
        }
    }
}

/// Asks for the provider, unless it is `named`. Without a result it is switched off, and stays so.
pub(super) async fn choose(
    wizard: &mut Wizard<'_>,
    named: Option<&ProviderId>,
) -> Result<Option<Chosen>, Stop> {
    Step::Provider.begin(wizard.output);
    let chosen = match named {
        Some(id) => find(wizard, id).await?,
        None => ask(wizard).await?,
    };
    let (name, is_off) = match &chosen {
        Chosen::Known(view) => (view.name.clone(), !view.enabled),
        Chosen::New(id) => (new_name(id).to_owned(), false),
        Chosen::NewService => (m::setup_new_service(language()).to_owned(), false),
    };
    if is_off && !switch_on(wizard, &chosen, &name).await? {
        return Ok(None);
    }
    wizard.progress.found(Step::Provider, name);
    Ok(Some(chosen))
}

/// Asks whether a provider that is switched off is to be used. Steps after this one would fail without it.
async fn switch_on(wizard: &mut Wizard<'_>, chosen: &Chosen, name: &str) -> Result<bool, Stop> {
    let Some(id) = chosen.id() else { return Ok(true) };
    let question = m::setup_ask_switch_on(language(), name);
    if !wizard.questions.confirm(&question, false).await? {
        wizard.output.text(m::setup_stays_off(language(), name));
        return Ok(false);
    }
    wizard.app.providers.set_enabled(id, true).await?;
    wizard.progress.changed(Step::Provider, name);
    Ok(true)
}

/// Returns the provider of `--provider`.
async fn find(wizard: &Wizard<'_>, id: &ProviderId) -> Result<Chosen, Failure> {
    match wizard.app.providers.get(id).await {
        Ok(view) => Ok(Chosen::Known(Box::new(view))),
        Err(_) if addable().any(|addable| addable == *id) => Ok(Chosen::New(id.clone())),
        Err(failure) => Err(failure),
    }
}

async fn ask(wizard: &Wizard<'_>) -> Result<Chosen, Stop> {
    let listed = wizard.app.providers.list().await?;
    let in_use = listed.tools.provider;
    let start = listed.providers.iter().position(|view| view.id == in_use).unwrap_or_default();
    let can_link = can_link(wizard.app).await;
    let is_listed = |id: &ProviderId| listed.providers.iter().any(|view| view.id == *id);
    let new = addable().filter(|id| !is_listed(id));
    let new = new.filter(|id| can_link || provider_access(id) != Some(ProviderAccess::LinkedSignIn));
    let new: Vec<ProviderId> = new.collect();

    let mut choices: Vec<Choice> = listed.providers.iter().map(known_choice).collect();
    choices.extend(new.iter().map(|id| {
        let name = new_name(id);
        Choice::with_answer(&m::setup_choice(language(), name, about(id).unwrap_or_default()), name)
    }));
    choices.push(Choice::new(m::setup_new_service(language())));
    let mut chosen: Vec<Chosen> =
        listed.providers.into_iter().map(|view| Chosen::Known(Box::new(view))).collect();
    chosen.extend(new.into_iter().map(Chosen::New));
    chosen.push(Chosen::NewService);
    let index = wizard.questions.select(m::setup_ask_provider(language()), choices, start).await?;
    Ok(chosen.swap_remove(index))
}

/// Returns the providers that can be added and have no name of their own.
fn addable() -> impl Iterator<Item = ProviderId> {
    addable_kinds().into_iter().filter(|(_, is_named)| !is_named).map(|(kind, _)| ProviderId::of_kind(kind))
}

fn known_choice(view: &ProviderView) -> Choice {
    let about = about(&view.id).unwrap_or(pays(view.pays));
    let about = match &view.credential {
        CredentialView::Missing => about.to_owned(),
        has => m::setup_choice_has(language(), about, credential(has)),
    };
    let off = (!view.enabled).then(|| m::setup_switched_off(language()).to_owned());
    let about = list(language(), &[Some(about), off].into_iter().flatten().collect::<Vec<_>>());
    Choice::with_answer(&m::setup_choice(language(), &view.name, about), &view.name)
}

/// Returns how a provider of OpenAI is paid and reached; `None` for a service, which has its own terms.
fn about(id: &ProviderId) -> Option<&'static str> {
    match provider_access(id)? {
        ProviderAccess::SignIn => Some(m::setup_about_plan(language())),
        ProviderAccess::RequiredKey => Some(m::setup_about_key(language())),
        ProviderAccess::LinkedSignIn => Some(m::setup_about_codex(language())),
        ProviderAccess::OptionalKey => None,
    }
}

/// Returns the name of a provider that is not listed yet.
fn new_name(id: &ProviderId) -> &'static str {
    match provider_access(id) {
        Some(ProviderAccess::LinkedSignIn) => "Codex CLI",
        _ => m::setup_new_openai_key(language()),
    }
}
