//! `usher status`: shows accounts, plan and limits without using the network.

use std::fmt::Display;

use usher_app::view::{
    AccountView, CredentialView, FailureView, GatewayRunner, GatewayView, Overview, ProviderView, StoreKind,
    ToolsView,
};
use usher_app::{App, CHATGPT, MANAGE_USAGE, Target};
use usher_domain::{
    ErrorCode, ExitStatus, Failure, PlanUse, Role, RoleChoice, Selection, SignInRoute, UnixTime,
};

use usher_text::{messages as m, window as window_name};

use super::accounts::sign_in_again_hint;
use super::outcomes::print_after;
use super::providers;
use crate::language::{Text, language};
use crate::output::columns::labeled;
use crate::output::role_choice::with_details;
use crate::output::{
    Output, account_summary, json::StatusDocument, limit_name, messages::Subject, shell_quoted, shown_cause,
    time_format,
};

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
            output.text(m::status_plan_not_signed_in(language()));
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
    output.lines(refused.iter().filter_map(problem_line));
    if !blocking.is_some_and(|failure| is_of_store(failure.code)) {
        for problem in app.doctor.store_problems().await {
            output.warning(shown_cause(&problem));
        }
    }
    if let Some(failure) = blocking {
        return Ok(print_blocking(app, target, failure, output).await);
    }
    if !signed_in {
        output.text(format!("  {}", output.subject.hint(language(), ErrorCode::SignInRequired)));
        return Ok(ExitStatus::SignInRequired);
    }
    Ok(ExitStatus::Success)
}

/// Returns the line of another provider that refused its key or sign-in.
fn problem_line(provider: &ProviderView) -> Option<String> {
    let failure = provider.attention.as_ref()?;
    let message =
        Subject::of(Some(&provider.id)).message_with_cause(language(), failure.code, &failure.cause);
    Some(line(m::label_problem, m::status_problem_of(language(), &provider.name, message)))
}

/// Prints why the plan cannot be used, and what to do.
async fn print_blocking(app: &App, target: &Target, failure: &FailureView, output: Output) -> ExitStatus {
    match sign_in_again_hint(app, target, output.subject, failure.code).await {
        Some(hint) => {
            output.print_failure_with_hint(&to_failure(failure), &hint);
            print_after(app, output).await;
        }
        None => output.print_failure(&to_failure(failure)),
    }
    failure.code.exit_status()
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
    let text = match (gateway.by, gateway.process) {
        (Some(GatewayRunner::App), Some(process)) => m::gateway_by_app(language(), address, process),
        (Some(GatewayRunner::Settings), Some(process)) => {
            m::gateway_by_settings(language(), address, process)
        }
        (Some(GatewayRunner::Run), Some(process)) => m::gateway_by_run(language(), address, process),
        _ => address.clone(),
    };
    Some(line(m::label_gateway, text))
}

fn locked_line(since: UnixTime) -> String {
    line(m::label_passes, m::status_locked(language(), time_format::moment(since)))
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
            output.text(format!("  {}", m::status_save_key(language(), &provider.id)));
            ExitStatus::SignInRequired
        }
        None => ExitStatus::Success,
    }
}

fn lines(overview: &Overview, renews: bool, now: UnixTime) -> Vec<String> {
    let route = overview.account.as_ref().map(|account| account.route).unwrap_or_default();
    let title = match route {
        SignInRoute::CodexClient => m::status_title_plan,
        SignInRoute::PlanUsage => m::status_title_plan_usage,
    };
    let mut lines = vec![title(language()).to_owned()];
    let Some(account) = &overview.account else {
        let unreadable = overview.attention.as_ref().is_some_and(|failure| is_of_store(failure.code));
        let account = if unreadable { m::status_account_unknown } else { m::status_not_signed_in };
        lines.push(line(m::label_account, account(language())));
        if unreadable || overview.store.set_aside.is_some() {
            lines.push(line(m::label_store, store(overview)));
        }
        return lines;
    };
    lines.push(line(m::label_account, account_summary(account)));
    let model = overview.selection.model.as_deref().unwrap_or(m::default_model(language()));
    let main = with_details(model.to_owned(), &overview.selection.choice(Role::Main));
    lines.push(line(m::label_model, main));
    lines.extend(roles(&overview.selection));
    let ended = overview.attention.as_ref().is_some_and(|failure| failure.code.requires_sign_in());
    lines.extend(plan(account));
    // The error below says why one has ended.
    let ended = ended.then(|| line(m::label_sign_in, m::status_sign_in_ended(language())));
    lines.extend(ended.or_else(|| sign_in(renews, overview.expires_at)));
    lines.push(line(m::label_store, store(overview)));
    if !overview.enabled {
        lines.push(line(m::label_enabled, m::status_disabled(language())));
    }
    let windows = overview.usage.iter().flat_map(|usage| &usage.windows);
    for window in windows {
        let share = time_format::share_used(window.used_percent, window.resets_at, now);
        lines.push(limit_line(&window_name(language(), window), share));
    }
    for limit in overview.usage.iter().flat_map(|usage| &usage.spend_limits) {
        let share = time_format::share_used(limit.used_percent, limit.resets_at, now);
        lines.push(limit_line(limit_name(limit.scope), share));
    }
    for pending in &overview.pending_revocations {
        let whose = pending.email.as_deref().unwrap_or(m::status_an_account(language()));
        let until = time_format::moment(pending.gives_up_at);
        lines.push(line(m::label_pending, m::status_pending(language(), whose, until)));
    }
    lines
}

/// Returns a line of the status.
fn line(label: Text, value: impl Display) -> String {
    format!("  {}", labeled(label, value))
}

fn limit_line(limit: &str, share: String) -> String {
    line(m::label_limit, m::status_limit_share(language(), limit, share))
}

/// Returns a line for each role for which something of its own is chosen.
fn roles(selection: &Selection) -> impl Iterator<Item = String> {
    let chosen = |role: &Role| (*role, selection.choice(*role));
    let others = Role::ALL.iter().filter(|role| **role != Role::Main).map(chosen);
    others.filter(|(_, choice)| *choice != RoleChoice::default()).map(|(role, choice)| {
        let next = role.fallbacks()[1].as_ref();
        let model = choice.model.clone().unwrap_or_else(|| m::model_of_role(language(), next));
        format!("    {:<8} {}", role.as_ref(), with_details(model, &choice))
    })
}

/// Returns the line about the plan, where its use is a consent of its own. How much of it is used is not known (siwc §12).
fn plan(account: &AccountView) -> Option<String> {
    Some(match account.plan_use? {
        PlanUse::Allowed => line(m::label_plan, m::status_manage_usage(language(), MANAGE_USAGE)),
        PlanUse::NotAllowed => {
            let name = shell_quoted(&account.name);
            line(m::label_plan, m::status_plan_not_allowed(language(), name))
        }
    })
}

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
        (true, Some(_)) => m::status_renews(language()).to_owned(),
        (false, None) => m::status_access_token(language()).to_owned(),
        (false, Some(end)) => m::status_access_token_until(language(), end),
    };
    Some(line(m::label_sign_in, text))
}

fn store(overview: &Overview) -> String {
    let place = match overview.store.kind {
        Some(StoreKind::Keyring) => m::store_keyring,
        Some(StoreKind::File) if overview.store.key_beside_records => m::store_file,
        Some(StoreKind::File) => m::store_passphrase,
        None => m::unknown,
    };
    let place = place(language());
    match &overview.store.set_aside {
        Some(name) => m::store_set_aside(language(), place, name),
        None => place.to_owned(),
    }
}

pub(crate) fn to_failure(view: &FailureView) -> Failure {
    Failure::new(view.code, view.cause.clone()).with_retry_at(view.retry_at)
}
