//! `usher providers`: lists, adds, changes, enables, disables and removes providers.

use serde::Serialize;
use usher_app::view::{
    Billing, CredentialView, EndpointView, HostView, NewEndpoint, PassChange, PassOutcome, PassUse,
    ProviderChange, ProviderView, ProvidersView, ToolsView,
};
use usher_app::{
    App, ProviderAccess, Target, addable_kinds, check_header, check_key, id_of_service, provider_access,
};
use usher_domain::{ApiKey, ErrorCode, ExitStatus, Failure, HeaderSecret, Preset, ProviderId};
use usher_text::{Language, list as list_of, messages as m};

use super::accounts::logout::from_environment;
use super::outcomes::{confirm_on_terminal, print_after, print_before, print_users, uses_provider};
use crate::args::{AddProvider, ProvidersCommand, SetProvider};
use crate::language::language;
use crate::output::columns::labeled;
use crate::output::{
    Output, account_summary, json::ModelChoice, json::ToolsFields, messages::Subject, reason, time_format,
};
use crate::stdin::secret;

#[derive(Serialize)]
struct ProvidersDocument<'a> {
    providers: Vec<ProviderFields<'a>>,
    tools: ToolsFields,
    presets: &'a [Preset],
    hosts: &'a [HostView],
}

/// A provider after a change.
#[derive(Serialize)]
struct ChangedDocument<'a> {
    #[serde(flatten)]
    provider: ProviderFields<'a>,
    /// What each pass uses from now on, where the change may be about that.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    passes: &'a [PassOutcome],
}

#[derive(Serialize)]
struct ProviderFields<'a> {
    id: &'a ProviderId,
    name: &'a str,
    pays: Billing,
    enabled: bool,
    credential: &'a CredentialView,
    endpoint: Option<&'a EndpointView>,
    model: ModelChoice,
    attention: Option<ErrorCode>,
}

impl<'a> From<&'a ProviderView> for ProviderFields<'a> {
    fn from(view: &'a ProviderView) -> Self {
        Self {
            id: &view.id,
            name: &view.name,
            pays: view.pays,
            enabled: view.enabled,
            credential: &view.credential,
            endpoint: view.endpoint.as_ref(),
            model: ModelChoice::from(&view.selection),
            attention: view.attention.as_ref().map(|failure| failure.code),
        }
    }
}

pub(crate) async fn run(
    app: &App,
    command: &ProvidersCommand,
    target: &Target,
    output: Output,
) -> Result<ExitStatus, Failure> {
    match command {
        ProvidersCommand::List => list(&app.providers.list().await?, output),
        ProvidersCommand::Add(new) => show(&add(app, new).await?, m::provider_added, &[], output),
        ProvidersCommand::Set(change) => {
            show(&set(app, change).await?, m::provider_changed, &[], output);
            print_users(app, |next| uses_provider(next, &change.id), output).await;
        }
        ProvidersCommand::Enable { id } => {
            app.providers.set_enabled(id, true).await?;
            show(&app.providers.get(id).await?, m::provider_enabled, &[], output);
        }
        ProvidersCommand::Disable { id } => {
            print_before(app, &PassChange::SwitchOff { provider: id.clone() }, output).await;
            app.providers.set_enabled(id, false).await?;
            let passes = app.passes.outcomes(None).await.unwrap_or_default();
            show(&app.providers.get(id).await?, m::provider_disabled, &passes, output);
            print_after(app, output).await;
        }
        ProvidersCommand::Remove { id, yes } => {
            let provider = app.providers.get(id).await?;
            print_before(app, &PassChange::Remove { provider: id.clone() }, output).await;
            confirm_on_terminal(&m::providers_ask_remove(language(), id), *yes)?;
            app.providers.remove(id).await?;
            show_removed(app, &provider, output).await;
            print_after(app, output).await;
        }
        ProvidersCommand::Use { id } => use_for_tools(app, id, target, output).await?,
    }
    Ok(ExitStatus::Success)
}

/// Makes `id` the provider that tools use, and the account that `target` names the one in use.
async fn use_for_tools(app: &App, id: &ProviderId, target: &Target, output: Output) -> Result<(), Failure> {
    let account = match &target.account {
        Some(wanted) if provider_access(id) == Some(ProviderAccess::SignIn) => {
            Some(app.accounts.find_id(wanted).await?)
        }
        Some(_) => {
            let cause = format!("{id} has no accounts; leave out --account");
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        None => None,
    };
    app.providers.get(id).await?;
    let change = PassChange::UseProvider { provider: id.clone(), account: account.clone() };
    print_before(app, &change, output).await;
    if let Some(account) = account {
        app.accounts.make_active(account).await?;
    }
    app.providers.use_for_tools(id).await?;
    let passes = app.passes.outcomes(None).await.unwrap_or_default();
    show(&app.providers.get(id).await?, m::provider_used_by_tools, &passes, output);
    output.text(format!("  {}", tools_line(&app.providers.tools().await?)));
    print_after(app, output).await;
    Ok(())
}

/// Returns who pays for what tools request: `Tools use  OpenAI, Personal, ada@example.com, paid by your plan`.
pub(crate) fn tools_line(tools: &ToolsView) -> String {
    let text = match &tools.uses {
        PassUse::Refused { failure } => m::tools_use_nothing(language(), reason(failure)),
        PassUse::Uses { provider, account, paid_by, .. } => {
            let who = match paid_by.as_str() {
                "plan" => m::paid_by_plan(language()),
                "key" => m::paid_by_key(language()),
                _ => m::paid_by_service(language()),
            };
            let parts = [Some(provider.clone()), account.clone(), Some(who.to_owned())];
            list_of(language(), &parts.into_iter().flatten().collect::<Vec<_>>())
        }
    };
    labeled(m::label_tools_use, text)
}

/// Reports a removal. A provider whose key comes from the environment stays while the variable is set.
async fn show_removed(app: &App, provider: &ProviderView, output: Output) {
    let passes = app.passes.outcomes(None).await.unwrap_or_default();
    match app.providers.get(&provider.id).await.map(|now| now.credential) {
        Ok(CredentialView::Environment { variable, .. }) => {
            output.document(&ChangedDocument { provider: provider.into(), passes: &passes });
            output.text(from_environment(&provider.id, &variable));
        }
        _ => show(provider, m::provider_removed, &passes, output),
    }
}

async fn add(app: &App, new: &AddProvider) -> Result<ProviderView, Failure> {
    let key: Option<ApiKey> = if new.api_key_stdin { Some(secret(m::secret_api_key)?) } else { None };
    match addable_kinds().into_iter().find(|(kind, _)| *kind == new.kind) {
        Some((_, true)) => add_service(app, endpoint(app, new).await?, key).await,
        Some(_) if is_for_a_service(new) => {
            let cause = "only openai-compatible takes --name, --base-url, --preset, --timeout, --wire and --local-network";
            Err(Failure::new(ErrorCode::BadUsage, cause))
        }
        Some((kind, false)) => {
            let id = ProviderId::of_kind(kind);
            match key {
                // A kind without keys says so.
                Some(key) => app.providers.save_key(&id, key).await,
                None => app.providers.add(&id).await,
            }
        }
        None => {
            let kinds: Vec<&str> = addable_kinds().into_iter().map(|(kind, _)| kind).collect();
            let cause = format!("{} cannot be added; use one of {}", new.kind, kinds.join(", "));
            Err(Failure::new(ErrorCode::BadUsage, cause))
        }
    }
}

fn is_for_a_service(new: &AddProvider) -> bool {
    let AddProvider { kind: _, name, base_url, preset, api_key_stdin: _, timeout, wire, local_network } = new;
    let given = [name.is_some(), base_url.is_some(), preset.is_some(), timeout.is_some(), wire.is_some()];
    *local_network || given.contains(&true)
}

/// Adds a service with its key, or not at all, so that the command can be repeated after a failure.
pub(crate) async fn add_service(
    app: &App,
    new: NewEndpoint,
    key: Option<ApiKey>,
) -> Result<ProviderView, Failure> {
    if let Some(key) = &key {
        check_key(&id_of_service(&new.name)?, key)?;
    }
    let added = app.providers.add_service(new).await?;
    let Some(key) = key else { return Ok(added) };
    let saved = app.providers.save_key(&added.id, key).await;
    if saved.is_err() {
        // A store that cannot be used fails only here. If removing fails too, the first failure is the one to report.
        let _ = app.providers.remove(&added.id).await;
    }
    saved
}

/// Returns the given values, with those of the preset for the rest.
async fn endpoint(app: &App, new: &AddProvider) -> Result<NewEndpoint, Failure> {
    let presets = app.providers.list().await?.presets;
    let preset = match &new.preset {
        Some(id) => Some(presets.iter().find(|preset| preset.id == *id).ok_or_else(|| {
            let known: Vec<&str> = presets.iter().map(|preset| preset.id).collect();
            let cause = format!("there is no such preset; choose one of {}", known.join(", "));
            Failure::new(ErrorCode::BadUsage, cause)
        })?),
        None => None,
    };
    let missing = |what: &str| Failure::new(ErrorCode::BadUsage, format!("--{what} is needed, or --preset"));
    let name = new.name.clone().or_else(|| preset.map(|preset| preset.name.to_owned()));
    let base_url = new.base_url.clone().or_else(|| preset.map(|preset| preset.base_url.to_owned()));
    Ok(NewEndpoint {
        name: name.ok_or_else(|| missing("name"))?,
        base_url: base_url.ok_or_else(|| missing("base-url"))?,
        timeout_seconds: new.timeout,
        local_network: new.local_network,
        wire: new.wire.map(Into::into),
    })
}

async fn set(app: &App, change: &SetProvider) -> Result<ProviderView, Failure> {
    let id = &change.id;
    let key = if change.api_key_stdin { Some(secret(m::secret_api_key)?) } else { None };
    let header: Option<HeaderSecret> =
        if change.header_stdin.is_some() { Some(secret(m::secret_header_value)?) } else { None };
    // Checked before anything is changed, so that a rejected command changes nothing.
    if let Some(key) = &key {
        check_key(id, key)?;
    }
    if let (Some(name), Some(value)) = (&change.header_stdin, &header) {
        check_header(id, name, value)?;
    }
    let mut view = app
        .providers
        .change(
            id,
            ProviderChange {
                name: change.name.clone(),
                base_url: change.base_url.clone(),
                timeout_seconds: change.timeout,
                local_network: change.local_network,
                wire: change.wire.map(Into::into),
                organization: change.organization.clone(),
                project: change.project.clone(),
            },
        )
        .await?;
    if let Some(key) = key {
        view = app.providers.save_key(id, key).await?;
    }
    if let (Some(name), Some(value)) = (&change.header_stdin, header) {
        view = app.providers.save_header(id, name, value).await?;
    }
    if let Some(name) = &change.remove_header {
        view = app.providers.remove_header(id, name).await?;
    }
    Ok(view)
}

fn list(all: &ProvidersView, output: Output) {
    output.document(&ProvidersDocument {
        providers: all.providers.iter().map(ProviderFields::from).collect(),
        tools: ToolsFields::from(&all.tools),
        presets: &all.presets,
        hosts: &all.hosts,
    });
    for provider in &all.providers {
        let mut lines = lines(provider);
        if all.providers.len() > 1 && provider.id == all.tools.provider {
            lines[0] =
                list_of(language(), &[lines[0].clone(), m::provider_tools_use_this(language()).to_owned()]);
        }
        output.lines(lines);
    }
    output.text(tools_line(&all.tools));
    let hosts: Vec<String> = all.hosts.iter().map(|host| host.origin.clone()).collect();
    output.text(m::providers_hosts(language(), hosts.join(", ")));
}

fn show(
    provider: &ProviderView,
    done: fn(Language, String) -> String,
    passes: &[PassOutcome],
    output: Output,
) {
    output.document(&ChangedDocument { provider: provider.into(), passes });
    output.text(done(language(), provider.id.to_string()));
    output.lines(lines(provider));
}

/// Returns the lines about one provider, for people.
pub(crate) fn lines(provider: &ProviderView) -> Vec<String> {
    let title = m::provider_title(language(), &provider.name, &provider.id);
    let off = (!provider.enabled).then(|| m::provider_off(language()).to_owned());
    let title = [Some(title), Some(pays(provider.pays).to_owned()), off];
    let mut lines = vec![list_of(language(), &title.into_iter().flatten().collect::<Vec<_>>())];
    let mut add = |label, value: &str| lines.push(format!("  {}", labeled(label, value)));
    add(m::label_access, &credential(&provider.credential));
    if let Some(endpoint) = &provider.endpoint {
        add(m::label_address, &endpoint.root);
        if !endpoint.headers.is_empty() {
            add(m::label_headers, &endpoint.headers.join(", "));
        }
    }
    if let Some(model) = &provider.selection.model {
        add(m::label_model, model);
    }
    if let Some(failure) = &provider.attention {
        let subject = Subject::of(Some(&provider.id));
        add(m::label_problem, &subject.message_with_cause(language(), failure.code, &failure.cause));
    }
    lines
}

pub(crate) fn pays(pays: Billing) -> &'static str {
    match pays {
        Billing::Plan => m::pays_plan(language()),
        Billing::PerToken => m::pays_per_token(language()),
        Billing::Service => m::pays_service(language()),
    }
}

/// Returns what Usher has access with, for people.
pub(crate) fn credential(credential: &CredentialView) -> String {
    match credential {
        CredentialView::Missing => m::credential_missing(language()).into(),
        CredentialView::NotNeeded => m::credential_not_needed(language()).into(),
        CredentialView::Headers => m::credential_headers(language()).into(),
        CredentialView::SignIn { account, accounts } => {
            let more = (*accounts > 1).then(|| m::credential_one_of(language(), *accounts as u64));
            let parts = [Some(account_summary(account)), more];
            list_of(language(), &parts.into_iter().flatten().collect::<Vec<_>>())
        }
        CredentialView::Key { ends_in, saved_at } => {
            let saved_at = time_format::moment(*saved_at);
            match ends_in.as_str() {
                "" => m::credential_key(language(), saved_at),
                end => m::credential_key_ending(language(), end, saved_at),
            }
        }
        CredentialView::Environment { variable, ends_in } => match ends_in.as_str() {
            "" => m::credential_environment(language(), variable),
            end => m::credential_environment_ending(language(), end, variable),
        },
        CredentialView::KeyOfOtherAddress { origin } => m::credential_of_other_address(language(), origin),
        CredentialView::Codex { account: Some(account), place, .. } => {
            let email = account.email.as_deref().unwrap_or(m::no_email(language()));
            m::credential_codex(language(), email, &account.plan_name, place)
        }
        CredentialView::Codex { account: None, .. } => m::credential_codex_missing(language()).into(),
    }
}
