//! The second step for a new service: its address and its key.

use usher_app::view::NewEndpoint;
use usher_app::{Target, id_of_service};
use usher_domain::{BaseUrl, ErrorCode, PlainHttp};
use usher_text::messages as m;

use super::Wizard;
use super::key;
use super::progress::Step;
use crate::commands::providers::{add_service, credential};
use crate::language::language;
use crate::questions::{Choice, Stop};

/// Asks for the service and adds it with its key, or not at all.
pub(super) async fn add(wizard: &mut Wizard<'_>) -> Result<Option<Target>, Stop> {
    let (new, needs_key) = choose(wizard).await?;
    let key = if needs_key { key::ask(wizard, &id_of_service(&new.name)?).await? } else { None };
    match add_service(wizard.app, new, key).await {
        Ok(view) => {
            wizard.output = wizard.output.for_provider(&view.id);
            wizard.output.text(m::setup_service_added(language(), &view.name, &view.id));
            wizard.progress.changed(Step::Provider, m::provider_title(language(), &view.name, &view.id));
            wizard.progress.changed(Step::Access, credential(&view.credential));
            Ok(Some(Target::of(view.id)))
        }
        Err(failure) if matches!(failure.code, ErrorCode::BadUsage | ErrorCode::BadUrl) => {
            wizard.output.print_failure(&failure);
            Ok(None)
        }
        Err(failure) => Err(failure.into()),
    }
}

/// Returns the service, and whether it may need a key.
async fn choose(wizard: &Wizard<'_>) -> Result<(NewEndpoint, bool), Stop> {
    let presets = wizard.app.providers.list().await?.presets;
    let label = |name: &str, url: &str| Choice::with_answer(&m::setup_choice(language(), name, url), name);
    let mut choices: Vec<Choice> = presets.iter().map(|one| label(one.name, one.base_url)).collect();
    choices.push(Choice::new(m::setup_other_address(language())));
    let last = choices.len() - 1;
    let index = wizard.questions.select(m::setup_ask_service(language()), choices, last).await?;
    match presets.get(index) {
        Some(preset) => {
            let (name, base_url) = (preset.name.to_owned(), preset.base_url.to_owned());
            Ok((NewEndpoint { name, base_url, ..NewEndpoint::default() }, preset.needs_key))
        }
        None => Ok((enter(wizard).await?, true)),
    }
}

async fn enter(wizard: &Wizard<'_>) -> Result<NewEndpoint, Stop> {
    let (base_url, local_network) = enter_address(wizard).await?;
    let name = loop {
        let name = wizard.questions.text(m::setup_ask_service_name(language())).await?;
        match id_of_service(&name) {
            Ok(_) => break name,
            Err(failure) => wizard.output.print_failure(&failure),
        }
    };
    Ok(NewEndpoint { name, base_url, local_network, ..NewEndpoint::default() })
}

/// Returns an address that can be used, and whether it is in the person's own network.
async fn enter_address(wizard: &Wizard<'_>) -> Result<(String, bool), Stop> {
    loop {
        let address = wizard.questions.text(m::setup_ask_base_url(language())).await?;
        let Err(failure) = BaseUrl::parse(&address, PlainHttp::LoopbackOnly) else {
            return Ok((address, false));
        };
        let is_plain = BaseUrl::parse(&address, PlainHttp::LocalNetwork).is_ok();
        let question = m::setup_ask_local_network(language());
        if is_plain && wizard.questions.confirm(question, false).await? {
            return Ok((address, true));
        }
        wizard.output.print_failure(&failure);
    }
}
