//! `usher status`: shows accounts, plan and limits without using the network.

use usher_app::view::{
    AccountView, CredentialView, FailureView, GatewayRunner, GatewayView, Overview, ProviderView, StoreKind,
    ToolsView,
};
use usher_app::{App, CHATGPT, MANAGE_USAGE, Target};
use usher_domain::{
    ErrorCode, ExitStatus, Failure, PlanUse, Role, RoleChoice, Selection, SignInRoute, UnixTime,
};

use super::accounts::sign_in_again_hint;
use super::outcomes::print_after;
use super::providers;
use crate::output::role_choice::with_details;
use crate::output::{Output, json::StatusDocument, messages::Subject, shell_quoted, time_format};

pub(crate) async fn run(app: &App, target: &Target, output: Output) -> Result<ExitStatus, Failure> {
    // Settings that cannot be read are reported below.
    let tools = app.providers.tools().await.ok();
    let provider = match app.connector.resolve_provider(target).await {
        // What tools use was removed by hand. That is reported below, and no reason to show nothing.
        Err(_) if *target == Target::default() => CHATGPT,
        provider => provider?,
    };
    if provider != CHATGPT {
        let view = app.providers.get(&provider).await?;
        let status = other(app, &view, tools.as_ref(), output.for_provider(&provider));
        if target.provider.is_none() && app.overview.read().await?.account.is_none() {
            output.text("OpenAI, your ChatGPT plan: not signed in. To sign in, run `usher login`.");
        }
        return Ok(status);
    }
    let overview = app.overview.read_for(target.account.as_deref()).await?;
    let route = overview.account.as_ref().map(|account| account.route).unwrap_or_default();
    let output = output.for_route(route);
    let blocking = overview.attention.as_ref().filter(|failure| failure.code != ErrorCode::UsageLimitReached);
    let signed_in = overview.account.is_some() && blocking.is_none();
    let gateway = app.gateway.view();
    let gateway_line = gateway_line(&gateway);
    let locked_since = overview.passes_locked_at;
    let refused = refused(app).await;
    output.document(
        &StatusDocument::new(&overview, signed_in, gateway)
            .with_problems(&refused)
            .with_tools(tools.as_ref())
            .with_lock(locked_since.is_some()),
    );
    output.lines(lines(&overview, renews(app, &overview).await, app.now()));
    output.lines(tools.as_ref().filter(|tools| is_worth_saying(tools, &overview)).map(tools_status));
    output.lines(gateway_line);
    output.lines(locked_since.map(locked_line));
    output.lines(refused.iter().filter_map(|one| {
        let failure = one.attention.as_ref()?;
        let message = Subject::of(Some(&one.id)).message_with_cause(failure.code, &failure.cause);
        Some(format!("  Trouble    {}: {message}", one.name))
    }));
    if !blocking.is_some_and(|failure| is_of_store(failure.code)) {
        for problem in app.doctor.store_problems().await {
            output.warning(problem);
        }
    }
    if let Some(failure) = blocking {
        match sign_in_again_hint(app, target, output.subject, failure.code).await {
            Some(hint) => {
                output.print_failure_with_hint(&to_failure(failure), &hint);
                print_after(app, output).await;
            }
            None => output.print_failure(&to_failure(failure)),
        }
        return Ok(failure.code.exit_status());
    }
    if !signed_in {
        output.text(format!("  {}", output.subject.hint(ErrorCode::SignInRequired)));
        return Ok(ExitStatus::SignInRequired);
    }
    Ok(ExitStatus::Success)
}

/// Returns the other providers that refused their key or sign-in. What is only missing is no problem.
async fn refused(app: &App) -> Vec<ProviderView> {
    let all = app.providers.list().await.map(|all| all.providers).unwrap_or_default();
    let is_refused = |one: &ProviderView| {
        let code = one.attention.as_ref().map(|failure| failure.code);
        one.id != CHATGPT && code.is_some_and(|code| code != ErrorCode::SignInRequired && !is_of_store(code))
    };
    all.into_iter().filter(is_refused).collect()
}

/// Returns whether who pays for tools is news: not where nobody is signed in, which is reported already.
fn is_worth_saying(tools: &ToolsView, overview: &Overview) -> bool {
    tools.provider != CHATGPT || overview.accounts > 0
}

fn tools_status(tools: &ToolsView) -> String {
    format!("  {}", providers::tools_line(tools))
}

fn gateway_line(gateway: &GatewayView) -> Option<String> {
    let address = gateway.address.as_ref()?;
    let by = match (gateway.by, gateway.process) {
        (Some(GatewayRunner::App), Some(process)) => {
            format!(", run by Usher in the background (process {process})")
        }
        (Some(GatewayRunner::Settings), Some(process)) => {
            format!(", run by `usher settings` (process {process})")
        }
        (Some(GatewayRunner::Run), Some(process)) => {
            format!(", run by `usher run` (process {process}) until its program ends")
        }
        _ => String::new(),
    };
    Some(format!("  Gateway    {address}{by}"))
}

fn locked_line(since: UnixTime) -> String {
    format!("  Passes     all locked since {}; allow them with `usher unlock`", time_format::moment(since))
}

/// Returns whether the account has a refresh token. A store that cannot be read is reported by the overview.
async fn renews(app: &App, overview: &Overview) -> bool {
    let cards = app.accounts.list().await.unwrap_or_default();
    let shown = overview.account.as_ref().map(|account| &account.id);
    cards.iter().find(|card| Some(&card.account.id) == shown).is_none_or(|card| card.renews)
}

/// Prints the status of a provider other than the plan.
fn other(app: &App, provider: &ProviderView, tools: Option<&ToolsView>, output: Output) -> ExitStatus {
    let missing =
        matches!(provider.credential, CredentialView::Missing | CredentialView::KeyOfOtherAddress { .. });
    let signed_in = !missing && provider.attention.is_none();
    let document = StatusDocument::of_provider(provider, signed_in, app.gateway.view());
    let locked_since = app.pass_lock.locked_since();
    output.document(&document.with_tools(tools).with_lock(locked_since.is_some()));
    output.lines(providers::lines(provider));
    output.lines(tools.map(tools_status));
    output.lines(locked_since.map(locked_line));
    match &provider.attention {
        Some(failure) => {
            output.print_failure(&to_failure(failure));
            failure.code.exit_status()
        }
        None if missing => {
            output
                .text(format!("  Save a key with `usher login --provider {} --api-key-stdin`.", provider.id));
            ExitStatus::SignInRequired
        }
        None => ExitStatus::Success,
    }
}

fn lines(overview: &Overview, renews: bool, now: UnixTime) -> Vec<String> {
    let route = overview.account.as_ref().map(|account| account.route).unwrap_or_default();
    let title = match route {
        SignInRoute::CodexClient => "OpenAI, your ChatGPT plan (ChatGPT-backed, experimental)",
        SignInRoute::PlanUsage => "OpenAI, using ChatGPT plan (for Usher only: tools can't use it)",
    };
    let mut lines = vec![title.to_owned()];
    let Some(account) = &overview.account else {
        let unreadable = overview.attention.as_ref().is_some_and(|failure| is_of_store(failure.code));
        let account = if unreadable { "unknown: the sign-ins cannot be read" } else { "not signed in" };
        lines.push(format!("  Account    {account}"));
        if unreadable || overview.store.set_aside.is_some() {
            lines.push(format!("  Store      {}", store(overview)));
        }
        return lines;
    };
    let email = account.email.as_deref().unwrap_or("no e-mail");
    lines.push(format!("  Account    {}: {email}, {}", account.name, account.plan_name));
    let model = overview.selection.model.as_deref().unwrap_or("the account's default");
    let main = with_details(model.to_owned(), &overview.selection.choice(Role::Main));
    lines.push(format!("  Model      {main}"));
    lines.extend(roles(&overview.selection));
    let ended = overview.attention.as_ref().is_some_and(|failure| failure.code.requires_sign_in());
    lines.extend(plan(account));
    lines.extend(if ended { Some(ENDED.to_owned()) } else { sign_in(renews, overview.expires_at) });
    lines.push(format!("  Store      {}", store(overview)));
    if !overview.enabled {
        lines.push("  Enabled    no; requests of tools are rejected".into());
    }
    let windows = overview.usage.iter().flat_map(|usage| &usage.windows);
    for window in windows {
        let label = usher_app::window_label(window);
        let share = time_format::share_used(window.used_percent, window.resets_at, now);
        lines.push(format!("  Limit      {label} window {share}"));
    }
    for limit in overview.usage.iter().flat_map(|usage| &usage.spend_limits) {
        let share = time_format::share_used(limit.used_percent, limit.resets_at, now);
        lines.push(format!("  Limit      {} {share}", limit.scope.limit_name()));
    }
    for pending in &overview.pending_revocations {
        let whose = pending.email.as_deref().unwrap_or("an account");
        lines.push(format!(
            "  Pending    the sign-in for {whose} is not ended at OpenAI yet; Usher tries until {}",
            time_format::moment(pending.gives_up_at)
        ));
    }
    lines
}

/// Returns a line for each role for which something of its own is chosen.
fn roles(selection: &Selection) -> impl Iterator<Item = String> {
    let chosen = |role: &Role| (*role, selection.choice(*role));
    let others = Role::ALL.iter().filter(|role| **role != Role::Main).map(chosen);
    others.filter(|(_, choice)| *choice != RoleChoice::default()).map(|(role, choice)| {
        let next = role.fallbacks()[1].as_ref();
        let model = choice.model.clone().unwrap_or_else(|| format!("the model of {next}"));
        format!("    {:<8} {}", role.as_ref(), with_details(model, &choice))
    })
}

/// Returns the line about the plan, where its use is a consent of its own. How much of it is used is not known (siwc §12).
fn plan(account: &AccountView) -> Option<String> {
    Some(match account.plan_use? {
        PlanUse::Allowed => format!("  Plan       Manage usage: {MANAGE_USAGE}"),
        PlanUse::NotAllowed => {
            let name = shell_quoted(&account.name);
            format!("  Plan       not allowed; allow it with `usher login --account {name} --allow-plan`")
        }
    })
}

/// The line of a sign-in that cannot be used any more. The error below it says why.
const ENDED: &str = "  Sign-in    ended";

fn is_of_store(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::StoreCorrupt
            | ErrorCode::StoreUnavailable
            | ErrorCode::StoreLocked
            | ErrorCode::PassphraseNeeded
    )
}

fn sign_in(renews: bool, expires_at: Option<UnixTime>) -> Option<String> {
    let text = match (renews, expires_at.map(time_format::moment)) {
        (true, None) => return None,
        (true, Some(_)) => "renews by itself".to_owned(),
        (false, None) => "an access token, which cannot be renewed".to_owned(),
        (false, Some(end)) => format!("an access token, which cannot be renewed; it expires {end}"),
    };
    Some(format!("  Sign-in    {text}"))
}

fn store(overview: &Overview) -> String {
    let place = match overview.store.kind {
        Some(StoreKind::Keyring) => "encrypted file, key in the keyring",
        Some(StoreKind::File) if overview.store.key_beside_records => {
            "encrypted file; anyone with access to the folder can open it"
        }
        Some(StoreKind::File) => "encrypted file, opened by a passphrase",
        None => "unknown",
    };
    match &overview.store.set_aside {
        Some(name) => format!("{place}; a damaged one is kept as {name}"),
        None => place.to_owned(),
    }
}

pub(crate) fn to_failure(view: &FailureView) -> Failure {
    Failure::new(view.code, view.cause.clone()).with_retry_at(view.retry_at)
}
